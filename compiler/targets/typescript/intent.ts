import * as builders from '../../../dsl/intent/builders';
import type { IntentDocument } from '../../../dsl/intent/model';
import * as rules from '../../../dsl/rules';
import { type Code, call, type Imports, identifier, list, object, quoted, remark, wrapped } from './code';

type Item<List extends 'networks' | 'containers' | 'policies'> = NonNullable<IntentDocument[List]>[number];

/** A part of an intent, and what is to be said of it above it. */
export interface Part<T> {
  readonly item: T;
  readonly remarks: readonly string[];
}

export interface IntentParts {
  readonly networks: readonly Part<Item<'networks'>>[];
  readonly containers: readonly Part<Item<'containers'>>[];
  readonly policies: readonly Part<Item<'policies'>>[];
}

/** Declarations of constants, and what a stack is made of. */
export interface Declared {
  readonly blocks: readonly string[];
  readonly members: readonly string[];
}

/** The constants of a file. */
export class Constants {
  private readonly names = new Set<string>();

  constructor(private readonly imports: Imports) {}

  add(wanted: string): string {
    const name = identifier(wanted, (one) => this.names.has(one) || this.imports.has(one) || EXPORTED.has(one));
    this.names.add(name);
    return name;
  }
}

/** What a file may import, now or later on. */
const EXPORTED: ReadonlySet<string> = new Set(['t', ...Object.keys(builders), ...Object.keys(rules)]);

/** Networks, containers and policies as the builders make them. A link to a container that links back is a policy. */
export function intentCode(
  { networks, containers, policies }: IntentParts,
  imports: Imports,
  constants: Constants,
): Declared {
  const blocks: string[] = [];
  const members: string[] = [];
  const names = new Map<string, string>();
  const declare = (name: string, remarks: readonly string[], code: Code) => {
    const constant = constants.add(name);
    names.set(name, constant);
    members.push(constant);
    blocks.push([...remarks.map(remark), wrapped(`const ${constant} = ${code}`, 0, ';')].join('\n'));
  };
  const party = (word: string) => names.get(word) ?? quoted(word);
  for (const { item, remarks } of networks)
    declare(item.name, remarks, call(imports.use('network'), quoted(item.name), networkOptions(item)));
  const more: Part<Item<'policies'>>[] = [];
  for (const { item, remarks } of linkedFirst(containers)) {
    const links = (item.links ?? []).map((link) => (typeof link === 'string' ? { target: link } : link));
    const early = links.filter(({ target }) => !names.has(target));
    for (const { target } of early)
      more.push(
        ...opened(
          item.name,
          containers.find((one) => one.item.name === target),
        ),
      );
    const kept = links.filter(({ target }) => names.has(target));
    const options = containerOptions(item, kept, names, imports);
    declare(item.name, remarks, call(imports.use('container'), quoted(item.name), options));
  }
  const lines = [...policies, ...more].flatMap(({ item, remarks }) => {
    const { action, from, to, protocol, ports = [] } = item;
    const service =
      protocol &&
      object({ protocol: quoted(protocol), ...(ports.length > 0 ? { ports: list(ports.map(quoted)) } : {}) });
    const code = call(imports.use(action), party(from), party(to), ...(service ? [service] : []));
    return [...remarks.map((line) => `  ${remark(line)}`), wrapped(code ?? '', 1, ',')];
  });
  if (lines.length > 0) {
    const constant = constants.add('policies');
    blocks.push(`const ${constant} = [\n${lines.join('\n')}\n];`);
    members.push(`...${constant}`);
  }
  return { blocks, members };
}

function networkOptions(item: Item<'networks'>): string {
  const { subnets, gateways, bridge, mtu, nat, icc, internal, publishAddresses, trustedInterfaces, log } = item;
  const texts = (all: readonly string[] | undefined) => (all?.length ? list(all.map(quoted)) : undefined);
  return object({
    subnets: list(subnets.map(quoted)),
    gateways: texts(gateways),
    bridge: bridge === undefined ? undefined : quoted(bridge),
    mtu: mtu === undefined ? undefined : String(mtu),
    nat: nat === undefined ? undefined : typeof nat === 'string' ? quoted(nat) : object({ snat: texts(nat.snat) }),
    icc: icc === undefined ? undefined : String(icc),
    internal: internal ? 'true' : undefined,
    publishAddresses: texts(publishAddresses),
    trustedInterfaces: texts(trustedInterfaces),
    log: log === undefined ? undefined : quoted(log),
  });
}

function containerOptions(
  { networks, publish = [], expose = [] }: Item<'containers'>,
  links: readonly { readonly target: string; readonly alias?: string | undefined }[],
  names: ReadonlyMap<string, string>,
  imports: Imports,
): string {
  const attached = Array.isArray(networks)
    ? networks.map(({ network, addresses = [] }) => {
        const name = names.get(network);
        if (addresses.length === 0) return name;
        return call(imports.use('attach'), name, object({ addresses: list(addresses.map(quoted)) }));
      })
    : [];
  const linked = links.map(({ target, alias }) =>
    call(imports.use('link'), names.get(target), ...(alias === undefined ? [] : [quoted(alias)])),
  );
  const specs = publish.map((one) => quoted(typeof one === 'string' ? one : one.spec));
  return object({
    networks: list(attached),
    publish: specs.length === 0 ? undefined : list(specs),
    expose: expose.length === 0 ? undefined : list(expose.map(quoted)),
    links: linked.length === 0 ? undefined : list(linked),
  });
}

/** Containers after those that they link to. */
function linkedFirst(containers: IntentParts['containers']): IntentParts['containers'] {
  const byName = new Map(containers.map((one) => [one.item.name, one]));
  const begun = new Set<string>();
  const placed: (typeof containers)[number][] = [];
  const place = (one: (typeof containers)[number]): void => {
    if (begun.has(one.item.name)) return;
    begun.add(one.item.name);
    for (const link of one.item.links ?? []) {
      const target = byName.get(typeof link === 'string' ? link : link.target);
      if (target) place(target);
    }
    placed.push(one);
  };
  for (const one of containers) place(one);
  return placed;
}

/** What a link to a container opens. */
function opened(from: string, target: Part<Item<'containers'>> | undefined): Part<Item<'policies'>>[] {
  if (!target) return [];
  const { name, expose = [], publish = [] } = target.item;
  const published = publish.map((one) => (typeof one === 'string' ? one : one.spec).replace(/^.*:/, ''));
  const services = new Set([...expose, ...published].map((port) => (port.includes('/') ? port : `${port}/tcp`)));
  return [...services].map((service) => {
    const [port = '', protocol] = service.split('/');
    const item = { action: 'allow', from, to: name, protocol: protocol as 'tcp', ports: [port] } as const;
    return { item: { ...item, ports: [port] }, remarks: [] };
  });
}
