import type { Family } from '../../dsl/core/address';
import type { ExpectationIntent } from '../../dsl/intent/model';
import type { Topology } from '../../dsl/intent/topology';
import { type Resolved, rulesAbout } from '../compile';
import { Programs } from '../world/programs';
import type { World } from '../world/world';
import { Flow } from './flow';
import type { Pair, Side } from './parties';
import { pairsOf } from './scope';

/** The most decisions that may have to be told apart. */
export const CAP = 4_000_000;

/** Rules, and what all packets meet in them. */
export class Rules {
  private readonly flows = new Map<Family, Flow>();

  constructor(
    readonly programs: Programs,
    private readonly world: World,
  ) {}

  flow(family: Family): Flow {
    const known = this.flows.get(family) ?? new Flow(this.programs, this.world, family, CAP);
    this.flows.set(family, known);
    return known;
  }
}

/** An expectation, its place in the intent, and where its packets may be. */
export interface Asked {
  readonly index: number;
  readonly expectation: ExpectationIntent;
  readonly pairs: readonly Pair[];
}

/** Up to here, what more containers add to rules is less than to make rules again. */
const FEW = 64;

/** Expectations that are asked of the same rules, which are made when they are asked for. */
export interface Group {
  readonly asked: readonly Asked[];
  rules(): Rules;
}

export function groupsOf(resolved: Resolved, world: World): readonly Group[] {
  const groups = new Map<string, Named>();
  for (const [index, expectation] of resolved.intent.expectations.entries()) {
    const pairs = pairsOf(expectation, resolved, world);
    const names = metBy(expectation, pairs, resolved.topology, world);
    const key = resolved.tables.length > 0 ? '' : [...names].join(' ');
    const group = groups.get(key) ?? { names, asked: [] };
    group.asked.push({ index, expectation, pairs });
    groups.set(key, group);
  }
  return joined(groups.values()).map(({ names, asked }) => ({
    asked,
    rules: () => new Rules(new Programs(rulesAbout(names, resolved)), world),
  }));
}

/** Expectations whose packets meet something of these containers alone. */
interface Named {
  readonly names: ReadonlySet<string>;
  readonly asked: Asked[];
}

/** Groups of few containers as one: the policies of all, and who is let in to what is published, are then met once. */
function joined(groups: Iterable<Named>): readonly Named[] {
  const all: Named[] = [];
  for (const { names, asked } of groups) {
    const last = all.at(-1);
    const both = new Set([...(last?.names ?? []), ...names]);
    if (last && both.size <= FEW) all[all.length - 1] = { names: both, asked: last.asked };
    else all.push({ names, asked: [] });
    for (const one of asked) all.at(-1)?.asked.push(one);
  }
  return all;
}

/**
 * The containers that packets between two sides, and the answers to them, meet something of in tsnet's own rules: those of a
 * side, the gateways of those that send, and of what is sent to the host those that publish a port of it.
 */
function metBy(
  { protocol, ports }: ExpectationIntent,
  pairs: readonly Pair[],
  { containers }: Topology,
  world: World,
): ReadonlySet<string> {
  const met = new Set<string>();
  for (const side of pairs.flat()) if (side.kind === 'ports') for (const { sandbox } of side.ports) met.add(sandbox);
  for (const [from] of pairs) if (from.kind === 'ports') for (const name of gatewaysOf(from, world)) met.add(name);
  if (pairs.every(([, to]) => to.kind !== 'host')) return met;
  for (const { name, publishes } of containers)
    for (const { protocol: own, hostPorts } of publishes)
      if (
        (protocol === undefined || protocol === own) &&
        (ports.length === 0 || ports.some(({ first, last }) => first <= hostPorts.last && hostPorts.first <= last))
      )
        met.add(name);
  return met;
}

/** The containers that others send by: they have to answer for whom they were asked. */
function gatewaysOf({ bridge, ports }: Extract<Side, { kind: 'ports' }>, world: World): readonly string[] {
  const gateways = new Set(ports.flatMap((port) => port.gateways));
  return [...gateways].flatMap((gateway) => world.portWith(bridge, gateway)?.sandbox ?? []);
}
