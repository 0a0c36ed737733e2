import { type Judged, mutants } from '../test/support/mutants';
import { faultsOf } from '../test/support/mutants/witness';

/**
 * One field of one rule changed in one of two rulesets that are proven to be alike: does the prover find each, with a
 * packet that the evaluator treats otherwise, and that `why` tells as the proof does? `mutants.ts [COUNT [FIRST]]`
 */
function main(): void {
  const [count = 1000, first = 1] = process.argv.slice(2).map(Number);
  const counts: Record<string, number> = {};
  const add = (name: string) => {
    counts[name] = (counts[name] ?? 0) + 1;
  };
  for (const judged of mutants(first)) {
    const { judgement, pair, side } = judged;
    if (judgement.kind === 'too large') {
      add('more: not decided, too large');
      if (process.env.SHOW === judgement.kind) process.stdout.write(told(judged));
      continue;
    }
    add('mutants');
    add(`of ${pair.of}`);
    add(`of ${pair.sides[side].kind} text`);
    add(judgement.kind === 'equivalent' ? `equivalent: ${judgement.reason}` : judgement.kind);
    const faults = judgement.kind === 'killed' ? faultsOf(judgement, pair) : [];
    if (faults.length > 0) {
      add('with a packet that is not told well');
      process.stdout.write(`${told(judged)}  ${faults.join('\n  ')}\n`);
    }
    if (judgement.kind === 'wrong' || process.env.SHOW === judgement.kind) process.stdout.write(told(judged));
    if (counts.mutants === count) break;
  }
  for (const [name, number] of Object.entries(counts)) process.stdout.write(`${String(number).padStart(6)} ${name}\n`);
  process.exitCode = counts.wrong || counts['with a packet that is not told well'] ? 4 : 0;
}

function told({ seed, pair, mutant, judgement }: Judged): string {
  return `${seed} ${pair.name}: ${mutant.before.trim()}\n  => ${mutant.after.trim()}\n  ${judgement.kind} ${whyOf(judgement)}\n`;
}

function whyOf(judgement: Judged['judgement']): string {
  switch (judgement.kind) {
    case 'wrong':
      return judgement.because;
    case 'equivalent':
      return judgement.reason;
    case 'killed':
      return (judgement.difference.question ?? []).join(' ');
    case 'too large':
      return '';
  }
}

main();
