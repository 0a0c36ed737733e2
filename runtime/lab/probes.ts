import { join } from 'node:path';
import { run } from '../host/exec';
import type { Session } from '../session';
import { OUTSIDE } from './host';

/** A packet to send in a lab, and to see who answers. */
export interface Probe {
  /** A container's name, `host` or `outside`. */
  readonly from: string;
  /** The address to send from; null: the kernel's choice. */
  readonly source: string | null;
  readonly address: string;
  readonly protocol: 'tcp' | 'udp';
  readonly port: number;
  /** The port to send from; the kernel's choice unless given. */
  readonly sourcePort?: number;
}

/** What the client outside takes for the way to a network behind the host. */
export interface OutsideRoute {
  readonly prefix: string;
  readonly via: string;
}

/** Who answered each probe, as the lab's servers say it: `web`; null: nobody. */
export async function askProbes(
  session: Session,
  probes: readonly Probe[],
  routes: readonly OutsideRoute[],
): Promise<readonly (string | null)[]> {
  // One that is there already is as good: each is tried by itself.
  const lines = routes.map(({ prefix, via }) => `route add ${prefix} via ${via}\n`);
  await run('ip', ['-n', OUTSIDE, '-force', '-batch', '-'], lines.join(''));
  const answers: (string | null)[] = probes.map(() => null);
  const places = [...new Set(probes.map(({ from }) => from))];
  await Promise.all(
    places.map(async (from) => {
      const own = probes.flatMap((probe, index) => (probe.from === from ? [{ probe, index }] : []));
      const heard = await askFrom(
        session,
        from,
        own.map(({ probe }) => probe),
      );
      for (const [at, { index }] of own.entries()) answers[index] = heard[at] ?? null;
    }),
  );
  return answers;
}

async function askFrom(session: Session, from: string, probes: readonly Probe[]): Promise<readonly (string | null)[]> {
  const namespace = namespaceOf(session, from);
  const enter = namespace === undefined ? [] : ['nsenter', `--net=/run/netns/${namespace}`, '--'];
  const [program = '', ...args] = [...enter, process.execPath, join(__dirname, 'prober.js')];
  const ran = await run(program, args, JSON.stringify(probes));
  return ran.ok && ran.value.exitCode === 0 ? (JSON.parse(ran.value.stdout) as (string | null)[]) : [];
}

function namespaceOf(session: Session, from: string): string | undefined {
  if (from === 'host') return undefined;
  if (from === 'outside') return OUTSIDE;
  const place = session.place(from);
  return place.ok ? place.value.namespace : undefined;
}
