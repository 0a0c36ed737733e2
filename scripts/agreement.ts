import { compareOnce } from '../test/support/agreement';
import { Kernel } from '../test/support/kernel';

/**
 * Random rulesets, loaded by nft and by legacy iptables, and random packets put into the kernel: does the model say of
 * each what the kernel did? `agreement.ts [RULESETS [PACKETS [FIRST]]]`, PACKETS for each ruleset.
 */
async function main(): Promise<void> {
  const [rulesets = 1000, packets = 100, first = 1] = process.argv.slice(2).map(Number);
  const kernel = new Kernel();
  const counts = { rulesets: 0, packets: 0, refused: 0, disagreements: 0 };
  try {
    for (let seed = first; seed < first + rulesets; seed++) {
      const { compared, disagreements, refused } = await compareOnce(kernel, seed, packets);
      if (refused !== undefined) {
        counts.refused++;
        if (process.env.SHOW_REFUSED) process.stdout.write(`${seed}: ${refused}\n`);
        continue;
      }
      counts.rulesets++;
      counts.packets += compared;
      counts.disagreements += disagreements.length;
      for (const { rules, ...one } of disagreements.slice(0, 1))
        process.stdout.write(`${JSON.stringify(one)}\n${rules}\n`);
    }
  } finally {
    kernel.close();
  }
  process.stdout.write(`${JSON.stringify(counts)}\n`);
  process.exitCode = counts.disagreements === 0 ? 0 : 4;
}

void main();
