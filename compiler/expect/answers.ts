import { formatAddress } from '../../dsl/core/address';
import type { ExpectationIntent, IntentDocument } from '../../dsl/intent/model';
import type { Resolved } from '../compile';
import { spellExpectation } from '../frontend/spell';
import { layoutFor } from '../world/layout';
import type { World } from '../world/world';
import { check, type Finding } from './expectations';
import { groupsOf } from './rules';
import { type Sample, samplesOf } from './samples';

export interface Answer extends Finding {
  /** The expectation's place in the intent. */
  readonly index: number;
  /** `expect web -> db tcp 5432 allowed` */
  readonly text: string;
}

/** What came of an intent's expectations, and packets of each that can be sent. */
export interface Answered {
  readonly answers: readonly Answer[];
  readonly samples: readonly Sample[];
}

/**
 * Answers each expectation for all packets that it speaks of. What is expected to arrive is expected to be answered:
 * that the answer comes back is asked of samples.
 */
export function answerExpectations(resolved: Resolved, world: World): Answered {
  const written = (resolved.document() as IntentDocument).expectations ?? [];
  const outside = layoutFor(resolved.topology).wires[0].outside.map(({ address }) => address);
  const answered = groupsOf(resolved, world).flatMap((group) => {
    const rules = group.rules();
    return group.asked.map((asked) => {
      const { index, expectation } = asked;
      const samples = samplesOf(asked, outside, world, rules.programs);
      const finding = withAnswers(check(asked, world, rules), expectation.outcome, samples);
      return { answer: { index, text: written[index] ? spellExpectation(written[index]) : '', ...finding }, samples };
    });
  });
  const inOrder = answered.sort((a, b) => a.answer.index - b.answer.index);
  return { answers: inOrder.map(({ answer }) => answer), samples: inOrder.flatMap(({ samples }) => samples) };
}

function withAnswers(finding: Finding, outcome: ExpectationIntent['outcome'], samples: readonly Sample[]): Finding {
  if (!finding.holds || outcome === 'denied') return finding;
  const arriving = samples.filter(({ arrives }) => arrives);
  const unanswered = arriving.find(({ answers }) => answers === undefined);
  if (outcome !== 'allowed' && arriving.some(({ answers }) => answers !== undefined)) return finding;
  return unanswered ? { ...finding, holds: false, packet: wordsOf(unanswered) } : finding;
}

function wordsOf({ from, source, destination, protocol, port }: Sample): readonly string[] {
  const sender = from === 'outside' ? formatAddress(source) : from;
  return ['from', sender, 'to', formatAddress(destination), protocol, String(port)];
}
