import { type Address, formatAddress } from '../../dsl/core/address';
import { formatPortRange } from '../../dsl/core/port';
import { EXIT, type Invocation } from '../command';
import { printJson } from '../report';
import { openSession, reportFaults } from '../session';

export async function execute({ flags, words: [name] }: Invocation): Promise<number> {
  const session = await openSession(flags);
  if (typeof session === 'number') return session;
  const state = session.state();
  if (!state.ok) return reportFaults([state.fault], flags);
  if (name !== undefined && !state.value.containers.has(name))
    return reportFaults([{ code: 'TN5006', message: `there is no container \`${name}\`` }], flags);
  const applied = session.applied(state.value);
  if (!applied.ok) return reportFaults([applied.fault], flags);
  const ports = applied.value.topology.containers
    .filter((container) => name === undefined || container.name === name)
    .flatMap((container) =>
      container.publishes.flatMap(({ hostAddress, hostPorts, ports: inside, protocol, targets }) =>
        targets.map(({ family }) => ({
          container: container.name,
          port: `${formatPortRange(inside)}/${protocol}`,
          host: `${hostText(hostAddress, family)}:${formatPortRange(hostPorts)}`,
        })),
      ),
    );
  if (flags.has('json')) printJson({ ports });
  else
    for (const { container, port, host } of ports)
      process.stdout.write(`${name === undefined ? `${container}  ` : ''}${port} -> ${host}\n`);
  return EXIT.done;
}

function hostText(address: Address | undefined, family: 4 | 6): string {
  const text = address ? formatAddress(address) : family === 4 ? '0.0.0.0' : '::';
  return family === 6 ? `[${text}]` : text;
}
