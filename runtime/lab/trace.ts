import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { leave, run } from '../host/exec';
import { done, type HostFault, type Result, refused } from '../host/fault';
import { readOptional } from '../host/files';
import type { Session } from '../session';
import { LAB_DIRECTORY } from './host';
import { askProbes, type OutsideRoute, type Probe } from './probes';

/** A rule that a real packet met, or the policy that ended its way through a chain. */
export interface TracedRule {
  /** `inet tsnet forward` */
  readonly chain: string;
  /** The rule's place in its chain, from 0; null: the chain's policy. */
  readonly index: number | null;
  /** As nft lists it. */
  readonly rule: string;
  /** `accept`, `jump zone`, `continue`; of a policy, what it is. */
  readonly verdict: string;
}

/** What `nft monitor trace` says of one packet's way through this host. */
export interface Traced {
  readonly rules: readonly TracedRule[];
  /** Whether frames between ports of a bridge meet the rules for packets, too, on this host. */
  readonly bridgeNetfilter: boolean;
}

const TABLE = 'tsnet-trace';
/** Before all that an intent may have said. */
const FIRST = -2_000_000_000;
const PATIENCE_MS = 3000;
const POLL_MS = 10;
/** What the kernel said last is still on its way to the file. */
const FLUSH_MS = 200;
/** linux/netfilter/nfnetlink.h: NFNLGRP_NFTRACE, as a bit; NETLINK_NETFILTER. */
const TRACE_GROUP = 1 << 8;
const NETFILTER = 12;
const BRIDGE_NETFILTER = '/proc/sys/net/bridge/bridge-nf-call-iptables';

/** Sends one packet in the lab that we are in, and says which rules of nft the kernel asked about it. */
export async function traceProbe(
  session: Session,
  probe: Probe,
  routes: readonly OutsideRoute[],
): Promise<Result<Traced, HostFault>> {
  const places = await placesOfRules();
  if (!places.ok) return places;
  const marked = await nft(['-f', '-'], markTable(probe));
  if (!marked.ok) return marked;
  const path = join(LAB_DIRECTORY, 'trace');
  const file = openSync(path, 'w', 0o600);
  const monitor = await leave('nft', ['--handle', 'monitor', 'trace'], file);
  closeSync(file);
  if (!monitor.ok) return monitor;
  try {
    if (!(await isListening())) return refused('TN5003', '`nft monitor trace` does not start');
    await askProbes(session, [probe], routes);
    await sleep(FLUSH_MS);
  } finally {
    process.kill(monitor.value);
  }
  const rules = tracedRules(readFileSync(path, 'utf8'), places.value);
  return done({ rules, bridgeNetfilter: readOptional(BRIDGE_NETFILTER)?.trim() === '1' });
}

async function nft(args: readonly string[], input = ''): Promise<Result<string, HostFault>> {
  const ran = await run('nft', args, input);
  if (!ran.ok) return ran;
  const { exitCode, stdout, stderr } = ran.value;
  return exitCode === 0 ? done(stdout) : refused('TN5003', `the packet cannot be traced: ${stderr.trim()}`);
}

interface Listed {
  readonly nftables: readonly {
    readonly rule?: {
      readonly family: string;
      readonly table: string;
      readonly chain: string;
      readonly handle: number;
    };
  }[];
}

/** The place of each rule in its chain, by `inet tsnet 12`: a handle is its table's. */
async function placesOfRules(): Promise<Result<ReadonlyMap<string, number>, HostFault>> {
  const listed = await nft(['--json', '--handle', 'list', 'ruleset']);
  if (!listed.ok) return listed;
  const counts = new Map<string, number>();
  const places = new Map<string, number>();
  for (const { rule } of (JSON.parse(listed.value) as Listed).nftables) {
    if (!rule) continue;
    const { family, table, chain, handle } = rule;
    const index = counts.get(`${family} ${table} ${chain}`) ?? 0;
    counts.set(`${family} ${table} ${chain}`, index + 1);
    places.set(`${family} ${table} ${handle}`, index);
  }
  return done(places);
}

/** Only the first packet that looks so is traced, not those that follow it: once where it comes in, once where it is sent. */
function markTable({ source, address, protocol, port, sourcePort }: Probe): string {
  const ip = address.includes(':') ? 'ip6' : 'ip';
  const rule = [
    ...(source === null ? [] : [`${ip} saddr ${source}`]),
    `${ip} daddr ${address} ${protocol} dport ${port}`,
    ...(sourcePort === undefined ? [] : [`${protocol} sport ${sourcePort}`]),
    'limit rate 1/day burst 1 packets meta nftrace set 1',
  ].join(' ');
  const chain = (hook: string) => `chain ${hook} {\ntype filter hook ${hook} priority ${FIRST}\n${rule}\n}\n`;
  const table = (family: string) => `table ${family} ${TABLE} {\n${chain('prerouting')}${chain('output')}}\n`;
  return table('inet') + table('bridge');
}

/** Whether somebody in this network namespace hears of traces by now. */
async function isListening(): Promise<boolean> {
  for (let waited = 0; waited < PATIENCE_MS; waited += POLL_MS) {
    const lines = (readOptional('/proc/net/netlink') ?? '').split('\n').slice(1);
    const listens = lines.some((line) => {
      const [, protocol, , groups = '0'] = line.trim().split(/\s+/);
      return Number(protocol) === NETFILTER && (Number.parseInt(groups, 16) & TRACE_GROUP) !== 0;
    });
    if (listens) return true;
    await sleep(POLL_MS);
  }
  return false;
}

const RULE = /^trace id \S+ (\S+ \S+) (\S+) rule (.*) # handle (\d+) \(verdict ([^()]*)\)\s*$/;
const POLICY = /^trace id \S+ (\S+ \S+) (\S+) policy (accept|drop)\b/;

function tracedRules(text: string, places: ReadonlyMap<string, number>): TracedRule[] {
  return text.split('\n').flatMap((line): TracedRule[] => {
    const [, table, name, rule = '', handle, verdict = ''] = RULE.exec(line) ?? [];
    if (table !== undefined) {
      const index = places.get(`${table} ${handle}`);
      return index === undefined ? [] : [{ chain: `${table} ${name}`, index, rule, verdict }];
    }
    const [, ended = '', base, policy = ''] = POLICY.exec(line) ?? [];
    // That a chain lets a packet pass at its end is no rule's doing.
    return policy === 'drop' ? [{ chain: `${ended} ${base}`, index: null, rule: 'policy drop', verdict: policy }] : [];
  });
}
