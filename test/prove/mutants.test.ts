import { mutants } from '../support/mutants';
import { faultsOf } from '../support/mutants/witness';

const COUNT = 100;

test('one field of one rule that is another is found, or makes no difference for a reason', () => {
  const counts = { killed: 0, equivalent: 0 };
  const faults: unknown[] = [];
  for (const { seed, pair, mutant, judgement } of mutants(1)) {
    const about = { seed, name: pair.name, before: mutant.before, after: mutant.after };
    if (judgement.kind === 'too large') continue;
    if (judgement.kind === 'wrong') faults.push({ ...about, because: judgement.because });
    else {
      counts[judgement.kind]++;
      if (judgement.kind === 'killed') {
        const found = faultsOf(judgement, pair);
        if (found.length > 0) faults.push({ ...about, question: judgement.difference.question?.join(' '), found });
      }
    }
    if (counts.killed + counts.equivalent + faults.length >= COUNT) break;
  }
  expect(faults).toEqual([]);
  expect(counts.killed).toBeGreaterThan(COUNT / 2);
});
