import { randomBytes } from 'node:crypto';
import {
  DEFAULT_NETWORK,
  defaultSubnet,
  enter,
  type HostFault,
  leaveRunning,
  type Session,
  type State,
} from '../../runtime';
import { EXIT, type Flags, type Invocation, UsageError } from '../command';
import { openSession, reportFaults, reportResponse } from '../session';

export async function execute({ flags, command }: Invocation): Promise<number> {
  const session = openSession(flags);
  if (typeof session === 'number') return session;
  const name = flags.text('name') ?? `c-${randomBytes(4).toString('hex')}`;
  const container = containerOf(name, flags);
  const response = await session.fulfil(async (state) => requestFor(session, state, container), { dryRun: false });
  const added = reportResponse(response, flags, () => undefined);
  if (added !== EXIT.done) return added;
  const code = await runInside(session, name, flags, command);
  if (!flags.has('rm') || flags.has('detach')) return code;
  const removed = await session.fulfil({ kind: 'remove', containers: [name] }, { dryRun: false });
  return reportResponse(removed, flags, () => undefined) || code;
}

async function runInside(session: Session, name: string, flags: Flags, command: readonly string[]): Promise<number> {
  const state = session.state();
  if (!state.ok) return reportFaults([state.fault], flags);
  const place = session.place(state.value, name);
  if (!place.ok) return reportFaults([place.fault], flags);
  if (!flags.has('detach')) {
    const result = await enter(place.value, command);
    return result.ok ? result.value : reportFaults([result.fault], flags);
  }
  const started = await leaveRunning(place.value, command, session.directory, name);
  if (!started.ok) return reportFaults([started.fault], flags);
  process.stdout.write(`${name}\n`);
  return EXIT.done;
}

interface ContainerFlags {
  readonly name: string;
  readonly networks: unknown;
  readonly [key: string]: unknown;
}

/** The flags as a container of the intent document; what is in them is for its schema to judge. */
function containerOf(name: string, flags: Flags): ContainerFlags {
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

/** The default network is made with the first container that needs it. */
async function requestFor(session: Session, state: State, container: ContainerFlags) {
  const where = 'tsnet run: ';
  const needsDefault =
    Array.isArray(container.networks) && container.networks.some(({ network }) => network === DEFAULT_NETWORK);
  if (!needsDefault || state.networks.has(DEFAULT_NETWORK))
    return { kind: 'add' as const, where, document: { containers: [container] } };
  const seen = await session.observe();
  if (!seen.ok) return seen.fault;
  const used = [...state.networks.values()].flatMap(({ bridge }) => bridge.addresses);
  const subnet = defaultSubnet(used, seen.value.links);
  if (subnet === undefined) {
    const fault: HostFault = {
      code: 'TN5003',
      message: 'no subnet from 172.17.0.0/16 to 172.31.0.0/16 is free for the default network',
      hint: 'name a network with --net',
    };
    return fault;
  }
  return {
    kind: 'add' as const,
    where,
    document: { networks: [{ name: DEFAULT_NETWORK, subnets: [subnet] }], containers: [container] },
  };
}
