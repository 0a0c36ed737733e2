import { fuzz } from '../test/support/migrate/fuzz';
import { randomly } from '../test/support/random';

/** Dumps of rules that are made up, against iptables, nft and the prover: `npm run fuzz:migrate -- [DUMPS] [SEED]`. */
function main(): void {
  const [dumps = 2000, seed = 1] = process.argv.slice(2).map(Number);
  const below = randomly(seed);
  const counts = { dumps, rules: 0, accepted: 0, lost: 0, wrong: 0, lax: 0, failed: 0 };
  for (let done = 0; done < dumps; done += 200) {
    const { wrong, lax, failed, ...numbers } = fuzz(below, Math.min(200, dumps - done));
    for (const line of wrong) process.stdout.write(`WRONG ${line}\n`);
    for (const line of lax) process.stdout.write(`LAX ${line}\n`);
    for (const text of failed) process.stdout.write(`FAILED ${text}\n`);
    counts.rules += numbers.rules;
    counts.accepted += numbers.accepted;
    counts.lost += numbers.lost;
    counts.wrong += wrong.length;
    counts.lax += lax.length;
    counts.failed += failed.length;
  }
  process.stdout.write(`${JSON.stringify(counts)}\n`);
  process.exitCode = counts.wrong + counts.failed === 0 ? 0 : 1;
}

main();
