import { rmSync, writeFileSync } from 'node:fs';
import { folder } from './hosts';
import { ROWS } from './rows';

/** Measures one row on the throwaway host that we are on: row.ts NAME FILE [--quick]; the result as JSON. */
async function main(): Promise<void> {
  const [name = '', file = '', quick] = process.argv.slice(2);
  const row = ROWS[name];
  if (!row) throw new Error(`no such row: ${name}`);
  try {
    writeFileSync(file, JSON.stringify(await row.measure(quick === '--quick')));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
