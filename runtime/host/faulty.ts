import { done, type HostFault, type Result } from './fault';
import { type Host, type HostOp, type Observation, partsOf, type Stopped, type XtVariant } from './port';

/** A host that fails at its n-th operation (counted from 0): before it takes effect, or after. */
export class FaultyHost implements Host {
  private count = 0;

  constructor(
    private readonly host: Host,
    private readonly at: number,
    private readonly when: 'before' | 'after',
  ) {}

  /** Whether the fault has happened. */
  get struck(): boolean {
    return this.count > this.at;
  }

  async perform(ops: readonly HostOp[]): Promise<Result<void, Stopped>> {
    for (const [performed, op] of ops.entries())
      for (const part of partsOf(op)) {
        const strikes = this.count++ === this.at;
        if (strikes && this.when === 'before') return failedOn(op, performed);
        const result = await this.host.perform([part]);
        if (!result.ok) return { ok: false, fault: { ...result.fault, performed } };
        if (strikes) return failedOn(op, performed);
      }
    return done(undefined);
  }

  observe(variant?: XtVariant): Promise<Result<Observation, HostFault>> {
    return this.host.observe(variant);
  }

  generation() {
    return this.host.generation();
  }

  listTables(names: readonly string[]) {
    return this.host.listTables(names);
  }

  rehearse(text: string) {
    return this.host.rehearse(text);
  }

  insides(namespaces: readonly string[]) {
    return this.host.insides(namespaces);
  }

  networkNamespace() {
    return this.host.networkNamespace();
  }

  xtables() {
    return this.host.xtables();
  }

  foreignTables() {
    return this.host.foreignTables();
  }

  dumpRules(...asked: Parameters<Host['dumpRules']>) {
    return this.host.dumpRules(...asked);
  }

  saveSets() {
    return this.host.saveSets();
  }

  listeners(asked: Parameters<Host['listeners']>[0]) {
    return this.host.listeners(asked);
  }

  linkExists(name: string) {
    return this.host.linkExists(name);
  }

  namespaceExists(name: string) {
    return this.host.namespaceExists(name);
  }

  readFile(path: string) {
    return this.host.readFile(path);
  }

  listDirectory(path: string) {
    return this.host.listDirectory(path);
  }

  uptime() {
    return this.host.uptime();
  }

  sysctl(key: string) {
    return this.host.sysctl(key);
  }
}

function failedOn(op: HostOp, performed: number): { ok: false; fault: Stopped } {
  return {
    ok: false,
    fault: { performed, doubtful: 1, fault: { code: 'TN5003', message: `${op.op} failed on purpose` } },
  };
}
