import type { Name } from '../../../dsl/core/names';
import type { IntentDocument } from '../../../dsl/intent/model';
import { bridgeName } from '../../../dsl/intent/resolve/device-names';
import type { Rule, Table } from '../../../dsl/ruleset/tree';
import { type Compiled, compile } from '../../compile';
import { tableText } from '../../targets/nft/print';
import { withoutLost } from '../verify';
import { blamed } from './blame';
import { type Agreement, agreement, type Planes } from './compare';
import { type Draft, draftOf, subnetsOf } from './document';
import type { Facts, NetworkFacts } from './facts';
import { leftOver } from './left-over';
import { openingsOf } from './openings';
import { recognize } from './recognize';
import { documentOf, NOTHING, type Parts, spelled } from './spelled';

export type { Agreement } from './compare';
export type { Parts } from './spelled';

/** Rules of iptables as an intent: networks, containers and policies, and what is left of the rules. */
export interface Raised {
  readonly parts: Parts;
  /** What was not recognised, in nft's words. */
  readonly tables: readonly Table[];
  readonly document: IntentDocument;
  /** The document in the language's text, in canonical form. */
  readonly text: string;
  /** Rules that the networks, containers and policies stand for. */
  readonly known: ReadonlySet<Rule>;
  /** Networks that stay rules although they were recognised, and why. */
  readonly kept: readonly Kept[];
  /** What the rules do not tell, and was chosen. */
  readonly guesses: readonly string[];
}

export interface Kept {
  /** Its bridge, or its subnet. */
  readonly network: string;
  readonly why: Refusal;
}

export type Refusal =
  | { readonly kind: 'no subnet' }
  | { readonly kind: 'does not compile'; readonly message: string }
  | Exclude<Agreement, { kind: 'equal' }>;

export interface RaiseOptions {
  /** All of the tables as nft can say them, for where nothing is raised. */
  readonly asRules?: readonly Table[];
  /** Makes what is left of tables sayable in nft. */
  readonly express?: (tables: readonly Table[]) => readonly Table[];
  /** The text of a table in the document. */
  readonly print?: (table: Table) => string;
}

/** Networks that are left out one after the other before all of them stay rules. */
const ATTEMPTS = 8;

/**
 * Recognises the networks of Docker, Podman and the CNI plugins. A network whose rules would not decide what they did
 * when raised stays in rules, and with it all that cannot be raised without it.
 */
export function raise(tables: readonly Table[], options: RaiseOptions = {}): Raised {
  const kept: Kept[] = [];
  for (;;) {
    const recognised = recognise(tables, new Set(kept.map(({ network }) => network)));
    const { raised } = recognised.draft;
    if (raised.size === 0)
      return asRules(options.asRules ?? tables, options, [...kept, ...withoutSubnet(recognised, kept)]);
    const attempt = assemble(tables, recognised, options);
    const compiled = compile([{ name: 'raised.tsnet', text: attempt.text }]);
    const why: Agreement | Refusal = compiled.ok
      ? compareWith(tables, recognised, compiled.value)
      : { kind: 'does not compile', message: compiled.diagnostics[0].message };
    if (why.kind === 'equal') return { ...attempt, kept: [...kept, ...withoutSubnet(recognised, kept)] };
    const blame =
      why.kind === 'different' && kept.length < ATTEMPTS
        ? blamed(why.difference, [...raised], recognised.facts)
        : undefined;
    for (const network of blame ? [blame] : raised) kept.push({ network: network.key, why });
  }
}

/** Whether an intent, as raised or edited since, decides what the rules did, but for what is promised otherwise. */
export function agreementWith(
  tables: readonly Table[],
  intent: Compiled,
  kept: ReadonlySet<string> = new Set(),
): Agreement {
  return compareWith(tables, recognise(tables, kept), intent);
}

interface Recognised {
  readonly facts: Facts;
  readonly draft: Draft;
  /** Rules whose networks are raised. */
  readonly known: ReadonlySet<Rule>;
  readonly replaced: ReadonlySet<Rule>;
  /** Networks that stay in rules. */
  readonly others: readonly NetworkFacts[];
}

function recognise(tables: readonly Table[], without: ReadonlySet<string>): Recognised {
  const facts = recognize(tables);
  const draft = draftOf(facts, without);
  const understood = facts.understood.filter(({ about }) => about.every((network) => draft.raised.has(network)));
  return {
    facts,
    draft,
    known: new Set(understood.map(({ rule }) => rule)),
    replaced: new Set<Rule>(understood.flatMap(({ rule, instead }) => (instead ? [rule] : []))),
    others: [...facts.networks.values()].filter((network) => !draft.raised.has(network)),
  };
}

function compareWith(
  tables: readonly Table[],
  { draft, known, replaced, others }: Recognised,
  intent: Compiled,
): Agreement {
  const { topology, ruleset } = intent;
  const named = (test: (network: NetworkFacts) => boolean) =>
    new Set([...draft.raised].filter(test).map(({ name = '' }) => name));
  const unnamed = named(({ bridge }) => bridge === undefined);
  const oneByOne = named(({ listed }) => listed);
  const compared = withoutLost(tables);
  const bridges = others.flatMap(({ bridge }) => bridge ?? []);
  return agreement(
    { tables: compared, topology, ruleset, known, replaced, unnamed, oneByOne, others: bridges },
    planesOf(tables),
  );
}

function planesOf(tables: readonly Table[]): Planes {
  return (['ip', 'ip6'] as const).filter((plane) => tables.some(({ family }) => family === plane));
}

function withoutSubnet({ others }: Recognised, kept: readonly Kept[]): Kept[] {
  return others
    .filter(({ key }) => !kept.some(({ network }) => network === key))
    .map(({ key }) => ({ network: key, why: { kind: 'no subnet' } }));
}

/** Rules in `table` blocks, and nothing else. */
export function asRules(
  tables: readonly Table[],
  { print = tableText }: RaiseOptions = {},
  kept: readonly Kept[] = [],
): Raised {
  const texts = tables.map((table) => print(table));
  return {
    parts: NOTHING,
    tables,
    document: documentOf(NOTHING, texts),
    text: spelled(NOTHING, texts),
    known: new Set(),
    kept,
    guesses: [],
  };
}

function assemble(
  tables: readonly Table[],
  { facts, draft, known }: Recognised,
  { express = (all) => all, print = tableText }: RaiseOptions,
): Omit<Raised, 'kept'> {
  const raised = [...draft.raised].map((network) => ({
    name: network.name ?? '',
    bridge: bridgeOf(network),
    subnets: subnetsOf(network, facts),
  }));
  const opened = openingsOf(
    tables,
    new Set(facts.understood.map(({ rule }) => rule)),
    raised,
    containersByAddress(draft),
  );
  const gone = new Set([...known, ...opened.gone]);
  const bridges = raised.map(({ bridge }) => bridge);
  const left = express(leftOver(tables, gone, bridges));
  const parts: Parts = {
    networks: draft.networks.map(({ item, ...told }) => {
      const trusted = opened.trusted.get(item.name);
      return { ...told, item: trusted ? { ...item, trustedInterfaces: [...trusted] } : item };
    }),
    containers: draft.containers,
    policies: [...draft.policies, ...opened.policies.map((one) => ({ ...one, guessed: [] }))],
  };
  const texts = left.map((table) => print(table));
  return {
    parts,
    tables: left,
    document: documentOf(parts, texts),
    text: spelled(parts, texts),
    known: gone,
    guesses: draft.networks.flatMap(({ item, guessed }) => guessed.map((what) => `network ${item.name}: ${what}`)),
  };
}

function bridgeOf({ bridge, name }: NetworkFacts): string {
  return bridge ?? bridgeName((name ?? '') as Name);
}

function containersByAddress({ containers }: Draft): ReadonlyMap<string, string> {
  return new Map(
    containers.flatMap(({ item: { name, networks } }) =>
      Array.isArray(networks)
        ? networks.flatMap(({ addresses = [] }) => addresses.map((address): [string, string] => [address, name]))
        : [],
    ),
  );
}
