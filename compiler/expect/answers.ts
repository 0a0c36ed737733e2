import { formatAddress } from '../../dsl/core/address';
import type { Compiled } from '../compile';
import type { World } from '../world/world';
import { type Answer, checkExpectations } from './expectations';
import { type Sample, samplesOf } from './samples';

/** What came of an intent's expectations, and packets of each that can be sent. */
export interface Answered {
  readonly answers: readonly Answer[];
  readonly samples: readonly Sample[];
}

/**
 * Answers each expectation for all packets that it speaks of. What is expected to arrive is expected to be answered:
 * that the answer comes back is asked of samples.
 */
export function answerExpectations(compiled: Compiled, world: World): Answered {
  const samples = samplesOf(compiled, world);
  const answers = checkExpectations(compiled, world).map((answer): Answer => {
    const { outcome } = compiled.intent.expectations[answer.index] ?? { outcome: 'denied' };
    if (!answer.holds || outcome === 'denied') return answer;
    const arriving = samples.filter(({ index, arrives }) => index === answer.index && arrives);
    const unanswered = arriving.find(({ answers }) => answers === undefined);
    if (outcome !== 'allowed' && arriving.some(({ answers }) => answers !== undefined)) return answer;
    return unanswered ? { ...answer, holds: false, packet: wordsOf(unanswered) } : answer;
  });
  return { answers, samples };
}

function wordsOf({ from, source, destination, protocol, port }: Sample): readonly string[] {
  const sender = from === 'outside' ? formatAddress(source) : from;
  return ['from', sender, 'to', formatAddress(destination), protocol, String(port)];
}
