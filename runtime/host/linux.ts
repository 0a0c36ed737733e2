import { existsSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LoadUnit, XtFamily } from '../../compiler';
import { assertNever } from '../../dsl/core/brand';
import type { ForeignTable } from '../observe/foreign/chains';
import { dumpRules, ensureSets, expectRules, replaceRules, saveSets } from './dumps';
import { encodeIp, encodeRemoval } from './encode';
import { type Ran, run } from './exec';
import { done, type HostFault, type Result, refused } from './fault';
import { fileFault, listDirectory, readOptional, replaceFileBelow } from './files';
import { readForeignTables } from './foreign';
import { readListeners } from './listeners';
import { readGuarded, readLinks, readTables } from './listings';
import type { Command, Host, HostLink, HostOp, Insides, Listener, Observation, Stopped, XtVariant } from './port';
import { explainRefusal } from './refusal';
import { findVariant, hook, observeXtables, restoreProgram, unhook } from './xtables';

const NAMESPACES = '/run/netns';
/** How long the kernel may take to tear a namespace's devices down before we delete what is left by name. */
const TEARDOWN_MS = 300;

/** Programs that run side by side. */
const AT_ONCE = 8;

/** The host is the network namespace that this process runs in. */
export class LinuxHost implements Host {
  async perform(ops: readonly HostOp[]): Promise<Result<void, Stopped>> {
    for (let at = 0; at < ops.length; ) {
      const size = batchSize(ops, at);
      const result = await this.performBatch(ops.slice(at, at + size));
      if (!result.ok) return { ok: false, fault: { ...result.fault, performed: at + result.fault.performed } };
      at += size;
    }
    return done(undefined);
  }

  async observe(xtables?: XtVariant): Promise<Result<Observation, HostFault>> {
    const links = await this.links();
    if (!links.ok) return links;
    const tables = await this.tables();
    if (!tables.ok) return tables;
    const namespaces = listDirectory(NAMESPACES);
    const chains = xtables && (await observeXtables(xtables));
    if (chains && !chains.ok) return chains;
    const queues = xtables && (await listed('tc', ['-json', 'qdisc', 'show']));
    if (queues && !queues.ok) return queues;
    return done({
      links: links.value,
      tables: tables.value,
      namespaces,
      ...(chains ? { xtables: chains.value } : {}),
      ...(queues ? { guarded: readGuarded(queues.value) } : {}),
    });
  }

  async generation(): Promise<number | undefined> {
    const ran = await run('perl', [join(__dirname, 'generation.pl')]);
    return ran.ok && /^\d+$/m.test(ran.value.stdout) ? Number(ran.value.stdout) : undefined;
  }

  async listTables(names: readonly string[]): Promise<Result<readonly unknown[], HostFault>> {
    const there = await this.tables();
    if (!there.ok) return there;
    const objects: unknown[] = [];
    for (const name of names.filter((one) => there.value.includes(one))) {
      const listed = listing(await run('nft', ['--json', '--stateless', 'list', 'table', ...name.split(' ')]));
      if (!listed.ok) return listed;
      objects.push(...listed.value);
    }
    return done(objects);
  }

  async rehearse(text: string): Promise<Result<readonly unknown[], HostFault>> {
    // In a process namespace of its own, so that nothing of it outlives a run that takes too long.
    const apart = ['--net', '--pid', '--fork', '--kill-child', '--'];
    return listing(await run('unshare', [...apart, '/bin/sh', join(__dirname, 'rehearse.sh')], text));
  }

  async insides(namespaces: readonly string[]): Promise<Result<Insides, HostFault>> {
    const found = new Map<string, HostLink[]>();
    for (let from = 0; from < namespaces.length; from += AT_ONCE) {
      const some = namespaces.slice(from, from + AT_ONCE);
      const all = await Promise.all(some.map((name) => run('ip', ['-json', '-netns', name, 'address', 'show'])));
      for (const [index, ran] of all.entries()) {
        if (!ran.ok) return ran;
        // One that cannot be entered is gone.
        if (ran.value.exitCode === 0) found.set(some[index] ?? '', readLinks(ran.value.stdout, ran.value.stdout));
      }
    }
    return done(found);
  }

  networkNamespace(): string {
    return readlinkSync('/proc/self/ns/net');
  }

  async xtables(): Promise<Result<XtVariant, HostFault>> {
    return findVariant();
  }

  async foreignTables(): Promise<Result<readonly ForeignTable[], HostFault>> {
    return readForeignTables();
  }

  async dumpRules(variant: XtVariant, family: XtFamily): Promise<Result<string, HostFault>> {
    return dumpRules(variant, family);
  }

  async saveSets(): Promise<Result<string, HostFault>> {
    return saveSets();
  }

  async listeners(asked: Parameters<Host['listeners']>[0]): Promise<readonly Listener[]> {
    return readListeners(asked);
  }

  linkExists(name: string): boolean {
    return linkExists(name);
  }

  namespaceExists(name: string): boolean {
    return existsSync(join(NAMESPACES, name));
  }

  sysctl(key: string): string | undefined {
    try {
      return readFileSync(sysctlPath(key), 'utf8').trim();
    } catch {
      return undefined;
    }
  }

  readFile(path: string): string | undefined {
    return readOptional(path);
  }

  uptime() {
    const [seconds = '0'] = readFileSync('/proc/uptime', 'utf8').split(' ');
    return { boot: readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim(), seconds: Number(seconds) };
  }

  listDirectory(path: string): readonly string[] {
    return listDirectory(path);
  }

  protected async links(): Promise<Result<HostLink[], HostFault>> {
    const links = await listed('ip', ['-json', '-details', 'link', 'show']);
    if (!links.ok) return links;
    const addresses = await listed('ip', ['-json', 'address', 'show']);
    return addresses.ok ? done(readLinks(links.value, addresses.value)) : addresses;
  }

  protected async tables(): Promise<Result<readonly string[], HostFault>> {
    const tables = await listed('nft', ['--json', 'list', 'tables']);
    return tables.ok ? done(readTables(tables.value)) : tables;
  }

  private async performBatch(ops: readonly HostOp[]): Promise<Result<void, Stopped>> {
    const [first] = ops;
    if (!first) return done(undefined);
    if (encodeIp(first)) return runIp(ops);
    if (encodeRemoval(first)) return removeAll(ops);
    const result = await performOne(first);
    // nft points at a line of what it refuses, and takes all of it or nothing.
    const refusedByNft = first.op === 'ruleset.load' && first.unit.tool === 'nft';
    return result.ok ? result : stoppedAt(0, result.fault, refusedByNft && result.fault.line !== undefined ? 0 : 1);
  }
}

/** What a program prints, unless it says that it could not. */
async function listed(program: string, args: readonly string[]): Promise<Result<string, HostFault>> {
  const ran = await run(program, args);
  if (!ran.ok) return ran;
  return ran.value.exitCode === 0
    ? done(ran.value.stdout)
    : refused(...explainRefusal(program, ran.value.stderr.split('\n', 1)[0] ?? ''));
}

function listing(ran: Result<Ran, HostFault>): Result<readonly unknown[], HostFault> {
  if (!ran.ok) return ran;
  if (ran.value.exitCode !== 0) return refused(...explainRefusal('nft', ran.value.stderr.split('\n', 1)[0] ?? ''));
  return done((JSON.parse(ran.value.stdout) as { nftables: readonly unknown[] }).nftables);
}

/** Operations in a row that one `ip` process can do. */
function batchSize(ops: readonly HostOp[], from: number): number {
  const first = ops[from];
  if (!first) return 0;
  const batch = encodeIp(first);
  const alike = (op: HostOp) =>
    batch
      ? encodeIp(op) !== undefined && encodeIp(op)?.namespace === batch.namespace && encodeIp(op)?.tool === batch.tool
      : encodeRemoval(first) !== undefined && encodeRemoval(op) !== undefined;
  let size = 1;
  for (let next = ops[from + size]; next && alike(next); next = ops[from + size]) size++;
  return size;
}

async function runIp(ops: readonly HostOp[]): Promise<Result<void, Stopped>> {
  const batches = ops.map(encodeIp);
  const lines = batches.flatMap((batch, index) => (batch?.lines ?? []).map((line) => ({ line, index })));
  const namespace = batches[0]?.namespace;
  const args = [...(namespace === undefined ? [] : ['-netns', namespace]), '-batch', '-'];
  const ran = await run(batches[0]?.tool ?? 'ip', args, lines.map(({ line }) => `${line}\n`).join(''));
  if (!ran.ok) return stoppedAt(0, ran.fault, ops.length);
  if (ran.value.exitCode === 0) return done(undefined);
  const failed = Number(/Command failed -:(\d+)/.exec(ran.value.stderr)?.[1] ?? 1);
  const at = lines[failed - 1];
  const reason = ran.value.stderr
    .replace(/^Command failed.*$/m, '')
    .replace(/^(Error: |RTNETLINK answers: )/, '')
    .trim();
  const first = at !== undefined && lines[failed - 2]?.index !== at.index;
  // Without a word on which command failed, it may be that none did.
  const doubtful = !ran.value.stderr.includes('Command failed') ? ops.length : first ? 0 : 1;
  return stoppedAt(at?.index ?? 0, refused(...explainRefusal(`ip ${at?.line ?? ''}`, reason)).fault, doubtful);
}

/** What is gone already is no fault; everything else that stays is. */
async function removeAll(ops: readonly HostOp[]): Promise<Result<void, Stopped>> {
  const ran = await removeLines(ops.flatMap((op) => encodeRemoval(op) ?? []));
  if (!ran.ok) return stoppedAt(0, ran.fault, ops.length);
  const veths = ops.flatMap((op) => (op.op === 'namespace.remove' ? op.veths : []));
  const left = await remainingLinks(veths);
  if (left.length === 0) return done(undefined);
  const rest = await removeLines(left.map((name) => `link delete dev ${name}`));
  return rest.ok ? done(undefined) : stoppedAt(0, rest.fault, ops.length);
}

async function removeLines(lines: readonly string[]): Promise<Result<void, HostFault>> {
  const ran = await run('ip', ['-force', '-batch', '-'], lines.map((line) => `${line}\n`).join(''));
  if (!ran.ok) return ran;
  const gone =
    /^(Command failed|Cannot find device|Cannot remove namespace file .*: No such file|RTNETLINK answers: (No such|Cannot assign))/;
  const complaint = ran.value.stderr.split('\n').find((line) => line.trim() !== '' && !gone.test(line));
  return complaint === undefined ? done(undefined) : refused(...explainRefusal('ip', complaint));
}

/** The host ends that the kernel has not taken down in time, though their namespaces are gone. */
export async function remainingLinks(veths: readonly string[]): Promise<string[]> {
  if (veths.length === 0) return [];
  const started = process.uptime();
  for (let pause = 2; ; pause = Math.min(2 * pause, 20)) {
    // Not by a list of all, which grows with the others.
    const left = veths.filter(linkExists);
    if (left.length === 0 || 1000 * (process.uptime() - started) >= TEARDOWN_MS) return left;
    await sleep(pause);
  }
}

function linkExists(name: string): boolean {
  return existsSync(sysctlPath(`net/ipv4/conf/${name}`));
}

async function performOne(op: HostOp): Promise<Result<void, HostFault>> {
  switch (op.op) {
    case 'ruleset.load':
      return loadRuleset(op.unit, op.variant ?? 'nf_tables');
    case 'mend':
      return mend(op.command);
    case 'port.unguard':
      return unguard(op.name);
    case 'xtables.hook':
      return hook(op);
    case 'xtables.unhook':
      return unhook(op);
    case 'rules.expect':
      return expectRules(op);
    case 'rules.replace':
      return replaceRules(op);
    case 'sets.ensure':
      return ensureSets(op.text);
    case 'sequence':
      return performInTurn(op.ops);
    case 'sysctl.set':
      return onFile(sysctlPath(op.key), (path) => writeFileSync(path, op.value));
    case 'file.write':
      return onFile(op.path, (path) => replaceFileBelow(path, op.text, op.mode));
    case 'file.remove':
      return onFile(op.path, (path) => rmSync(path, { force: true, recursive: true }));
    default:
      throw new Error(`not a single operation: ${op.op}`);
  }
}

async function performInTurn(ops: readonly HostOp[]): Promise<Result<void, HostFault>> {
  for (const op of ops) {
    const result = await performOne(op);
    if (!result.ok) return result;
  }
  return done(undefined);
}

async function mend([program, ...args]: Command): Promise<Result<void, HostFault>> {
  // Inserted again, a rule of iptables would be there twice.
  if (args.includes('-I')) {
    const there = await run(
      program,
      args.map((word) => (word === '-I' ? '-C' : word)),
    );
    if (there.ok && there.value.exitCode === 0) return done(undefined);
  }
  const ran = await run(program, args);
  if (!ran.ok || ran.value.exitCode === 0) return ran.ok ? done(undefined) : ran;
  // What is to be taken back may be gone already.
  if (/does a matching rule exist|Bad rule|NOT_ENABLED|UNKNOWN_INTERFACE|non-existent/.test(ran.value.stderr))
    return done(undefined);
  return refused(...explainRefusal(program, ran.value.stderr.split('\n', 1)[0] ?? ''));
}

/** A port that is gone, or has no guard, needs none taken away. */
async function unguard(name: string): Promise<Result<void, HostFault>> {
  const ran = await run('tc', ['qdisc', 'delete', 'dev', name, 'clsact']);
  if (!ran.ok || ran.value.exitCode === 0) return ran.ok ? done(undefined) : ran;
  if (/Cannot find|No such|Invalid argument/.test(ran.value.stderr)) return done(undefined);
  return refused(...explainRefusal('tc', ran.value.stderr));
}

function onFile(path: string, change: (path: string) => void): Result<void, HostFault> {
  try {
    change(path);
    return done(undefined);
  } catch (error) {
    const fault = fileFault(error as NodeJS.ErrnoException, path);
    if (fault) return refused(...fault);
    throw error;
  }
}

async function loadRuleset({ tool, text }: LoadUnit, variant: XtVariant): Promise<Result<void, HostFault>> {
  if (text === '') return done(undefined);
  const ran = await run(...loader(tool, variant), text);
  if (!ran.ok) return ran;
  return ran.value.exitCode === 0 ? done(undefined) : { ok: false, fault: explainLoad(tool, ran.value.stderr) };
}

/** What a tool says of a text that it does not load, with the line that it points at. */
export function explainLoad(tool: LoadUnit['tool'], complaint: string): HostFault {
  const line = Number(
    /^(?:\/dev\/stdin|<cmdline>|-):(\d+):/m.exec(complaint)?.[1] ?? /line:? (\d+)/.exec(complaint)?.[1],
  );
  const [code, message, more] = explainRefusal(tool, complaint.split('\n', 1)[0] ?? '');
  return refused(code, message, { ...more, ...(Number.isNaN(line) ? {} : { line }) }).fault;
}

function loader(tool: LoadUnit['tool'], variant: XtVariant): [string, readonly string[]] {
  switch (tool) {
    case 'nft':
      return ['nft', ['-f', '-']];
    case 'ipset':
      return ['ipset', ['restore']];
    case 'iptables-restore':
      return [restoreProgram('ip', variant), ['--noflush', '--wait']];
    case 'ip6tables-restore':
      return [restoreProgram('ip6', variant), ['--noflush', '--wait']];
    default:
      return assertNever(tool);
  }
}

export function stoppedAt(performed: number, fault: HostFault, doubtful: number): { ok: false; fault: Stopped } {
  return { ok: false, fault: { performed, fault, doubtful } };
}

function sysctlPath(key: string): string {
  return `/proc/sys/${key}`;
}
