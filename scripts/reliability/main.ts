import { writeFileSync } from 'node:fs';
import { cutFiles, fullDisk, readOnly, strangeDirectory, twoAtOnce } from './files';
import { note, Victim } from './host';
import { killAtRandom } from './kills';
import { breakEveryTool } from './tools';
import { applyUnderTraffic, moveUnderTraffic } from './traffic';

/**
 * Does to tsnet what a host may do to it, and counts what becomes of the host: `npm run reliability [-- PART...]`. Prints
 * a line of JSON a part; exits with 1 when anything was neither old nor new. Takes about half an hour.
 */
const PARTS: Readonly<Record<string, () => Promise<Readonly<Record<string, unknown>>>>> = {
  kills: async () => ({ nft: await killAtRandom('nft', 350), iptables: await killAtRandom('iptables', 150) }),
  'tools-nft': () => breakTools('nft'),
  'tools-iptables': () => breakTools('iptables'),
  files: async () => ({
    'full disk': await fullDisk(),
    'cut short': await cutFiles(),
    'read-only': await readOnly(),
    'strange directory': strangeDirectory(),
    'two at once': await twoAtOnce(20),
  }),
  moves: async () => ({ nft: await moveUnderTraffic('nft', 20), iptables: await moveUnderTraffic('iptables', 20) }),
  traffic: async () => ({
    nft: await applyUnderTraffic('nft', 1000),
    iptables: await applyUnderTraffic('iptables', 100),
  }),
};

async function breakTools(target: 'nft' | 'iptables') {
  const victim = new Victim(target);
  const results = await breakEveryTool(victim);
  victim.close();
  return results;
}

async function main(asked: readonly string[]): Promise<void> {
  const report = process.env.RELIABILITY_REPORT;
  for (const part of asked.length > 0 ? asked : Object.keys(PARTS)) {
    note(`${part} ...`);
    const result = await PARTS[part]?.();
    const line = JSON.stringify({ part, result });
    process.stdout.write(`${line}\n`);
    if (report) writeFileSync(report, `${line}\n`, { flag: 'a' });
    if (wrongIn(result)) process.exitCode = 1;
  }
}

/** Whether anything was counted that must never be. */
function wrongIn(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(value).some(
    ([key, inner]) => (['between', 'wrong', 'broken', 'refused'].includes(key) && inner !== 0) || wrongIn(inner),
  );
}

main(process.argv.slice(2)).then(
  () => process.exit(),
  (error: Error) => {
    process.stderr.write(`${error.stack}\n`);
    process.exit(1);
  },
);
