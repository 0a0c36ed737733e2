import { setTimeout as sleep } from 'node:timers/promises';
import { difference, ended, INTENTS, note, Victim } from './host';

export interface Kills {
  readonly kills: number;
  readonly old: number;
  readonly new: number;
  readonly ended: number;
  readonly between: number;
}

/**
 * Kills `apply` at random moments, it alone or with the tools that it started, and holds what the next command makes of it
 * against the old and the new state.
 */
export async function killAtRandom(target: 'nft' | 'iptables', kills: number): Promise<Kills> {
  const victim = new Victim(target);
  const references = await referencesOf(victim);
  const started = Date.now();
  await victim.apply(INTENTS[0]);
  const longest = Date.now() - started;
  await victim.apply(INTENTS[1]);
  let at = 1;
  const result = { kills: 0, old: 0, new: 0, ended: 0, between: 0 };
  while (result.kills < kills) {
    const next = 1 - at;
    const child = victim.begin(victim.applyArgs(), INTENTS[next] ?? '');
    const end = ended(child);
    let over = false;
    void end.then(() => {
      over = true;
    });
    await sleep(Math.random() * longest);
    if (!over && child.pid !== undefined) {
      result.kills++;
      // With its tools, or alone: then they go on, and the next command has to wait for them.
      process.kill(result.kills % 2 === 0 ? -child.pid : child.pid, 'SIGKILL');
    }
    await end;
    if (over && !victim.isInterrupted()) result.ended++;
    const recovered = victim.recover();
    const now = victim.fingerprint();
    const which = references.indexOf(now);
    if (recovered.code !== 0 || which < 0) {
      result.between++;
      note(`between: ${recovered.stderr}\n${nearest(references, now)}`);
      await victim.apply(INTENTS[next] ?? '');
      at = next;
      continue;
    }
    if (which === next) result.new++;
    else result.old++;
    at = which;
    if (result.kills % 50 === 0) note(`${target}: ${JSON.stringify(result)}`);
  }
  victim.close();
  return result;
}

function nearest(references: readonly string[], now: string): string {
  const [first = ''] = references
    .map((reference) => difference(reference, now))
    .sort((a, b) => a.split('\n').length - b.split('\n').length);
  return first;
}

/** What the host is with each of the intents, however often it was changed before. */
export async function referencesOf(victim: Victim): Promise<string[]> {
  const seen: string[] = [];
  for (const intent of [...INTENTS, ...INTENTS]) {
    const { code, stderr } = await victim.apply(intent);
    if (code !== 0) throw new Error(stderr);
    seen.push(victim.fingerprint());
  }
  const [a = '', b = '', again = '', once = ''] = seen;
  if (a !== again || b !== once)
    throw new Error(`not the same twice:\n${difference(a, again)}\n${difference(b, once)}`);
  return [a, b];
}
