import { DEFAULT_NETWORK } from '../runtime';
import { type Flags, UsageError } from './command';

export interface ContainerFlags {
  readonly name: string;
  readonly networks: unknown;
  readonly hosts: readonly { readonly name: string; readonly address: string }[];
  readonly [key: string]: unknown;
}

/** The flags as a container of the intent document; what is in them is for its schema to judge. */
export function containerOf(name: string, flags: Flags): ContainerFlags {
  const expose = flags.texts('expose');
  return {
    name,
    networks: networksOf(flags),
    ...(flags.text('hostname') === undefined ? {} : { hostname: flags.text('hostname') }),
    dns: flags.texts('dns'),
    dnsSearch: flags.texts('dns-search'),
    hosts: flags
      .texts('add-host')
      .map((text) => pairOf(text, 'add-host', ([host, address]) => ({ name: host, address }))),
    publish: [...flags.texts('publish'), ...(flags.has('publish-all') ? expose : [])],
    expose,
    links: flags.texts('link').map((text) => {
      const [target = '', alias] = text.split(':');
      return alias === undefined ? { target } : { target, alias };
    }),
  };
}

function networksOf(flags: Flags): unknown {
  const nets = [...flags.texts('net'), ...flags.texts('network')];
  const [only] = nets;
  if (nets.length === 1 && (only === 'none' || only === 'host')) return only;
  if (nets.length === 1 && only?.startsWith('container:')) return { container: only.slice('container:'.length) };
  if (nets.some((net) => net === 'none' || net === 'host' || net.startsWith('container:')))
    throw new UsageError('`--net none`, `host` and `container:NAME` stand alone');
  const gateway = flags.text('default-gateway');
  const mac = flags.text('mac-address');
  const first = {
    addresses: [flags.text('ip'), flags.text('ip6')].filter((address) => address !== undefined),
    ...(mac === undefined ? {} : { mac }),
    aliases: flags.texts('network-alias'),
    gateways: gateway === undefined ? [] : [gateway],
  };
  return (nets.length === 0 ? [DEFAULT_NETWORK] : nets).map((network, index) =>
    index === 0 ? { network, ...first } : { network },
  );
}

function pairOf<T>(text: string, flag: string, of: (pair: readonly [string, string]) => T): T {
  const at = text.search(/[:=]/);
  if (at <= 0) throw new UsageError(`\`--${flag} ${text}\` is not NAME:ADDRESS`);
  return of([text.slice(0, at), text.slice(at + 1).replace(/^\[(.*)\]$/, '$1')]);
}

/** Docker's word for the host as its containers see it. */
const HOST_GATEWAY = 'host-gateway';

/** Puts the gateway's addresses in the place of `host-gateway`. */
export function withHostGateway(container: ContainerFlags, gateways: readonly string[]): ContainerFlags {
  const hosts = container.hosts.flatMap((host) =>
    host.address === HOST_GATEWAY ? gateways.map((address) => ({ ...host, address })) : [host],
  );
  return { ...container, hosts };
}
