import type { Expression, Log, Nat, Reject, Statement } from '../../../dsl/ruleset/tree';
import { addressText, bitsText } from './parts';
import type { XtFamily, XtTableName } from './tables';

/** Where a statement stands. */
export interface TargetContext {
  readonly family: XtFamily;
  readonly table: XtTableName;
  /** What accepting a packet is said with. */
  readonly accept: readonly string[];
  /** The iptables chain for a chain of the ruleset. */
  chainNamed(name: string): string;
}

/** What a statement that is no match becomes: a target, or nothing (iptables counts by itself). */
export function targetOf(statement: Statement, context: TargetContext): readonly string[] | 'nothing' | undefined {
  switch (statement.kind) {
    case 'counter':
      return 'nothing';
    case 'verdict': {
      const { verdict } = statement;
      switch (verdict.kind) {
        case 'accept':
          return context.accept;
        case 'drop':
        case 'return':
          return ['-j', verdict.kind.toUpperCase()];
        case 'jump':
          return ['-j', context.chainNamed(verdict.chain)];
        case 'goto':
          return ['-g', context.chainNamed(verdict.chain)];
        case 'continue':
          return 'nothing';
      }
      break;
    }
    case 'log':
      return logTarget(statement);
    case 'reject':
      return context.table === 'filter' ? rejectTarget(statement.with, context.family) : undefined;
    case 'masquerade':
      return ['-j', 'MASQUERADE', ...natFlags(statement)];
    case 'redirect': {
      const port = portText(statement.port);
      return statement.port && port === undefined
        ? undefined
        : ['-j', 'REDIRECT', ...(port === undefined ? [] : ['--to-ports', port]), ...natFlags(statement)];
    }
    case 'dnat':
    case 'snat':
      return statement.address && natTarget(statement, statement.address, context.family);
    case 'notrack':
      return context.table === 'raw' ? ['-j', 'CT', '--notrack'] : undefined;
    case 'assign':
      return markTarget(statement.target, statement.value);
    default:
      return undefined;
  }
}

/** DNAT or SNAT to an address, or to an address and a port. */
export function natTarget(nat: Nat, address: Expression, family: XtFamily): readonly string[] | undefined {
  const [to, port] = address.kind === 'concat' ? address.parts : [address, nat.port];
  const host = hostText(to);
  const ports = portText(port);
  if (host === undefined || (port && ports === undefined) || nat.prefix) return undefined;
  const destination = ports === undefined ? host : `${family === 'ip6' ? `[${host}]` : host}:${ports}`;
  return nat.kind === 'dnat'
    ? ['-j', 'DNAT', '--to-destination', destination, ...natFlags(nat)]
    : ['-j', 'SNAT', '--to-source', destination, ...natFlags(nat)];
}

function hostText(to: Expression | undefined): string | undefined {
  if (to?.kind === 'ipv4' || to?.kind === 'ipv6') return addressText(to);
  return to?.kind === 'range' ? `${addressText(to.first)}-${addressText(to.last)}` : undefined;
}

function portText(port: Expression | undefined): string | undefined {
  if (port?.kind === 'number') return String(port.value);
  if (port?.kind !== 'range' || port.first.kind !== 'number' || port.last.kind !== 'number') return undefined;
  return `${port.first.value}-${port.last.value}`;
}

function natFlags({ flags }: Nat): string[] {
  return flags.map((flag) => (flag === 'fully-random' ? '--random-fully' : `--${flag}`));
}

const LOG_FLAGS: Readonly<Partial<Record<Log['flags'][number], readonly string[]>>> = {
  'tcp sequence': ['--log-tcp-sequence'],
  'tcp options': ['--log-tcp-options'],
  'ip options': ['--log-ip-options'],
  skuid: ['--log-uid'],
  ether: ['--log-macdecode'],
  all: ['--log-tcp-sequence', '--log-tcp-options', '--log-ip-options', '--log-uid', '--log-macdecode'],
};
const LOG_LEVELS: Readonly<Record<string, string>> = { err: 'error', warn: 'warning', emerg: 'emerg' };

/** LOG takes 29 characters of prefix, NFLOG 63. */
function logTarget({ prefix, level, group, snaplen, queueThreshold, flags }: Log): readonly string[] | undefined {
  if (level === 'audit' || (prefix?.length ?? 0) > (group === undefined ? 29 : 63)) return undefined;
  if (group === undefined)
    return [
      '-j',
      'LOG',
      ...(level === undefined ? [] : ['--log-level', LOG_LEVELS[level] ?? level]),
      ...(prefix === undefined ? [] : ['--log-prefix', prefix]),
      ...flags.flatMap((flag) => LOG_FLAGS[flag] ?? []),
    ];
  return [
    '-j',
    'NFLOG',
    '--nflog-group',
    String(group),
    ...(prefix === undefined ? [] : ['--nflog-prefix', prefix]),
    ...(snaplen === undefined ? [] : ['--nflog-size', String(snaplen)]),
    ...(queueThreshold === undefined ? [] : ['--nflog-threshold', String(queueThreshold)]),
  ];
}

const ICMP_CODES: Readonly<Record<string, string>> = {
  'net-unreachable': 'icmp-net-unreachable',
  'host-unreachable': 'icmp-host-unreachable',
  'prot-unreachable': 'icmp-proto-unreachable',
  'port-unreachable': 'icmp-port-unreachable',
  'net-prohibited': 'icmp-net-prohibited',
  'host-prohibited': 'icmp-host-prohibited',
  'admin-prohibited': 'icmp-admin-prohibited',
};
const ICMPV6_CODES: Readonly<Record<string, string>> = {
  'no-route': 'icmp6-no-route',
  'admin-prohibited': 'icmp6-adm-prohibited',
  'addr-unreachable': 'icmp6-addr-unreachable',
  'port-unreachable': 'icmp6-port-unreachable',
};
/** What nft's codes for both families are in each. */
const ICMPX_CODES: Readonly<Record<string, Record<XtFamily, string>>> = {
  'port-unreachable': { ip: 'icmp-port-unreachable', ip6: 'icmp6-port-unreachable' },
  'admin-prohibited': { ip: 'icmp-admin-prohibited', ip6: 'icmp6-adm-prohibited' },
  'no-route': { ip: 'icmp-net-unreachable', ip6: 'icmp6-no-route' },
  'host-unreachable': { ip: 'icmp-host-unreachable', ip6: 'icmp6-addr-unreachable' },
};

function rejectTarget(reject: Reject | undefined, family: XtFamily): readonly string[] | 'nothing' | undefined {
  if (!reject) return ['-j', 'REJECT'];
  if (reject.kind === 'tcp reset') return ['-j', 'REJECT', '--reject-with', 'tcp-reset'];
  if (reject.kind === 'icmp' && family === 'ip6') return 'nothing';
  if (reject.kind === 'icmpv6' && family === 'ip') return 'nothing';
  const code =
    reject.kind === 'icmp'
      ? ICMP_CODES[reject.code]
      : reject.kind === 'icmpv6'
        ? ICMPV6_CODES[reject.code]
        : ICMPX_CODES[reject.code]?.[family];
  return code === undefined ? undefined : ['-j', 'REJECT', '--reject-with', code];
}

function markTarget(target: Expression, value: Expression): readonly string[] | undefined {
  const bits = bitsText(value);
  if (bits === undefined) return undefined;
  if (target.kind === 'field' && target.field === 'meta mark')
    return ['-j', 'MARK', '--set-xmark', `${bits}/0xffffffff`];
  if (target.kind === 'ct' && target.key === 'mark') return ['-j', 'CONNMARK', '--set-xmark', `${bits}/0xffffffff`];
  return undefined;
}
