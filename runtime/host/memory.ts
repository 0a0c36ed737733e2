import type { LoadUnit, XtFamily } from '../../compiler';
import { assertNever } from '../../dsl/core/brand';
import type { ForeignTable } from '../observe/foreign/chains';
import { done, type HostFault, type Result, refused } from './fault';
import { MemoryNft } from './memory-nft';
import { MemoryRules } from './memory-rules';
import { MemoryXtables } from './memory-xtables';
import type { Host, HostLink, HostOp, Insides, Listener, Observation, Stopped, XtVariant } from './port';

interface MemoryLink {
  readonly kind: 'bridge' | 'veth' | 'other';
  readonly mac: string;
  readonly mtu: number;
  readonly master: string | undefined;
  /** Of a veth: the namespace and name of the other end. */
  readonly peer?: { readonly namespace: string; readonly name: string };
  up: boolean;
  guard?: string;
  readonly addresses: Set<string>;
}

interface MemoryNamespace {
  readonly interfaces: Map<string, { up: boolean; addresses: Set<string> }>;
}

/** A host without a kernel: it keeps what it is told and refuses what the kernel refuses, so that plans can be tested. */
export class MemoryHost implements Host {
  readonly links = new Map<string, MemoryLink>();
  readonly namespaces = new Map<string, MemoryNamespace>();
  readonly nft = new MemoryNft();
  readonly settings = new Map<string, string>([
    ['net/ipv4/ip_forward', '0'],
    ['net/ipv6/conf/all/forwarding', '0'],
  ]);
  readonly files = new Map<string, string>();
  readonly proxies = new Set<string>();
  readonly xt: Readonly<Record<XtFamily, MemoryXtables>> = { ip: new MemoryXtables(), ip6: new MemoryXtables() };
  /** Rules of iptables that are not ours. */
  readonly rules = new MemoryRules(this.nft);
  readonly foreign: ForeignTable[] = [];
  /** The commands of other tools that are in force. */
  readonly mends: string[] = [];
  readonly sets = new Map<string, readonly string[]>();
  readonly sockets: Listener[] = [];
  /** Since its boot. */
  seconds = 0;

  async perform(ops: readonly HostOp[]): Promise<Result<void, Stopped>> {
    for (const [performed, op] of ops.entries()) {
      const result = this.one(op);
      if (!result.ok) return { ok: false, fault: { performed, fault: result.fault, doubtful: 0 } };
    }
    return done(undefined);
  }

  async observe(xtables?: XtVariant): Promise<Result<Observation, HostFault>> {
    const links = [...this.links].map(
      ([name, { kind, mac, mtu, master, up, addresses }]): HostLink => ({
        name,
        kind: kind === 'other' ? '' : kind,
        mac,
        mtu,
        up,
        master,
        addresses: [...addresses],
      }),
    );
    const seen = { ip: this.xt.ip.seen(), ip6: this.xt.ip6.seen() };
    const guarded = new Set([...this.links].flatMap(([name, { guard }]) => (guard === undefined ? [] : [name])));
    return done({
      links,
      namespaces: [...this.namespaces.keys()],
      tables: [...this.nft.tables.keys()],
      ...(xtables ? { xtables: seen, guarded } : {}),
    });
  }

  async generation(): Promise<number> {
    return this.nft.generation;
  }

  async listTables(names: readonly string[]): Promise<Result<readonly unknown[], HostFault>> {
    return done(this.nft.listing(names));
  }

  async rehearse(text: string): Promise<Result<readonly unknown[], HostFault>> {
    const scratch = new MemoryNft();
    const loaded = scratch.load(text);
    return loaded.ok ? done(scratch.listing([...scratch.tables.keys()])) : loaded;
  }

  async insides(namespaces: readonly string[]): Promise<Result<Insides, HostFault>> {
    return done(
      new Map(
        namespaces.flatMap((name) => {
          const inside = this.namespaces.get(name);
          if (!inside) return [];
          const links = [...inside.interfaces].map(([device, { up, addresses }]) => ({
            name: device,
            up,
            addresses: [...addresses],
          }));
          return [[name, links] as const];
        }),
      ),
    );
  }

  networkNamespace(): string {
    return 'memory';
  }

  async xtables(): Promise<Result<XtVariant, HostFault>> {
    return done('nf_tables');
  }

  async foreignTables() {
    return done(this.foreign);
  }

  async dumpRules(...[variant, family]: Parameters<Host['dumpRules']>): Promise<Result<string, HostFault>> {
    return done(this.rules.dump(variant, family));
  }

  async saveSets(): Promise<Result<string, HostFault>> {
    return done(this.rules.sets);
  }

  async listeners(asked: Parameters<Host['listeners']>[0]): Promise<readonly Listener[]> {
    return this.sockets.filter(({ protocol, port }) => asked(protocol, port));
  }

  linkExists(name: string): boolean {
    return this.links.has(name);
  }

  namespaceExists(name: string): boolean {
    return this.namespaces.has(name);
  }

  sysctl(key: string): string | undefined {
    const [, , kind, device = '', name = ''] = key.split('/');
    const ofDevice = (kind === 'conf' || kind === 'neigh') && this.links.has(device);
    return this.settings.get(key) ?? (ofDevice ? (name === 'proxy_delay' ? '80' : '0') : undefined);
  }

  readFile(path: string): string | undefined {
    return this.files.get(path);
  }

  uptime() {
    return { boot: 'memory', seconds: this.seconds };
  }

  listDirectory(path: string): readonly string[] {
    const below = [...this.files.keys()].filter((file) => file.startsWith(`${path}/`));
    return [...new Set(below.map((file) => file.slice(path.length + 1).split('/')[0] ?? ''))];
  }

  private one(op: HostOp): Result<void, HostFault> {
    switch (op.op) {
      case 'namespace.add':
        if (this.namespaces.has(op.namespace)) return exists(op.namespace);
        this.namespaces.set(op.namespace, { interfaces: new Map() });
        return done(undefined);
      case 'namespace.remove':
        this.namespaces.delete(op.namespace);
        for (const [name, { peer }] of this.links) if (peer?.namespace === op.namespace) this.links.delete(name);
        return done(undefined);
      case 'bridge.add':
        if (this.links.has(op.name)) return exists(op.name);
        this.links.set(op.name, {
          kind: 'bridge',
          mac: op.mac,
          mtu: op.mtu ?? 1500,
          master: undefined,
          up: false,
          addresses: new Set(),
        });
        return done(undefined);
      case 'veth.add':
        return this.addVeth(op);
      case 'link.remove':
        return this.removeLink(op.name);
      case 'link.up':
      case 'link.down':
        return this.withLink(op.name, (link) => {
          link.up = op.op === 'link.up';
        });
      case 'address.add':
        if (this.links.get(op.name)?.addresses.has(op.address)) return exists(op.address);
        return this.withLink(op.name, (link) => link.addresses.add(op.address));
      case 'address.remove':
        this.links.get(op.name)?.addresses.delete(op.address);
        return done(undefined);
      case 'neighbour.proxy':
        return this.withLink(op.name, () => this.proxies.add(`${op.name} ${op.address}`));
      case 'port.guard':
        return this.withLink(op.name, (link) => {
          link.guard = JSON.stringify(op);
        });
      case 'port.unguard':
        delete this.links.get(op.name)?.guard;
        return done(undefined);
      case 'sandbox.forget':
        return this.namespaces.has(op.namespace) ? done(undefined) : missing(op.namespace);
      case 'xtables.hook':
        this.xt[op.family].hook(op.table, op.builtin);
        return done(undefined);
      case 'xtables.unhook':
        this.xt[op.family].unhook(op.table, op.builtin);
        return done(undefined);
      case 'mend':
        this.mends.push(op.command.join(' '));
        return done(undefined);
      case 'neighbour.unproxy':
        this.proxies.delete(`${op.name} ${op.address}`);
        return done(undefined);
      case 'sandbox.prepare':
        return this.prepare(op);
      case 'sandbox.up':
        return this.bringUp(op);
      case 'rules.expect':
        return this.rules.expect(op);
      case 'rules.replace':
        return this.rules.replace(op);
      case 'sets.ensure':
        return this.rules.ensure(op.text);
      case 'sequence':
        return this.inTurn(op.ops);
      case 'sysctl.set':
        if (this.sysctl(op.key) === undefined) return refused('TN5003', `no setting ${op.key}`);
        this.settings.set(op.key, op.value);
        return done(undefined);
      case 'file.write':
        this.files.set(op.path, op.text);
        return done(undefined);
      case 'file.remove':
        for (const path of this.files.keys())
          if (path === op.path || path.startsWith(`${op.path}/`)) this.files.delete(path);
        return done(undefined);
      case 'ruleset.load':
        return this.load(op.unit);
      default:
        return assertNever(op);
    }
  }

  private addVeth(op: Extract<HostOp, { op: 'veth.add' }>): Result<void, HostFault> {
    const inside = this.namespaces.get(op.namespace);
    if (this.links.has(op.name)) return exists(op.name);
    if (!inside || this.links.get(op.bridge)?.kind !== 'bridge') return missing(inside ? op.bridge : op.namespace);
    if (inside.interfaces.has(op.peer)) return exists(op.peer);
    inside.interfaces.set(op.peer, { up: false, addresses: new Set() });
    const peer = { namespace: op.namespace, name: op.peer };
    this.links.set(op.name, {
      kind: 'veth',
      mac: op.mac,
      mtu: op.mtu ?? 1500,
      master: op.bridge,
      peer,
      up: false,
      addresses: new Set(),
    });
    return done(undefined);
  }

  private removeLink(name: string): Result<void, HostFault> {
    const peer = this.links.get(name)?.peer;
    if (peer) this.namespaces.get(peer.namespace)?.interfaces.delete(peer.name);
    this.links.delete(name);
    for (const proxy of this.proxies) if (proxy.startsWith(`${name} `)) this.proxies.delete(proxy);
    for (const [port, link] of this.links)
      if (link.master === name) this.links.set(port, { ...link, master: undefined });
    for (const key of this.settings.keys()) if (key.split('/')[3] === name) this.settings.delete(key);
    return done(undefined);
  }

  private prepare({ namespace, interfaces }: Extract<HostOp, { op: 'sandbox.prepare' }>): Result<void, HostFault> {
    const inside = this.namespaces.get(namespace);
    if (!inside) return missing(namespace);
    for (const { name, addresses } of interfaces) {
      const device = inside.interfaces.get(name);
      if (!device) return missing(name);
      for (const address of addresses) device.addresses.add(address);
    }
    return done(undefined);
  }

  private bringUp({ namespace, interfaces }: Extract<HostOp, { op: 'sandbox.up' }>): Result<void, HostFault> {
    const inside = this.namespaces.get(namespace);
    if (!inside) return missing(namespace);
    for (const name of interfaces) {
      const device = inside.interfaces.get(name);
      if (!device) return missing(name);
      device.up = true;
    }
    return done(undefined);
  }

  private load({ tool, text }: LoadUnit): Result<void, HostFault> {
    if (tool === 'iptables-restore') return this.xt.ip.restore(text);
    if (tool === 'ip6tables-restore') return this.xt.ip6.restore(text);
    if (tool === 'ipset') return this.loadSets(text);
    return this.nft.load(text);
  }

  private loadSets(text: string): Result<void, HostFault> {
    for (const line of text.split('\n')) {
      const [command, name = '', member = ''] = line.split(' ');
      if (command === 'create') this.sets.set(name, this.sets.get(name) ?? []);
      if (command === 'flush') this.sets.set(name, []);
      if (command === 'add') this.sets.set(name, [...(this.sets.get(name) ?? []), member]);
      if (command === 'destroy') this.sets.delete(name);
    }
    return done(undefined);
  }

  private inTurn(ops: readonly HostOp[]): Result<void, HostFault> {
    for (const op of ops) {
      const result = this.one(op);
      if (!result.ok) return result;
    }
    return done(undefined);
  }

  private withLink(name: string, change: (link: MemoryLink) => void): Result<void, HostFault> {
    const link = this.links.get(name);
    if (!link) return missing(name);
    change(link);
    return done(undefined);
  }
}

function exists(name: string) {
  return refused('TN5003', `${name}: File exists`);
}

function missing(name: string) {
  return refused('TN5003', `Cannot find device "${name}"`);
}
