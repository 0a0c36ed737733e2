import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

const PROGRAM = join(__dirname, '..', '..', 'dist', 'cli', 'main.js');
const color = process.stdout.isTTY === true && !process.env.NO_COLOR;
const paint = (code: number) => (text: string) => (color ? `\u001b[${code}m${text}\u001b[0m` : text);
const bold = paint(1);
const dim = paint(2);
const green = paint(32);
const red = paint(31);

/** The namespace of the client that stands outside; everything else happens on the (throwaway) host itself. */
const OUTSIDE = 'outside';

export type Place = 'the host' | 'outside';

export interface Ran {
  readonly code: number;
  readonly stdout: string;
}

/** Where the walk-through plays: it runs commands for real, shows them as typed, and counts what does not hold. */
export class Stage {
  private readonly servers: ChildProcess[] = [];
  private failures = 0;
  private checks = 0;

  /** Puts an outside client (192.0.2.9) on the host's link (192.0.2.1), with a route to the containers' subnet. */
  raise(): void {
    const lines = [
      `netns add ${OUTSIDE}`,
      `link add uplink type veth peer name eth0 netns ${OUTSIDE}`,
      'address add 192.0.2.1/24 dev uplink',
      'link set uplink up',
      `netns exec ${OUTSIDE} ip address add 192.0.2.9/24 dev eth0`,
      `netns exec ${OUTSIDE} ip link set eth0 up`,
      `netns exec ${OUTSIDE} ip route add 172.17.0.0/16 via 192.0.2.1`,
    ];
    for (const line of lines) execute('ip', line.split(' '));
  }

  title(text: string): void {
    process.stdout.write(`\n${bold(text)}\n`);
  }

  /** Runs a command and shows it and what it prints. */
  show(place: Place, program: string, ...args: readonly string[]): Ran {
    const prompt = place === 'the host' ? '$' : `${place}$`;
    process.stdout.write(`${dim(`${prompt} ${[program, ...args].join(' ')}`)}\n`);
    const ran = execute(...located(place, program, args));
    process.stdout.write(`${ran.stdout.trimEnd()}\n`);
    return ran;
  }

  /** Leaves `server.js` running in a container until the curtain falls. */
  async serve(container: string, port: number): Promise<void> {
    const command = [container, '--', 'node', join(__dirname, 'server.js'), container, String(port)];
    process.stdout.write(`${dim(`$ tsnet exec ${container} -- node server.js ${container} ${port} &`)}\n`);
    const server = spawn(process.execPath, [PROGRAM, 'exec', ...command], { stdio: ['ignore', 'pipe', 'inherit'] });
    this.servers.push(server);
    const [line] = await Promise.race([once(server.stdout, 'data'), once(server, 'exit')]);
    process.stdout.write(`${line}`);
    this.check(`${container} serves`, String(line).includes('listens'));
  }

  check(claim: string, holds: boolean): void {
    this.checks++;
    if (!holds) this.failures++;
    process.stdout.write(`${holds ? green('ok') : red('NOT SO')}: ${claim}\n`);
  }

  stopServers(): Promise<unknown> {
    const ends = this.servers.map(async (server) => {
      if (server.exitCode === null && server.kill()) await once(server, 'exit');
    });
    return Promise.all(ends);
  }

  /** The last line, and the exit code. */
  curtain(): number {
    process.stdout.write(`\n${this.checks - this.failures} passed, ${this.failures} failed\n`);
    return this.failures === 0 ? 0 : 1;
  }
}

function located(place: Place, program: string, args: readonly string[]): [string, readonly string[]] {
  const [real, ...before] = program === 'tsnet' ? [process.execPath, PROGRAM] : [program];
  const here = [real ?? program, ...before, ...args] as const;
  return place === 'the host' ? [here[0], here.slice(1)] : ['nsenter', [`--net=/run/netns/${OUTSIDE}`, '--', ...here]];
}

/** What a program printed on both streams, and its exit code. */
function execute(program: string, args: readonly string[]): Ran {
  const { status, stdout, stderr, error } = spawnSync(program, args, { encoding: 'utf8' });
  if (error) throw error;
  return { code: status ?? 1, stdout: stdout + stderr };
}
