import type { Table } from '../../ruleset/tree';
import { callSite, type Site } from '../../site';
import type { IntentDocument } from '../model';
import type {
  AddressText,
  MacText,
  PortSpecText,
  PortText,
  PrefixText,
  ProtocolText,
  PublishText,
  RateText,
} from './words';

export type { Site } from '../../site';

type Lists = { readonly [List in keyof IntentDocument]-?: NonNullable<IntentDocument[List]> };
type ListName = Exclude<keyof IntentDocument, '$schema'>;
type Item<List extends ListName> = Lists[List] extends readonly (infer One)[] ? One : never;

interface Built<Kind extends string, List extends ListName> {
  readonly kind: Kind;
  readonly list: List;
  readonly item: Item<List>;
  readonly site: Site | undefined;
  /** What it refers to, and a stack therefore has to hold too. */
  readonly needs: readonly Part[];
}

export interface AddressSet extends Built<'address set', 'defines'> {
  readonly name: string;
}

export interface Network extends Built<'network', 'networks'> {
  readonly name: string;
}

export interface Container extends Built<'container', 'containers'> {
  readonly name: string;
}

export type Policy = Built<'policy', 'policies'>;
export type Expectation = Built<'expectation', 'expectations'>;
export type RuleTable = Built<'table', 'tables'>;

/** Anything that a stack is made of. */
export type Part = AddressSet | Network | Container | Policy | Expectation | RuleTable;

export interface NetworkOptions {
  /** One IPv4 and/or one IPv6 subnet. */
  readonly subnets: readonly PrefixText[];
  /** Default: the first usable address of each subnet. */
  readonly gateways?: readonly AddressText[];
  readonly bridge?: string;
  readonly mtu?: number;
  readonly nat?: 'masquerade' | 'routed' | { readonly snat: readonly AddressText[] };
  /** Whether containers of this network reach each other (default). */
  readonly icc?: boolean;
  readonly internal?: boolean;
  /** Default host addresses for publishes. */
  readonly publishAddresses?: readonly AddressText[];
  readonly trustedInterfaces?: readonly string[];
  readonly log?: 'none' | 'drops';
}

/** A network. Its containers reach each other, and through the host the world; other networks are kept apart. */
export function network(name: string, options: NetworkOptions): Network {
  return {
    kind: 'network',
    list: 'networks',
    name,
    item: { name, ...options } as Item<'networks'>,
    site: callSite(),
    needs: [],
  };
}

export interface AttachmentOptions {
  readonly addresses?: readonly AddressText[];
  readonly mac?: MacText;
  readonly aliases?: readonly string[];
  readonly gateways?: readonly AddressText[];
}

export interface Attachment extends AttachmentOptions {
  readonly network: Network;
}

/** A place in a network with an address, a MAC or a gateway of its own. */
export function attach(to: Network, options: AttachmentOptions = {}): Attachment {
  return { network: to, ...options };
}

export interface Link {
  readonly target: Container;
  readonly alias?: string;
}

/** Makes another container's name known, and opens its exposed and published ports where `icc` is off. */
export function link(target: Container, alias?: string): Link {
  return alias === undefined ? { target } : { target, alias };
}

export interface PublishOptions {
  readonly spec: PublishText;
  readonly from?: readonly Party[];
  /** New connections per unit of time. */
  readonly limit?: RateText;
}

/** One side of a policy: the host, a network, a container, an address set or addresses. */
export type Party = 'host' | Network | Container | AddressSet | PrefixText;

export interface ContainerOptions {
  readonly networks:
    | readonly [Network | Attachment, ...(Network | Attachment)[]]
    | 'none'
    | 'host'
    | { readonly container: Container };
  readonly hostname?: string;
  readonly dns?: readonly AddressText[];
  readonly dnsSearch?: readonly string[];
  readonly hosts?: readonly { readonly name: string; readonly address: AddressText }[];
  readonly publish?: readonly (PublishText | PublishOptions)[];
  readonly expose?: readonly PortSpecText[];
  readonly links?: readonly Link[];
}

export function container(name: string, options: ContainerOptions): Container {
  const { networks, links = [], publish = [], ...rest } = options;
  const needs: Part[] = links.map(({ target }) => target);
  const item = {
    name,
    ...rest,
    networks: documentNetworks(networks, needs),
    publish: publish.map((one) =>
      typeof one === 'string' ? one : { ...one, from: (one.from ?? []).map((party) => word(party, needs)) },
    ),
    links: links.map(({ target, ...alias }) => ({ target: target.name, ...alias })),
  };
  return { kind: 'container', list: 'containers', name, item: item as Item<'containers'>, site: callSite(), needs };
}

function documentNetworks(networks: ContainerOptions['networks'], needs: Part[]): unknown {
  if (typeof networks === 'string') return networks;
  if ('container' in networks) {
    needs.push(networks.container);
    return { container: networks.container.name };
  }
  return networks.map((one) => {
    const { network: to, ...more } = 'kind' in one ? { network: one } : one;
    needs.push(to);
    return { network: to.name, ...more };
  });
}

/** A named set of addresses. */
export function define(name: string, prefixes: readonly [PrefixText, ...PrefixText[]]): AddressSet {
  return {
    kind: 'address set',
    list: 'defines',
    name,
    item: { name, prefixes: [...prefixes] },
    site: callSite(),
    needs: [],
  };
}

export interface Service {
  readonly protocol: ProtocolText;
  /** Default: every port. */
  readonly ports?: readonly (PortText | number)[];
}

/** Lets traffic through that would be dropped; nothing is opened by it for what a `deny` names. */
export function allow(from: Party, to: Party, service?: Service): Policy {
  return policy('allow', from, to, service);
}

/** Drops traffic, whatever else would let it through. */
export function deny(from: Party, to: Party, service?: Service): Policy {
  return policy('deny', from, to, service);
}

function policy(action: 'allow' | 'deny', from: Party, to: Party, service: Service | undefined): Policy {
  const needs: Part[] = [];
  const item = { action, from: word(from, needs), to: word(to, needs), ...serviceWords(service) };
  return { kind: 'policy', list: 'policies', item: item as Item<'policies'>, site: callSite(), needs };
}

export type ExpectedOutcome =
  | 'allowed'
  | 'denied'
  | { readonly reaches: Container; readonly protocol?: ProtocolText; readonly port?: PortText | number };

/** Says what `tsnet test` is to find. */
export function expect(from: Party | 'outside', to: Party, outcome: ExpectedOutcome, service?: Service): Expectation {
  const needs: Part[] = [];
  const reached =
    typeof outcome === 'string'
      ? outcome
      : {
          ...outcome,
          reaches: word(outcome.reaches, needs),
          ...(outcome.port === undefined ? {} : { port: String(outcome.port) }),
        };
  const item = {
    from: from === 'outside' ? from : word(from, needs),
    to: word(to, needs),
    ...serviceWords(service),
    outcome: reached,
  };
  return { kind: 'expectation', list: 'expectations', item: item as Item<'expectations'>, site: callSite(), needs };
}

/** A table of rules in nft's own notation: `table inet host { ... }`. */
export function tableText(text: `table ${string}`): RuleTable {
  return { kind: 'table', list: 'tables', item: text, site: callSite(), needs: [] };
}

function serviceWords(service: Service | undefined): object {
  return service ? { protocol: service.protocol, ports: (service.ports ?? []).map(String) } : {};
}

function word(party: Party, needs: Part[]): string {
  if (typeof party === 'string') return party;
  needs.push(party);
  return party.name;
}

/** A table of typed rules. */
export interface TypedTable {
  readonly kind: 'rules';
  readonly tree: Table;
  readonly site: Site | undefined;
}

/** A whole intent: what a TypeScript file exports by default. */
export interface Stack {
  readonly kind: 'stack';
  readonly document: IntentDocument;
  /** Tables made rule by rule; they are no part of the document, which has its tables as text. */
  readonly tables: readonly Table[];
  /** Where each item of a list of the document was said; after those of its tables come those of `tables`. */
  readonly sites: Readonly<Record<ListName, readonly (Site | undefined)[]>>;
}

/** Collects parts, and the parts that they refer to, in the order in which they are met. */
export function stack(...members: readonly (Part | TypedTable)[]): Stack {
  const tables = members.filter((one): one is TypedTable => one.kind === 'rules');
  const parts = members.filter((one): one is Part => one.kind !== 'rules');
  const all = new Set<Part>();
  const collect = (part: Part): void => {
    if (all.has(part)) return;
    for (const needed of part.needs) collect(needed);
    all.add(part);
  };
  for (const part of parts) collect(part);
  const of = <List extends ListName>(list: List) =>
    [...all].filter((part): part is Extract<Part, { list: List }> => part.list === list);
  const items = <List extends ListName>(list: List) => of(list).map(({ item }) => item as Item<List>);
  const sites = (list: ListName) => of(list).map(({ site }) => site);
  return {
    kind: 'stack',
    document: {
      defines: items('defines'),
      networks: items('networks'),
      containers: items('containers'),
      policies: items('policies'),
      expectations: items('expectations'),
      tables: items('tables'),
    },
    tables: tables.map(({ tree }) => tree),
    sites: {
      defines: sites('defines'),
      networks: sites('networks'),
      containers: sites('containers'),
      policies: sites('policies'),
      expectations: sites('expectations'),
      tables: [...sites('tables'), ...tables.map(({ site }) => site)],
    },
  };
}
