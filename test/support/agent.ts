import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

export type Protocol = 'tcp' | 'udp';

export interface Probe {
  readonly address: string;
  readonly port: number;
  readonly protocol?: Protocol;
  /** The source address to come from. */
  readonly from?: string;
}

/** Something that goes on in the agent's namespace. */
export interface Going<T> {
  end(): Promise<T>;
}

const TIMEOUT_MS = 500;
/** The first time, the two may have to find each other first: a neighbour that does not answer is asked again in a second. */
const FIRST_MS = 1500;

/** A process in a network namespace that serves and probes there. */
export class Agent {
  private readonly child: ChildProcess;
  private readonly tried = new Set<string>();
  private readonly waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
  private next = 0;

  constructor(namespace: string) {
    this.child = spawn(
      'nsenter',
      [`--net=/run/netns/${namespace}`, process.execPath, join(__dirname, 'agent-process.js')],
      {
        stdio: ['pipe', 'pipe', 'inherit'],
      },
    );
    if (!this.child.stdout) throw new Error('no output');
    createInterface({ input: this.child.stdout }).on('line', (line) => {
      const { id, result, error } = JSON.parse(line);
      const waiter = this.waiting.get(id);
      this.waiting.delete(id);
      if (error) waiter?.reject(new Error(error));
      else waiter?.resolve(result);
    });
  }

  /** Answers on a port with the client's address, on every address of the namespace unless one is given. */
  async serve(port: number, protocol: Protocol = 'tcp', address?: string): Promise<void> {
    await this.ask({ action: 'serve', protocol, port, ...(address ? { address } : {}) });
  }

  /** Ends what `serve` began for TCP. */
  async close(port: number): Promise<void> {
    await this.ask({ action: 'close', port });
  }

  /** The address that the other side saw, or null when nothing answered. */
  async probe({ protocol = 'tcp', ...rest }: Probe): Promise<string | null> {
    const way = `${protocol} ${rest.address}`;
    const timeout = this.tried.has(way) ? TIMEOUT_MS : FIRST_MS;
    this.tried.add(way);
    return (await this.ask({ action: 'probe', protocol, timeout, ...rest })) as string | null;
  }

  /** Gives every client its own bytes back. */
  async echo(port: number): Promise<void> {
    await this.ask({ action: 'echo', port });
  }

  /** Sends datagrams without a pause, each a new flow, until `end` is called. */
  async flood(address: string, port: number): Promise<Going<{ sent: number }>> {
    return this.begin({ action: 'flood', address, port });
  }

  /** Counts the datagrams that come to a port, until `end` is called. */
  async count(port: number): Promise<Going<{ received: number }>> {
    return this.begin({ action: 'count', port });
  }

  /** Keeps a connection to an `echo` busy until `end` is called, which says what became of its bytes. */
  async hold(
    address: string,
    port: number,
    every = 5,
  ): Promise<Going<{ sent: number; received: number; broken: boolean }>> {
    return this.begin({ action: 'hold', address, port, every });
  }

  /** Opens a new connection to a `serve` every few milliseconds until `end` is called. */
  async knock(address: string, port: number, every = 1): Promise<Going<{ sent: number; answered: number }>> {
    return this.begin({ action: 'knock', address, port, every });
  }

  /** Sends a datagram to a `serve` every few milliseconds until `end` is called. */
  async ping(address: string, port: number, every = 1): Promise<Going<{ sent: number; answered: number }>> {
    return this.begin({ action: 'ping', address, port, every });
  }

  stop(): void {
    this.child.stdin?.end();
    this.child.kill();
  }

  private async begin<T>(request: object): Promise<Going<T>> {
    const which = this.next;
    await this.ask(request);
    return { end: () => this.ask({ action: 'end', which }) as Promise<T> };
  }

  private ask(request: object): Promise<unknown> {
    const id = this.next++;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      this.child.stdin?.write(`${JSON.stringify({ id, ...request })}\n`);
    });
  }
}
