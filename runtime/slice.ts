import {
  type Compiled,
  compile,
  type ElementTexts,
  type NamedDocument,
  type NftShares,
  patchBetween,
  sharesOf,
} from '../compiler';
import type { Taken } from '../dsl/intent/topology';
import type { HostFault } from './host/fault';
import type { Host } from './host/port';
import { publishedPorts, takenPorts } from './observe/ports';
import { planDevices } from './plan/devices';
import { containerFiles, filesRemoval } from './plan/files';
import { claimSteps, containerRecords, planHistory, rewritten } from './plan/records';
import { inOrder, type Step } from './plan/step';
import { type Wanted, type WantedBridge, wantedOf } from './plan/wanted';
import { documentOf, type Request } from './request';
import {
  type Claim,
  type Claims,
  claimsOf,
  isTaken,
  readClaims,
  takenOf,
  withClaims,
  withoutClaims,
} from './state/claims';
import { keptOf } from './state/history';
import { type ContainerRecord, elementsFrom, leasesOf, type NetworkRecord } from './state/records';
import { type Base, paths, readBase, readContainer } from './state/store';

/** How many containers may be named, one by another, before it is easier to look at all. */
const WIDEST = 32;

export interface SliceInput {
  readonly host: Host;
  readonly directory: string;
  readonly what: string;
  readonly time: string;
}

export interface SlicePlan {
  readonly steps: readonly Step[];
  readonly compiled: Compiled;
  readonly inTheWay: readonly HostFault[];
}

/**
 * The plan for containers that come or go, made without looking at the others: what there is one of is in the claims, and
 * what the ruleset holds for a container is its own elements. Undefined when that is not enough to tell (something is
 * taken, another container or a policy names it, a network is new, sets of overlapping blocks change, the target is
 * iptables): then all has to be looked at.
 */
export async function planSlice(request: Request, input: SliceInput): Promise<SlicePlan | undefined> {
  const { host, directory } = input;
  const base = readBase(host, directory);
  const claims = readClaims(host, directory);
  if (!base.ok || !claims || base.value.host?.target !== 'nft') return undefined;
  switch (request.kind) {
    case 'add':
      return planAddition(request, base.value, claims, input);
    case 'remove':
      return planRemoval(request.containers, base.value, claims, input);
    default:
      return undefined;
  }
}

async function planAddition(
  { document: added, where, sites, sources, source = 'run' }: Extract<Request, { kind: 'add' }>,
  base: Base,
  claims: Claims,
  input: SliceInput,
): Promise<SlicePlan | undefined> {
  const { host, directory } = input;
  const documents = (added.containers ?? []) as { readonly name: string }[];
  if ((added.networks ?? []).length > 0) return undefined;
  const names = new Set(documents.map(({ name }) => name));
  if ([...names].some((name) => base.networks.has(name) || readContainer(host, directory, name))) return undefined;
  const near = neighbours(documents, host, directory);
  const coming = { where, document: { containers: documents }, sites: sites ?? {}, sources: sources ?? [] };
  const slice = near && sliceOf(base, near, coming);
  const pair = slice && compilePair(slice, near, takenOf(claims));
  if (!near || !pair || !isLocal(pair, base)) return undefined;
  const { topology } = pair.whole;
  const containers = topology.containers.filter(({ name }) => names.has(name));
  const own = containers.flatMap((container) =>
    claimsOf(
      topology,
      container,
      documents.find(({ name }) => name === container.name),
    ),
  );
  if (own.some((claim) => isTaken(claims, claim)) || nameInUse(names, pair.whole, input)) return undefined;
  const listeners = await host.listeners(publishedPorts(topology, names));
  const records = recordsOf(pair, source, input);
  const resolvConf = host.readFile('/etc/resolv.conf') ?? '';
  return {
    compiled: pair.whole,
    inTheWay: takenPorts(topology, names, listeners),
    steps: inOrder([
      ...containers.flatMap((one) => containerFiles(one, directory, resolvConf, (path) => host.readFile(path))),
      ...changeSteps(
        base,
        [],
        containers.flatMap(({ name }) => records.get(name) ?? []),
        claims,
        withClaims(claims, own),
        own,
        input,
      ),
    ]),
  };
}

async function planRemoval(
  names: readonly string[],
  base: Base,
  claims: Claims,
  input: SliceInput,
): Promise<SlicePlan | undefined> {
  const { host, directory } = input;
  const leaving = new Set(names);
  const records = names.map((name) => readContainer(host, directory, name));
  const known = records.filter((record) => record !== undefined);
  if (known.length < leaving.size || names.some((name) => isNamed(name, leaving, base, claims))) return undefined;
  const documents = known.map(({ document }) => document as { readonly name: string });
  const near = neighbours(documents, host, directory);
  const all = near && [...near, ...known];
  const slice = all && sliceOf(base, all, { where: 'applied before: ', document: { containers: [] } });
  const pair = slice && compilePair(slice, near, undefined, leasesOf(all), names);
  if (!pair || !isLocal(pair, base)) return undefined;
  const { topology } = pair.whole;
  const { containers: written } = pair.whole.document();
  const own = topology.containers.flatMap((container, index) =>
    leaving.has(container.name) ? claimsOf(topology, container, written[index]) : [],
  );
  return {
    compiled: pair.whole,
    inTheWay: [],
    steps: inOrder([
      ...names.map((name) => filesRemoval(directory, name)),
      ...changeSteps(base, known, [], claims, withoutClaims(claims, own), own, input),
    ]),
  };
}

/** Whether a container that stays, or a policy, speaks of it. */
function isNamed(name: string, leaving: ReadonlySet<string>, { host }: Base, { named }: Claims): boolean {
  if ([...(named.get(name) ?? [])].some((by) => !leaving.has(by))) return true;
  const { policies = [], expectations = [] } = host?.document ?? {};
  return [...policies, ...expectations].some((one) => {
    const { from, to, outcome } = one as { from?: unknown; to?: unknown; outcome?: unknown };
    return from === name || to === name || JSON.stringify(outcome ?? '').includes(`"${name}"`);
  });
}

/** The containers that the given ones name, and those that these name; undefined when they are too many, or missing. */
function neighbours(documents: readonly unknown[], host: Host, directory: string): ContainerRecord[] | undefined {
  const own = new Set(documents.map((document) => (document as { name: string }).name));
  const found = new Map<string, ContainerRecord>();
  for (const open = [...documents]; open.length > 0; ) {
    for (const name of namedBy(open.pop())) {
      if (found.has(name) || own.has(name)) continue;
      const record = readContainer(host, directory, name);
      if (!record || found.size === WIDEST) return undefined;
      found.set(name, record);
      open.push(record.document);
    }
  }
  return [...found.values()];
}

function namedBy(document: unknown): string[] {
  const { links, networks, publish } = document as { links?: unknown; networks?: unknown; publish?: unknown };
  const targets = Array.isArray(links) ? links.map(({ target }) => String(target)) : [];
  const owner = isObject(networks) && 'container' in networks ? [String(networks.container)] : [];
  const sources = Array.isArray(publish)
    ? publish.flatMap((one) => (isObject(one) && 'from' in one && Array.isArray(one.from) ? one.from.map(String) : []))
    : [];
  return [...targets, ...owner, ...sources];
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What there is of an intent around some containers. */
interface Slice {
  readonly around: NamedDocument;
  readonly added: Addition;
}

type Addition = NamedDocument & { readonly document: { readonly containers: readonly { readonly name: string }[] } };

function sliceOf(base: Base, records: readonly ContainerRecord[], added: Addition): Slice | undefined {
  const documents = [...records.map(({ document }) => document), ...added.document.containers];
  const needed = new Set(documents.flatMap(networksOf));
  const networks = new Map([...base.networks].filter(([name]) => needed.has(name)));
  if (networks.size < needed.size) return undefined;
  const containers = new Map(records.map((record) => [(record.document as { name: string }).name, record]));
  const { document } = documentOf({ networks, containers, host: undefined, migration: undefined }, () => true, false);
  const defines = base.host?.document.defines ?? [];
  return { around: { where: 'applied before: ', document: { ...(document as object), defines } }, added };
}

function networksOf(document: unknown): string[] {
  const { networks } = document as { networks?: unknown };
  return Array.isArray(networks) ? networks.map(({ network }) => String(network)) : [];
}

/** A slice compiled with the containers that come or go, and without them. */
interface Pair {
  readonly whole: Compiled;
  readonly shares: NftShares;
  /** What the ruleset has of all but them, compiled without them. */
  readonly rest: NftShares;
  readonly names: ReadonlySet<string>;
}

function compilePair(
  { around, added }: Slice,
  near: readonly ContainerRecord[] | undefined,
  taken: Taken | undefined,
  leases = leasesOf(near ?? []),
  leaving: readonly string[] = [],
): Pair | undefined {
  const given = taken ? { leases, taken } : { leases };
  const whole = compile([], { ...given, documents: [around, added] });
  const gone = new Set(leaving);
  const document = around.document as { containers: readonly { readonly name: string }[] };
  const stays = {
    ...around,
    document: { ...document, containers: document.containers.filter(({ name }) => !gone.has(name)) },
  };
  const rest = compile([], { ...given, documents: [stays] });
  if (!whole.ok || !rest.ok) return undefined;
  const coming = added.document.containers.map(({ name }) => name);
  return {
    whole: whole.value,
    shares: sharesOf(whole.value.ruleset),
    rest: sharesOf(rest.value.ruleset),
    names: new Set([...coming, ...leaving]),
  };
}

/** Whether the containers change nothing of the ruleset but elements of their own, in sets that hold no blocks. */
function isLocal({ whole, shares, rest, names }: Pair, base: Base): boolean {
  const own = whole.topology.containers.map(({ name }) => names.has(name));
  const others = [...shares.containers].filter(([index]) => !own[index]).map(([, share]) => share);
  const isolated = whole.topology.networks.every(({ name, isolated: apart }) =>
    base.networks
      .get(name)
      ?.bridge.sysctls.some(({ key, value }) => key.endsWith('/proxy_arp_pvlan') && value === (apart ? '1' : '0')),
  );
  const mine = [...shares.containers].filter(([index]) => own[index]).flatMap(([, share]) => [...share.keys()]);
  return (
    isolated &&
    sameTexts(shares.frames, rest.frames) &&
    sameElements([shares.base, ...others], [rest.base, ...rest.containers.values()]) &&
    mine.every((set) => !BLOCKS.test(set))
  );
}

/** Sets whose elements are cut so that none overlap: what one container adds there depends on the others. */
const BLOCKS = / (restricted|admitted|limited|deny|allow|masquerade|hairpin|snat)\w*$/;

function sameTexts(a: ReadonlyMap<string, string>, b: ReadonlyMap<string, string>): boolean {
  return a.size === b.size && [...a].every(([name, text]) => b.get(name) === text);
}

function sameElements(a: readonly ElementTexts[], b: readonly ElementTexts[]): boolean {
  const flat = (all: readonly ElementTexts[]) =>
    all.flatMap((one) =>
      [...one].flatMap(([set, elements]) => [...elements].map(([key, rest]) => `${set} ${key}${rest}`)),
    );
  return flat(a).sort().join('\n') === flat(b).sort().join('\n');
}

/** Names that somebody else uses, or a bridge that is gone: the general way says so, or mends it. */
function nameInUse(names: ReadonlySet<string>, { topology }: Compiled, { host, directory }: SliceInput): boolean {
  return wantedOf(topology, directory, 'nft')
    .sandboxes.filter(({ container }) => names.has(container))
    .some(
      ({ namespace, endpoints }) =>
        host.namespaceExists(namespace) ||
        endpoints.some(({ veth, bridge }) => host.linkExists(veth) || !host.linkExists(bridge)),
    );
}

function recordsOf(
  { whole, shares }: Pair,
  source: ContainerRecord['source'],
  { directory }: SliceInput,
): Map<string, ContainerRecord> {
  const { sandboxes } = wantedOf(whole.topology, directory, 'nft');
  return containerRecords(whole, sandboxes, shares.containers, () => source);
}

function changeSteps(
  base: Base,
  old: readonly ContainerRecord[],
  now: readonly ContainerRecord[],
  before: Claims,
  after: Claims,
  own: readonly Claim[],
  input: SliceInput,
): Step[] {
  const { host, directory } = input;
  const touched = new Set(own.flatMap((claim) => (claim.kind === 'loopback' ? [claim.network] : [])));
  const networks = new Map(
    [...base.networks].flatMap(([name, record]) => {
      const turned = touched.has(name) && loopbackIn(before, name) !== loopbackIn(after, name);
      return turned ? [[name, withLoopback(record, loopbackIn(after, name))] as const] : [];
    }),
  );
  const records = (all: readonly ContainerRecord[]) =>
    new Map(all.map((record) => [(record.document as { name: string }).name, record]));
  const [were, are] = [records(old), records(now)];
  const kept = (containers: ReadonlyMap<string, ContainerRecord>) =>
    keptOf({ networks: new Map(), containers, host: undefined, ruleset: undefined, migration: undefined });
  const changed = [...new Set([...were.keys(), ...are.keys()])];
  const files = { directory, what: input.what, time: input.time } as const;
  const reads = {
    readFile: (path: string) => host.readFile(path),
    listDirectory: (path: string) => host.listDirectory(path),
  };
  return [
    ...planDevices(wanted(base, base.networks, old), wanted(base, new Map([...base.networks, ...networks]), now), {
      sysctl: (key) => host.sysctl(key),
      broken: new Set(),
    }),
    ...patchSteps(old, now),
    ...[...networks].flatMap(([name, record]) =>
      rewritten(paths.network(directory, name), `network ${name}`, base.networks.get(name), record),
    ),
    ...changed.flatMap((name) =>
      rewritten(paths.container(directory, name), `container ${name}`, were.get(name), are.get(name)),
    ),
    ...claimSteps(directory, reads.readFile, after),
    ...planHistory({ ...files, ...reads }, kept(were), kept(are)),
  ];
}

function loopbackIn({ networks }: Claims, network: string): boolean {
  return (networks.get(network)?.loopback ?? 0) > 0;
}

function withLoopback(record: NetworkRecord, on: boolean): NetworkRecord {
  const sysctls = record.bridge.sysctls.map((one) =>
    one.key.endsWith('/route_localnet') ? { ...one, value: on ? '1' : '0' } : one,
  );
  return { ...record, bridge: { ...record.bridge, sysctls } };
}

function wanted(
  { host }: Base,
  networks: ReadonlyMap<string, NetworkRecord>,
  containers: readonly ContainerRecord[],
): Wanted {
  return {
    bridges: [...networks.values()].map(({ bridge }): WantedBridge => bridge),
    sandboxes: containers.flatMap(({ sandbox }) => (sandbox ? [sandbox] : [])),
    sysctls: (host?.sysctls ?? []).map(({ key, value }) => ({ key, value })),
  };
}

function patchSteps(old: readonly ContainerRecord[], now: readonly ContainerRecord[]): Step[] {
  const texts = (records: readonly ContainerRecord[]) => records.map(({ elements }) => elementsFrom(elements));
  const { changes, unit, back } = patchBetween(texts(old), texts(now));
  if (changes.length === 0) return [];
  return [
    {
      phase: 'switch',
      title: 'change elements of the ruleset',
      do: { op: 'ruleset.load', unit },
      undo: [{ op: 'ruleset.load', unit: back }],
      elements: changes,
    },
  ];
}
