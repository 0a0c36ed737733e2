import type { Generation } from '../../runtime';
import { EXIT, type Invocation } from '../command';
import { printJson } from '../report';
import { openSession, reportFaults } from '../session';

export async function execute({ flags }: Invocation): Promise<number> {
  const session = await openSession(flags);
  if (typeof session === 'number') return session;
  const history = session.history();
  if (!history.ok) return reportFaults([history.fault], flags);
  const pending = session.pending();
  if (!pending.ok) return reportFaults([pending.fault], flags);
  const waiting = pending.value?.generation;
  const generations = history.value.map((one) => ({
    generation: one.number,
    time: one.time,
    what: one.what,
    changes: changesOf(one),
    confirmed: one.number !== waiting,
  }));
  if (flags.has('json')) printJson({ generations });
  else if (generations.length === 0) process.stdout.write('nothing was applied yet\n');
  else
    for (const { generation, time, what, changes, confirmed } of generations) {
      const when = time.replace('T', ' ').replace(/\.\d+Z$/, 'Z');
      const waits = confirmed ? '' : '  waits for: tsnet confirm';
      process.stdout.write(`${String(generation).padStart(4)}  ${when}  ${what}  (${changes.join(', ')})${waits}\n`);
    }
  return EXIT.done;
}

/** `+web`, `-db`, `~front`: what came, went and changed. */
function changesOf({ networks, containers, host, migration }: Generation): string[] {
  const named = Object.entries({ ...prefixed(networks, 'network '), ...prefixed(containers, '') });
  const shown = named.slice(0, SHOWN).map(([name, { before, after }]) => {
    const sign = before === null ? '+' : after === null ? '-' : '~';
    return `${sign}${name}`;
  });
  const more = named.length > SHOWN ? [`and ${named.length - SHOWN} more`] : [];
  const rules = host && JSON.stringify(host.before) !== JSON.stringify(host.after) ? ['~rules of the host'] : [];
  const migrated = migration ? [migration.after ? 'iptables to nft' : 'nft to iptables'] : [];
  return [...shown, ...more, ...rules, ...migrated];
}

const SHOWN = 6;

function prefixed<T>(records: Readonly<Record<string, T>>, prefix: string): Record<string, T> {
  return Object.fromEntries(Object.entries(records).map(([name, record]) => [prefix + name, record]));
}
