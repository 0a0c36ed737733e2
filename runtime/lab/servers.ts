import type { Protocol } from '../../dsl/core/port';
import type { Container, ContainerPorts, Party, Topology } from '../../dsl/intent/topology';

/** What answers somewhere in a lab, for there to be something to reach. */
export interface Server {
  /** What it calls itself. */
  readonly name: string;
  readonly where: 'container' | 'host' | 'outside';
  readonly tcp: readonly number[];
  readonly udp: readonly number[];
}

export interface Servers {
  readonly servers: readonly Server[];
  /** What the intent names and nothing answers on, as a reader is told. */
  readonly without: readonly string[];
}

/** Each is a process of its own; nobody tries more by hand. */
export const MOST_SERVERS = 64;
/** Of one server; each is a socket. */
export const MOST_PORTS = 1024;
const WEB = { protocol: 'tcp', ports: { first: 80, last: 80 } } as const;

type NamedPorts = Pick<ContainerPorts, 'protocol'> & {
  readonly ports: { readonly first: number; readonly last: number };
};

/**
 * A server for each container, on the ports that the intent names for it: published, exposed or in a policy; on 80 where
 * it names none. One outside, on 80 and what policies name. One at the host if policies name a port of it.
 */
export function serversFor(topology: Topology): Servers {
  const { containers } = topology;
  const stacks = new Map<string, Set<string>>();
  const planned = [
    plan('outside', 'outside', [WEB, ...policyPorts(topology, (to) => to.kind === 'addresses')], stacks, 'outside'),
    plan(
      'host',
      'host',
      policyPorts(topology, (to) => to.kind === 'host'),
      stacks,
      'host',
    ),
    ...containers.map((container) =>
      plan(container.name, 'container', portsOf(container, topology), stacks, stackOf(container)),
    ),
  ];
  const servers = planned.map(({ server }) => server).filter(({ tcp, udp }) => tcp.length + udp.length > 0);
  return {
    servers: servers.slice(0, MOST_SERVERS),
    without: [
      ...planned.flatMap(({ without }) => without),
      ...(servers.length > MOST_SERVERS ? [`${servers.length - MOST_SERVERS} more containers`] : []),
    ],
  };
}

/** Ports of one stack are taken once, by whichever container comes first. */
function plan(
  name: string,
  where: Server['where'],
  wanted: readonly NamedPorts[],
  stacks: Map<string, Set<string>>,
  stack: string,
): { server: Server; without: readonly string[] } {
  const taken = stacks.get(stack) ?? new Set();
  stacks.set(stack, taken);
  const ports: { [P in Protocol]: number[] } = { tcp: [], udp: [], sctp: [] };
  for (const { protocol, ports: range } of wanted)
    for (let port = range.first; port <= range.last; port++) {
      if (taken.has(`${protocol} ${port}`)) continue;
      taken.add(`${protocol} ${port}`);
      ports[protocol].push(port);
    }
  const left = ports.tcp.splice(MOST_PORTS).length + ports.udp.splice(MOST_PORTS).length;
  return {
    server: { name, where, tcp: ports.tcp, udp: ports.udp },
    without: [
      ...(ports.sctp.length > 0 ? [`sctp ports of ${name}`] : []),
      ...(left > 0 ? [`${left} more ports of ${name}`] : []),
    ],
  };
}

function portsOf(container: Container, topology: Topology): readonly NamedPorts[] {
  const { name, mode, publishes, exposes } = container;
  const networks = new Set<string>(mode.kind === 'bridged' ? mode.endpoints.map(({ network }) => network) : []);
  const inPolicies = policyPorts(
    topology,
    (to) => (to.kind === 'container' && to.container === name) || (to.kind === 'network' && networks.has(to.network)),
  );
  const named = [...publishes, ...exposes, ...inPolicies];
  return named.length === 0 && mode.kind === 'bridged' ? [WEB] : named;
}

function policyPorts({ policies }: Topology, is: (to: Party) => boolean): NamedPorts[] {
  return policies
    .filter(({ to }) => is(to))
    .flatMap(({ protocol = 'tcp', ports }) => ports.map((range) => ({ protocol, ports: range })));
}

/** Whose ports a container's are. */
function stackOf({ name, mode }: Container): string {
  switch (mode.kind) {
    case 'host':
      return 'host';
    case 'container':
      return `container ${mode.container}`;
    case 'bridged':
    case 'none':
      return `container ${name}`;
  }
}

/** A port that has to answer somewhere: in a container by its name, at the host or outside. */
export interface OpenPort {
  readonly at: string;
  readonly protocol: 'tcp' | 'udp';
  readonly port: number;
}

/** The same servers on more ports, and more servers where there are none yet. */
export function withPorts(servers: readonly Server[], open: readonly OpenPort[]): readonly Server[] {
  const names = [...new Set([...servers.map(({ name }) => name), ...open.map(({ at }) => at)])];
  return names.map((name) => {
    const own = servers.find((server) => server.name === name);
    const ports = (protocol: 'tcp' | 'udp') => [
      ...new Set([
        ...(own?.[protocol] ?? []),
        ...open.filter((one) => one.at === name && one.protocol === protocol).map(({ port }) => port),
      ]),
    ];
    const where = own?.where ?? (name === 'host' || name === 'outside' ? name : 'container');
    return { name, where, tcp: ports('tcp'), udp: ports('udp') };
  });
}
