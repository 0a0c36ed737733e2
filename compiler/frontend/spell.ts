import type { Path } from '../../dsl/core/diagnostic';
import type { IntentDocument } from '../../dsl/intent/model';

type Item<List extends keyof IntentDocument> =
  NonNullable<IntentDocument[List]> extends readonly (infer One)[] ? One : never;
type Service = Pick<Item<'policies'>, 'protocol' | 'ports'>;

/** A document in the text language, in canonical form. What it means is the same, to the byte of the ruleset. */
export function spell(document: IntentDocument): string {
  const { defines = [], networks = [], containers = [], policies = [], expectations = [], tables = [] } = document;
  const parts = [
    defines.map(({ name, prefixes }) => `define ${name} = { ${prefixes.join(', ')} }`).join('\n'),
    ...networks.map(spellNetwork),
    ...containers.map(spellContainer),
    policies.map(spellPolicy).join('\n'),
    expectations.map(spellExpectation).join('\n'),
    ...tables,
  ];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

function block(header: string, statements: readonly string[]): string {
  return `${header} {\n${statements.map((statement) => `${statement.replace(/^/gm, '  ')}\n`).join('')}}`;
}

function each(keyword: string, values: readonly string[] = []): string[] {
  return values.map((value) => `${keyword} ${value}`);
}

function spellNetwork(network: Item<'networks'>): string {
  const { name, subnets, gateways, bridge, mtu, nat, icc, internal, publishAddresses, trustedInterfaces, log } =
    network;
  return block(`network ${name}`, [
    ...each('subnet', subnets),
    ...each('gateway', gateways),
    ...(bridge === undefined ? [] : [`bridge ${bridge}`]),
    ...(mtu === undefined ? [] : [`mtu ${mtu}`]),
    ...(nat === undefined ? [] : [typeof nat === 'string' ? `nat ${nat}` : `nat snat ${nat.snat.join(' ')}`]),
    ...(icc === undefined ? [] : [`icc ${icc ? 'on' : 'off'}`]),
    ...(internal ? ['internal'] : []),
    ...each('publish-address', publishAddresses),
    ...each('trusted-interface', trustedInterfaces),
    ...(log === 'drops' ? ['log drops'] : []),
  ]);
}

function spellContainer(container: Item<'containers'>): string {
  const { name, networks, hostname, dns, dnsSearch, hosts = [], publish = [], expose, links = [] } = container;
  return block(`container ${name}`, [
    ...spellNetworks(networks),
    ...(hostname === undefined ? [] : [`hostname ${hostname}`]),
    ...each('dns', dns),
    ...each('dns-search', dnsSearch),
    ...hosts.map((host) => `host ${host.name} ${host.address}`),
    ...publish.map(spellPublish),
    ...each('expose', expose),
    ...links.map(spellLink),
  ]);
}

/** The statement that a path leads to, in short: `container web: publish 8080:80`. */
export function spellStatement(document: IntentDocument, [list, index, part, at]: Path): string | undefined {
  const of = <T>(items: readonly T[] | undefined, place: unknown) => items?.[Number(place)];
  if (list === 'policies') {
    const policy = of(document.policies, index);
    return policy && spellPolicy(policy);
  }
  if (list === 'networks')
    return `network ${of(document.networks, index)?.name}${part === 'internal' ? ': internal' : ''}`;
  const container = list === 'containers' ? of(document.containers, index) : undefined;
  if (!container) return undefined;
  const words = (): string | undefined => {
    switch (part) {
      case 'publish': {
        const publish = of(container.publish, at);
        return publish && spellPublish(publish);
      }
      case 'links': {
        const link = of(container.links, at);
        return link && spellLink(link);
      }
      case 'expose':
        return `expose ${of(container.expose, at)}`;
      case 'networks':
        return spellNetworks(container.networks)[Number(at ?? 0)]?.split(/ ?\{/, 1)[0];
      default:
        return undefined;
    }
  };
  const statement = words();
  return statement === undefined ? `container ${container.name}` : `container ${container.name}: ${statement}`;
}

function spellNetworks(networks: Item<'containers'>['networks']): string[] {
  if (typeof networks === 'string') return [`network ${networks}`];
  if ('container' in networks) return [`network container ${networks.container}`];
  return networks.map(({ network, addresses, mac, aliases, gateways }) => {
    const statements = [
      ...each('address', addresses),
      ...(mac === undefined ? [] : [`mac ${mac}`]),
      ...each('alias', aliases),
      ...each('gateway', gateways),
    ];
    return statements.length === 0 ? `network ${network}` : block(`network ${network}`, statements);
  });
}

function spellPublish(publish: NonNullable<Item<'containers'>['publish']>[number]): string {
  if (typeof publish === 'string') return `publish ${publish}`;
  const { spec, from = [], limit } = publish;
  const sources = from.length === 0 ? '' : ` from { ${from.join(', ')} }`;
  return `publish ${spec}${sources}${limit === undefined ? '' : ` limit ${limit}`}`;
}

function spellLink(link: NonNullable<Item<'containers'>['links']>[number]): string {
  const { target, alias } = typeof link === 'string' ? { target: link, alias: undefined } : link;
  return `link ${target}${alias === undefined ? '' : ` as ${alias}`}`;
}

function spellPolicy({ action, from, to, ...service }: Item<'policies'>): string {
  return `${action} ${from} -> ${to}${spellService(service)}`;
}

function spellService({ protocol, ports = [] }: Service): string {
  return `${protocol === undefined ? '' : ` ${protocol}`}${ports.length === 0 ? '' : ` ${ports.join(', ')}`}`;
}

export function spellExpectation({ from, to, outcome, ...service }: Item<'expectations'>): string {
  const head = `expect ${from} -> ${to}${spellService(service)}`;
  if (typeof outcome === 'string') return `${head} ${outcome}`;
  const { reaches, protocol, port } = outcome;
  return `${head} reaches ${reaches}${protocol === undefined || port === undefined ? '' : ` ${protocol} ${port}`}`;
}
