import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Compiles every grammar of the folder `grammar/` into a module of `grammar/generated/`. */
const folder = join(__dirname, '..', 'grammar');
const nearleyc = require.resolve('nearley/bin/nearleyc.js');

mkdirSync(join(folder, 'generated'), { recursive: true });
for (const file of readdirSync(folder).filter((name) => name.endsWith('.ne'))) {
  const output = join(folder, 'generated', file.replace(/\.ne$/, '.ts'));
  execFileSync(process.execPath, [nearleyc, join(folder, file), '--out', output], { stdio: 'inherit' });
}
