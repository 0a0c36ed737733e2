import { join } from 'node:path';
import * as z from 'zod/mini';
import { done, type HostFault, type Result, refused } from '../host/fault';
import type { Host, HostOp } from '../host/port';
import type { Step } from '../plan/step';
import { VERSION } from '../state/records';

/** A change that takes itself back unless it is confirmed in time. */
const pendingRecord = z.strictObject({
  version: z.literal(VERSION),
  /** Tells one armed change from the next. */
  token: z.string(),
  /** The generation that it makes. */
  generation: z.number(),
  seconds: z.number(),
  /** The boot that the deadline belongs to, and the deadline in seconds since then: no clock that people set. */
  boot: z.string(),
  deadline: z.number(),
});

export type Pending = z.infer<typeof pendingRecord>;

export function pendingPath(directory: string): string {
  return join(directory, 'confirm.json');
}

export function readPending(host: Pick<Host, 'readFile'>, directory: string): Result<Pending | undefined, HostFault> {
  const path = pendingPath(directory);
  const text = host.readFile(path);
  if (text === undefined) return done(undefined);
  try {
    const parsed = pendingRecord.safeParse(JSON.parse(text));
    if (parsed.success) return done(parsed.data);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  return refused('TN5007', `the state file ${path} is cut short or was changed`, {
    hint: `if the last change is to stay, delete it; if not: rm ${path}, then tsnet rollback`,
  });
}

/** How many seconds are left; none after a boot. */
export function secondsLeft({ boot, deadline }: Pending, host: Pick<Host, 'uptime'>): number {
  const now = host.uptime();
  return now.boot === boot ? deadline - now.seconds : 0;
}

export function pendingFrom(token: string, generation: number, seconds: number, host: Pick<Host, 'uptime'>): Pending {
  const now = host.uptime();
  return { version: VERSION, token, generation, seconds, boot: now.boot, deadline: now.seconds + seconds };
}

export function pendingOp(directory: string, pending: Pending): HostOp {
  return { op: 'file.write', path: pendingPath(directory), text: `${JSON.stringify(pending)}\n`, mode: 0o600 };
}

/** Written down before anything that could cut its owner off. */
export function armStep(directory: string, pending: Pending): Step {
  return {
    phase: 'prepare',
    title: `take it all back in ${pending.seconds} seconds unless it is confirmed`,
    do: pendingOp(directory, pending),
    undo: [{ op: 'file.remove', path: pendingPath(directory) }],
  };
}

export function disarmStep(directory: string, pending: Pending): Step {
  return {
    phase: 'record',
    title: 'wait for no confirmation any more',
    do: { op: 'file.remove', path: pendingPath(directory) },
    undo: [pendingOp(directory, pending)],
  };
}
