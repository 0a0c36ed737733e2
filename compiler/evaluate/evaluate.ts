import type { Hook } from '../../dsl/ruleset/tree';
import { type Field, holds } from '../meaning/condition';
import { OPENING, ORIGINAL_PORTS, ORIGINALS, routedBit, WITH_PORTS } from '../meaning/fields';
import type { Program } from '../meaning/program';
import type { Decision, Observed } from '../meaning/steps';
import { type Facts, type Met, Walk } from './walk';

export type { Facts, Met } from './walk';

/** Where a packet goes when it is not for the host itself. */
export type Route =
  | { readonly kind: 'input' }
  | { readonly kind: 'forward'; readonly oif: number }
  | { readonly kind: 'nowhere' };

export interface Evaluation {
  /** The hooks it came to. */
  readonly hooks: readonly Hook[];
  readonly met: readonly Met[];
  /** `accept` when no hook held it up. */
  readonly verdict: Decision['kind'];
  readonly text: string;
  /** What decided; undefined when it was accepted by none in particular. */
  readonly decisive: Met | undefined;
  /** What was seen on the way, in order. */
  readonly observations: readonly { readonly what: Observed; readonly text: string }[];
  /** What fields say in the end. */
  read(field: Field): number;
  /** What they said when a way was chosen for it; 0 when it did not come so far. */
  readWhenRouted(field: Field): number;
}

/** Of the first packet of a connection conntrack remembers what its headers say. */
function withOriginals(facts: Facts): Facts {
  const read = (field: Field) => facts.get(field) ?? 0;
  if (!holds(OPENING, read) || read('ct.direction') === 1) return facts;
  const pairs = WITH_PORTS.has(read('l4proto')) ? [...ORIGINALS, ...ORIGINAL_PORTS] : ORIGINALS;
  return new Map([...pairs.map(([remembered, of]) => [remembered, read(of)] as const), ...facts]);
}

/** Chains of type route leave the mark as it came, unless they write to it. */
function withRouted(facts: Facts): Facts {
  const routed = [...facts].flatMap(([field, value]): [Field, number][] => {
    const name = routedBit(field);
    return name === undefined ? [] : [[name, value]];
  });
  return routed.length === 0 ? facts : new Map([...facts, ...routed]);
}

/** Leads a packet from hook to hook of one plane, as the kernel does. `route` is asked after prerouting. */
export function evaluate(
  program: Program,
  facts: Facts,
  start: 'prerouting' | 'output',
  route: (read: (field: Field) => number) => Route,
): Evaluation {
  const walk = new Walk(withRouted(withOriginals(facts)));
  const hooks: Hook[] = [];
  let routed: Facts = new Map();
  const hook = (name: Hook): Decision | undefined => {
    hooks.push(name);
    return walk.hook(program, name);
  };
  const way = (): Decision | undefined => {
    if (start === 'prerouting') walk.set('oif', 0);
    const first = hook(start);
    if (first) return first;
    routed = walk.now();
    if (start === 'output') return hook('postrouting');
    const chosen = route(walk.read);
    switch (chosen.kind) {
      case 'nowhere':
        return undefined;
      case 'input':
        return hook('input');
      case 'forward':
        walk.set('oif', chosen.oif);
        walk.takeHop(program);
        return hook('forward') ?? hook('postrouting');
    }
  };
  const decision = way();
  return {
    hooks,
    met: walk.met,
    verdict: decision?.kind ?? 'accept',
    text: decision && 'text' in decision ? decision.text : '',
    decisive: decision ? walk.met.at(-1) : undefined,
    observations: walk.seen,
    read: walk.read,
    readWhenRouted: (field) => routed.get(field) ?? 0,
  };
}
