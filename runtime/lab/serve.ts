import { closeSync, existsSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { leave } from '../host/exec';
import { done, type HostFault, type Result, refused } from '../host/fault';
import { readOptional } from '../host/files';
import { leaveRunning } from '../sandbox/process';
import type { Session } from '../session';
import { paths } from '../state/store';
import { LAB_DIRECTORY, OUTSIDE } from './host';
import type { Server } from './servers';

const READY_MS = 30_000;
const POLL_MS = 10;

/** Starts servers and waits until each answers; gives what became of those that do not. */
export async function startServers(session: Session, servers: readonly Server[]): Promise<HostFault[]> {
  const started = await Promise.all(servers.map((server) => start(session, server)));
  return started.flatMap((one) => (one.ok ? [] : [one.fault]));
}

/** In a container it is the container's own detached process, which `tsnet status` shows and `tsnet rm` ends. */
async function start(session: Session, server: Server): Promise<Result<void, HostFault>> {
  const { name, where, tcp, udp } = server;
  const command = [
    process.execPath,
    join(__dirname, 'responder.js'),
    name,
    ...tcp.map((port) => `tcp/${port}`),
    ...udp.map((port) => `udp/${port}`),
  ];
  if (where === 'container') {
    const place = session.place(name);
    if (!place.ok) return place;
    const left = await leaveRunning(place.value, command, session.directory, name);
    if (!left.ok) return left;
    return ready(name, paths.log(session.directory, name), () => session.running(name) !== undefined);
  }
  const log = join(LAB_DIRECTORY, `${where}.log`);
  const file = openSync(log, 'a', 0o600);
  const [program = '', ...args] =
    where === 'host' ? command : ['nsenter', `--net=/run/netns/${OUTSIDE}`, '--', ...command];
  const left = await leave(program, args, file);
  closeSync(file);
  return left.ok ? ready(name, log, () => existsSync(`/proc/${left.value}`)) : left;
}

async function ready(name: string, log: string, alive: () => boolean): Promise<Result<void, HostFault>> {
  for (let waited = 0; waited < READY_MS; waited += POLL_MS) {
    const ends = !alive();
    const text = readOptional(log) ?? '';
    if (/^ready$/m.test(text)) return done(undefined);
    if (ends) return refused('TN5003', `the server of ${name} does not start: ${text.trim()}`);
    await sleep(POLL_MS);
  }
  return refused('TN5003', `the server of ${name} did not start within ${READY_MS / 1000} seconds`);
}
