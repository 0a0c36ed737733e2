import { EXIT, type Invocation } from '../command';
import { printJson } from '../report';
import { openSession, reportFaults } from '../session';

export async function execute({ flags, words: [name = ''] }: Invocation): Promise<number> {
  const session = await openSession(flags);
  if (typeof session === 'number') return session;
  const state = session.state();
  if (!state.ok) return reportFaults([state.fault], flags);
  const container = state.value.containers.get(name);
  const network = state.value.networks.get(name);
  if (container) {
    const files = container.sandbox ? session.place(name) : undefined;
    printJson({
      kind: 'container',
      source: container.source,
      intent: container.document,
      sandbox: container.sandbox,
      leases: container.leases,
      files: files?.ok ? files.value.files : null,
      pid: session.running(name) ?? null,
    });
    return EXIT.done;
  }
  if (network) {
    printJson({ kind: 'network', source: network.source, intent: network.document, bridge: network.bridge });
    return EXIT.done;
  }
  return reportFaults([{ code: 'TN5006', message: `there is no network or container \`${name}\`` }], flags);
}
