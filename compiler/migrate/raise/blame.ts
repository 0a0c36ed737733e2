import { contains, readAddress } from '../../../dsl/core/address';
import type { Origin } from '../../../dsl/core/origin';
import type { Described } from '../../prove';
import { subnetsOf } from './document';
import type { Facts, NetworkFacts } from './facts';

/** The network that a difference is about: where the packet goes or comes from, or that of the rule which decided. */
export function blamed(difference: Described, raised: readonly NetworkFacts[], facts: Facts): NetworkFacts | undefined {
  const { first, second } = difference;
  const tests = [
    ...placesOf(difference).map((place) => (network: NetworkFacts) => isAt(network, place, facts)),
    ...[first, second].map(
      ({ decidedBy }) =>
        (network: NetworkFacts) =>
          [...network.told].some(({ origin }) => isSame(origin, decidedBy)),
    ),
  ];
  for (const test of tests) {
    const found = raised.find(test);
    if (found) return found;
  }
  return undefined;
}

/** Where it leaves and goes to, and where it came from: names of interfaces and addresses. */
function placesOf({ question = [] }: Described): readonly string[] {
  return ['out', 'to', 'in', 'from'].flatMap((word) => {
    const at = question.indexOf(word);
    return at < 0 ? [] : [question[at + 1] ?? ''];
  });
}

function isAt(network: NetworkFacts, place: string, facts: Facts): boolean {
  const address = readAddress(place);
  if (!address) return network.bridge === place;
  return subnetsOf(network, facts).some((subnet) => contains(subnet, address));
}

function isSame(origin: Origin, other: Origin | undefined): boolean {
  return (
    origin.kind === 'source' &&
    other?.kind === 'source' &&
    origin.span.source === other.span.source &&
    origin.span.start === other.span.start
  );
}
