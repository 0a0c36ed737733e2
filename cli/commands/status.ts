import { formatAddress } from '../../dsl/core/address';
import { EXIT, type Invocation } from '../command';
import { printJson } from '../report';
import { openSession, reportFaults } from '../session';

export async function execute({ flags }: Invocation): Promise<number> {
  const session = await openSession(flags);
  if (typeof session === 'number') return session;
  const state = session.state();
  if (!state.ok) return reportFaults([state.fault], flags);
  const drift = await session.drift(state.value);
  if (!drift.ok) return reportFaults([drift.fault], flags);
  const pending = session.pending();
  if (!pending.ok) return reportFaults([pending.fault], flags);
  const applied = session.applied(state.value);
  if (!applied.ok) return reportFaults([applied.fault], flags);
  const { topology } = applied.value;
  const networks = topology.networks.map(({ name, bridge, subnets }) => ({
    name,
    bridge,
    subnets: subnets.map(({ prefix, gateway }) => ({ gateway: formatAddress(gateway), length: prefix.length })),
  }));
  const containers = topology.containers.map(({ name, mode, publishes }) => ({
    name,
    mode: mode.kind,
    addresses:
      mode.kind === 'bridged'
        ? mode.endpoints.flatMap(({ addresses }) => addresses.map(({ address }) => formatAddress(address)))
        : [],
    publishes: publishes.length,
    pid: session.running(name) ?? null,
  }));
  if (flags.has('json')) printJson({ networks, containers, drift: drift.value, pending: pendingOf(pending.value) });
  else {
    const lines = [
      ...networks.map(
        ({ name, bridge, subnets }) =>
          `network    ${name}  ${bridge}  ${subnets.map(({ gateway, length }) => `${gateway}/${length}`).join(' ')}`,
      ),
      ...containers.map(
        ({ name, mode, addresses, pid }) =>
          `container  ${name}  ${addresses.join(' ') || mode}${pid === null ? '' : `  pid ${pid}`}`,
      ),
      ...drift.value.map((what) => `changed    ${what}`),
      ...(pending.value
        ? [
            `pending    generation ${pending.value.generation}: ${Math.round(pending.value.left)} seconds left to confirm it`,
          ]
        : []),
    ];
    process.stdout.write(lines.length === 0 ? 'nothing is applied\n' : `${lines.join('\n')}\n`);
  }
  return drift.value.length > 0 ? EXIT.difference : EXIT.done;
}

function pendingOf(pending: { readonly generation: number; readonly left: number } | undefined) {
  return pending ? { generation: pending.generation, secondsLeft: Math.round(pending.left) } : null;
}
