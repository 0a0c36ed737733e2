import { randomBytes } from 'node:crypto';
import {
  type Base,
  DEFAULT_NETWORK,
  defaultSubnet,
  enter,
  type HostFault,
  leaveRunning,
  type Request,
  type Session,
} from '../../runtime';
import { EXIT, type Flags, type Invocation } from '../command';
import { printText } from '../output';
import { type ContainerFlags, containerOf, withHostGateway } from '../run-flags';
import { openSession, reportFaults, reportResponse, whatOf } from '../session';

export async function execute({ flags, command }: Invocation): Promise<number> {
  const session = await openSession(flags);
  if (typeof session === 'number') return session;
  const name = flags.text('name') ?? `c-${randomBytes(4).toString('hex')}`;
  const container = containerOf(name, flags);
  const response = await session.fulfil(async (base) => requestFor(session, base, container), {
    dryRun: false,
    what: whatOf('run', [name]),
  });
  const added = reportResponse(response, flags, () => undefined);
  if (added !== EXIT.done) return added;
  const code = await runInside(session, name, flags, command);
  if (!flags.has('rm') || flags.has('detach')) return code;
  const removed = await session.fulfil(
    { kind: 'remove', containers: [name] },
    { dryRun: false, what: whatOf('rm', [name]) },
  );
  return reportResponse(removed, flags, () => undefined) || code;
}

async function runInside(session: Session, name: string, flags: Flags, command: readonly string[]): Promise<number> {
  const place = session.place(name);
  if (!place.ok) return reportFaults([place.fault], flags);
  if (!flags.has('detach')) {
    const result = await enter(place.value, command);
    return result.ok ? result.value : reportFaults([result.fault], flags);
  }
  const started = await leaveRunning(place.value, command, session.directory, name);
  if (!started.ok) return reportFaults([started.fault], flags);
  printText(`${name}\n`);
  return EXIT.done;
}

/** The default network is made with the first container that needs it. */
async function requestFor(session: Session, state: Base, container: ContainerFlags): Promise<Request | HostFault> {
  const networks = Array.isArray(container.networks) ? container.networks.map(({ network }) => network as string) : [];
  const [first = ''] = networks;
  const request = (gateways: readonly string[], made: readonly object[]): Request => ({
    kind: 'add',
    where: 'tsnet run: ',
    document: { networks: made, containers: [withHostGateway(container, gateways)] },
  });
  if (!networks.includes(DEFAULT_NETWORK) || state.networks.has(DEFAULT_NETWORK))
    return request((state.networks.get(first)?.bridge.addresses ?? []).map(withoutLength), []);
  const seen = await session.observe();
  if (!seen.ok) return seen.fault;
  const used = [...state.networks.values()].flatMap(({ bridge }) => bridge.addresses);
  const subnet = defaultSubnet(used, seen.value.links);
  if (subnet !== undefined)
    return request([withoutLength(subnet).replace(/0$/, '1')], [{ name: DEFAULT_NETWORK, subnets: [subnet] }]);
  return {
    code: 'TN5003',
    message: 'no subnet from 172.17.0.0/16 to 172.31.0.0/16 is free for the default network',
    hint: 'name a network with --net',
  };
}

function withoutLength(address: string): string {
  return address.replace(/\/.*$/, '');
}
