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

const TIMEOUT_MS = 700;

/** A process in a network namespace that serves and probes there. */
export class Agent {
  private readonly child: ChildProcess;
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

  /** The address that the other side saw, or null when nothing answered. */
  async probe({ protocol = 'tcp', ...rest }: Probe): Promise<string | null> {
    return (await this.ask({ action: 'probe', protocol, timeout: TIMEOUT_MS, ...rest })) as string | null;
  }

  stop(): void {
    this.child.stdin?.end();
    this.child.kill();
  }

  private ask(request: object): Promise<unknown> {
    const id = this.next++;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      this.child.stdin?.write(`${JSON.stringify({ id, ...request })}\n`);
    });
  }
}
