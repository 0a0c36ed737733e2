import type { Name } from '../../../dsl/core/names';
import type { IntentDocument } from '../../../dsl/intent/model';
import { bridgeName } from '../../../dsl/intent/resolve/device-names';
import type { Rule, Table } from '../../../dsl/ruleset/tree';
import { type Compiled, compile } from '../../compile';
import { formatText } from '../../format';
import { tableText } from '../../targets/nft/print';
import { type Agreement, agreement, type Planes } from './compare';
import { type Draft, draftOf, subnetsOf } from './document';
import type { Facts, NetworkFacts } from './facts';
import { leftOver } from './left-over';
import { openingsOf } from './openings';
import { recognize } from './recognize';
import { spelled } from './spelled';

export type { Agreement } from './compare';

/** Rules of iptables as an intent: networks, containers and policies, and what is left of the rules. */
export interface Raised {
  /** The language's text, in canonical form. */
  readonly text: string;
  readonly document: IntentDocument;
  /** What was not recognised, in nft's words; its text stands in the document. */
  readonly tables: readonly Table[];
  /** Whether the intent decides what the rules did, but for what is promised otherwise (`PROMISES`). */
  readonly agreement: Agreement;
  /** Why the rules stay rules, although networks were found in them. */
  readonly refused: Refusal | undefined;
  readonly notes: readonly string[];
}

export type Refusal =
  | { readonly kind: 'does not compile'; readonly message: string }
  | Exclude<Agreement, { kind: 'equal' }>;

export interface RaiseOptions {
  /** Makes what is left of a table sayable in nft. */
  readonly express?: (table: Table) => Table;
}

/**
 * Recognises the networks of Docker, Podman and the CNI plugins. Where the result would not decide what the rules did,
 * nothing is raised, and they stay as they are.
 */
export function raise(tables: readonly Table[], options: RaiseOptions = {}): Raised {
  const recognised = recognise(tables);
  if (recognised.draft.networks.length === 0) return asRules(tables, undefined, options);
  const attempt = assemble(tables, recognised, options);
  const compiled = compile([{ name: 'raised.tsnet', text: attempt.text }]);
  if (!compiled.ok)
    return asRules(tables, { kind: 'does not compile', message: compiled.diagnostics[0].message }, options);
  const agreed = compareWith(tables, recognised, compiled.value);
  if (agreed.kind !== 'equal') return asRules(tables, agreed, options);
  return { ...attempt, agreement: agreed, refused: undefined };
}

/** Whether an intent, as raised or edited since, decides what the rules did, but for what is promised otherwise. */
export function agreementWith(tables: readonly Table[], intent: Compiled): Agreement {
  return compareWith(tables, recognise(tables), intent);
}

interface Recognised {
  readonly facts: Facts;
  readonly draft: Draft;
  /** Rules whose networks are raised. */
  readonly known: ReadonlySet<Rule>;
  readonly replaced: ReadonlySet<Rule>;
  /** Bridges of networks that stay in rules. */
  readonly others: readonly string[];
}

function recognise(tables: readonly Table[]): Recognised {
  const facts = recognize(tables);
  const draft = draftOf(facts);
  const understood = facts.understood.filter(({ about }) => about.every((network) => draft.raised.has(network)));
  return {
    facts,
    draft,
    known: new Set(understood.map(({ rule }) => rule)),
    replaced: new Set<Rule>(understood.flatMap(({ rule, instead }) => (instead ? [rule] : []))),
    others: [...facts.networks.values()].flatMap((network) =>
      draft.raised.has(network) || network.bridge === undefined ? [] : [network.bridge],
    ),
  };
}

function compareWith(tables: readonly Table[], { draft, replaced, others }: Recognised, intent: Compiled): Agreement {
  const { topology, ruleset } = intent;
  const named = (test: (network: NetworkFacts) => boolean) =>
    new Set([...draft.raised].filter(test).map(({ name = '' }) => name));
  const unnamed = named(({ bridge }) => bridge === undefined);
  const oneByOne = named(({ listed }) => listed);
  return agreement({ tables, topology, ruleset, replaced, unnamed, oneByOne, others }, planesOf(tables));
}

function planesOf(tables: readonly Table[]): Planes {
  return (['ip', 'ip6'] as const).filter((plane) => tables.some(({ family }) => family === plane));
}

/** All of the rules in `table` blocks. */
function asRules(tables: readonly Table[], refused: Refusal | undefined, options: RaiseOptions): Raised {
  const left = leftOver(tables, new Set(), []).map(options.express ?? ((table) => table));
  const text = canonical(spelled({ networks: [], containers: [], policies: [] }, left.map(tableText), []));
  return {
    text,
    document: { tables: left.map(tableText) },
    tables: left,
    agreement: { kind: 'equal' },
    refused,
    notes: [],
  };
}

function assemble(
  tables: readonly Table[],
  { facts, draft, known, others }: Recognised,
  { express = (table) => table }: RaiseOptions,
) {
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
  const left = leftOver(
    tables,
    new Set([...known, ...opened.gone]),
    raised.map(({ bridge }) => bridge),
  ).map(express);
  const parts = {
    networks: draft.networks.map(({ item, ...told }) => {
      const trusted = opened.trusted.get(item.name);
      return { ...told, item: trusted ? { ...item, trustedInterfaces: [...trusted] } : item };
    }),
    containers: draft.containers,
    policies: [...draft.policies, ...opened.policies.map((one) => ({ ...one, guessed: [] }))],
  };
  const texts = left.map(tableText);
  const document: IntentDocument = {
    networks: parts.networks.map(({ item }) => item),
    containers: parts.containers.map(({ item }) => item),
    policies: parts.policies.map(({ item }) => item),
    tables: texts,
  };
  return {
    text: canonical(spelled(parts, texts, HEAD)),
    document,
    tables: left,
    notes: notesOf(draft, others, left),
  };
}

const HEAD = [
  'Raised from rules of iptables. A comment says which lines a part was read from.',
  'Rules do not tell the names of containers, nor of those that publish nothing: rename, and add what is missing.',
];

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

function notesOf(draft: Draft, others: readonly string[], left: readonly Table[]): string[] {
  const count = (size: number, what: string) => `${size} ${what}${size === 1 ? '' : 's'}`;
  return [
    `${count(draft.networks.length, 'network')}, ${count(draft.containers.length, 'container')} recognised`,
    ...draft.networks.flatMap(({ item, guessed }) =>
      guessed.map((what) => `network ${item.name}: the rules do not tell its ${what}: check it`),
    ),
    ...others.map((bridge) => `${bridge}: no rule tells its subnet, so its rules stay rules`),
    ...left.map(
      ({ family, name, chains }) =>
        `table ${family} ${name}: ${count(
          chains.reduce((sum, { rules }) => sum + rules.length, 0),
          'rule',
        )} left`,
    ),
  ];
}

function canonical(text: string): string {
  return formatText({ name: 'raised.tsnet', text });
}
