import { ct, field, number } from '../../../../dsl/ruleset/nodes';
import type { Expression, Log, Nat, Statement } from '../../../../dsl/ruleset/tree';
import { readValue } from '../../../../dsl/ruleset/value';
import type { XtFamily } from '../tables';
import { address, type Option } from './match';

/** Targets that end the way of a packet in its table, and of which only the text is known. */
const FINAL: ReadonlySet<string> = new Set([
  'QUEUE',
  'NFQUEUE',
  'TPROXY',
  'SYNPROXY',
  'NETMAP',
  'SNPT',
  'DNPT',
  'SAME',
  'MIRROR',
  'TARPIT',
  'DELUDE',
  'CLUSTERIP',
]);

/** What a target does; one that only its text tells is opaque. */
export function actionOf(target: string, options: readonly Option[], family: XtFamily): readonly Statement[] {
  const value = (name: string) => options.find((one) => one.name === name)?.values[0];
  const has = (name: string) => options.some((one) => one.name === name);
  const opaque: Statement = {
    kind: 'opaque',
    role: FINAL.has(target) ? 'verdict' : 'action',
    text: [target, ...options.map(({ name, values }) => [name, ...values].join(' ')).sort()].join(' '),
    stateful: false,
  };
  switch (target) {
    case 'ACCEPT':
    case 'DROP':
    case 'RETURN':
      return [{ kind: 'verdict', verdict: { kind: target.toLowerCase() as 'accept' } }];
    case 'REJECT':
      return [rejectOf(value('--reject-with'), family)];
    case 'LOG': {
      const log: Log = { kind: 'log', flags: LOG_FLAGS.flatMap(([option, flag]) => (has(option) ? [flag] : [])) };
      const [prefix, level] = [value('--log-prefix'), value('--log-level')];
      return [
        {
          ...log,
          ...(prefix === undefined ? {} : { prefix }),
          ...(level === undefined ? {} : { level: levelOf(level) }),
        },
      ];
    }
    case 'NFLOG': {
      const [prefix, size] = [value('--nflog-prefix'), value('--nflog-size')];
      const group = Number(value('--nflog-group') ?? 0);
      return [
        {
          kind: 'log',
          flags: [],
          group,
          ...(prefix === undefined ? {} : { prefix }),
          ...(size === undefined ? {} : { snaplen: Number(size) }),
        },
      ];
    }
    case 'MARK':
    case 'CONNMARK':
      return markOf(target, options) ?? [opaque];
    case 'NOTRACK':
      return [{ kind: 'notrack' }];
    case 'CT':
      return has('--notrack') && options.length === 1 ? [{ kind: 'notrack' }] : [opaque];
    case 'DNAT':
    case 'SNAT': {
      const to = endpoint(value(target === 'DNAT' ? '--to-destination' : '--to-source') ?? '', family);
      return to
        ? [{ kind: target === 'DNAT' ? 'dnat' : 'snat', family, ...to, flags: natFlags(options) }]
        : [{ ...opaque, role: 'verdict' }];
    }
    case 'MASQUERADE':
    case 'REDIRECT': {
      const ports = value('--to-ports');
      const port = ports === undefined ? {} : { port: readValue(ports) };
      return [{ kind: target === 'MASQUERADE' ? 'masquerade' : 'redirect', ...port, flags: natFlags(options) }];
    }
    default:
      return [opaque];
  }
}

const LOG_FLAGS = [
  ['--log-tcp-sequence', 'tcp sequence'],
  ['--log-tcp-options', 'tcp options'],
  ['--log-ip-options', 'ip options'],
  ['--log-uid', 'skuid'],
  ['--log-macdecode', 'ether'],
] as const;

const LEVELS = ['emerg', 'alert', 'crit', 'err', 'warn', 'notice', 'info', 'debug'] as const;

function levelOf(text: string): NonNullable<Log['level']> {
  const named = { error: 'err', warning: 'warn', panic: 'emerg' }[text] ?? text;
  return LEVELS[Number(text)] ?? LEVELS.find((one) => one === named) ?? 'warn';
}

const REJECTS: Readonly<Record<string, string>> = {
  'icmp-net-unreachable': 'net-unreachable',
  'icmp-host-unreachable': 'host-unreachable',
  'icmp-port-unreachable': 'port-unreachable',
  'icmp-proto-unreachable': 'prot-unreachable',
  'icmp-net-prohibited': 'net-prohibited',
  'icmp-host-prohibited': 'host-prohibited',
  'icmp-admin-prohibited': 'admin-prohibited',
  'icmp6-no-route': 'no-route',
  'icmp6-adm-prohibited': 'admin-prohibited',
  'icmp6-addr-unreachable': 'addr-unreachable',
  'icmp6-port-unreachable': 'port-unreachable',
  'no-route': 'no-route',
  'adm-prohibited': 'admin-prohibited',
  'addr-unreach': 'addr-unreachable',
  'port-unreach': 'port-unreachable',
};

function rejectOf(how: string | undefined, family: XtFamily): Statement {
  if (how === undefined) return { kind: 'reject' };
  if (how === 'tcp-reset') return { kind: 'reject', with: { kind: 'tcp reset' } };
  return { kind: 'reject', with: { kind: family === 'ip' ? 'icmp' : 'icmpv6', code: REJECTS[how] ?? how } };
}

function natFlags(options: readonly Option[]): Nat['flags'] {
  return options.flatMap(({ name }) =>
    name === '--random-fully'
      ? ['fully-random' as const]
      : name === '--random'
        ? ['random' as const]
        : name === '--persistent'
          ? ['persistent' as const]
          : [],
  );
}

/** `1.2.3.4`, `1.2.3.4-1.2.3.8:80-90`, `:80`, `[2001:db8::1]:80`. */
function endpoint(text: string, family: XtFamily): Pick<Nat, 'address' | 'port'> | undefined {
  const bracket = /^\[([^\]]+)\](?::(.+))?$/.exec(text);
  const colon = family === 'ip' ? text.lastIndexOf(':') : -1;
  const host = bracket ? (bracket[1] as string) : colon < 0 ? text : text.slice(0, colon);
  const port = bracket ? bracket[2] : colon < 0 ? undefined : text.slice(colon + 1);
  const [first = '', last] = host.split('-');
  const [from, to] = [address(first, family), last === undefined ? undefined : address(last, family)];
  if (host !== '' && (!from || (last !== undefined && !to))) return undefined;
  if (port !== undefined && !/^\d+(-\d+)?$/.test(port)) return undefined;
  const at: Expression | undefined = to ? { kind: 'range', first: from as never, last: to as never } : from;
  return { ...(at ? { address: at } : {}), ...(port === undefined ? {} : { port: readValue(port) }) };
}

/** `--set-xmark v/m` clears the mask's bits and flips those of the value (iptables-extensions(8)). */
function markOf(target: 'MARK' | 'CONNMARK', options: readonly Option[]): readonly Statement[] | undefined {
  const [option] = options;
  const own = target === 'MARK' ? field('meta mark') : ct('mark');
  if (!option) return undefined;
  const [text = '0', maskText] = (option.values[0] ?? '').split('/');
  const value = BigInt(text === '' ? 0 : text);
  const mask = maskText === undefined ? ALL : BigInt(maskText);
  const clearedThen = (op: '^' | '|', cleared: bigint, then: bigint): Statement[] => {
    const kept: Expression = { kind: 'binary', op: '&', left: own, right: number(ALL & ~cleared) };
    return [
      {
        kind: 'assign',
        target: own,
        value: cleared === ALL ? number(then) : { kind: 'binary', op, left: kept, right: number(then) },
      },
    ];
  };
  switch (option.name) {
    case '--set-xmark':
      return clearedThen('^', mask, value);
    case '--set-mark':
      return clearedThen('|', mask | value, value);
    case '--and-mark':
      return clearedThen('^', ALL & ~value, 0n);
    case '--or-mark':
      return clearedThen('|', value, value);
    case '--xor-mark':
      return clearedThen('^', 0n, value);
    case '--save-mark':
    case '--restore-mark': {
      const masks = new Map(options.map(({ name, values }) => [name, values[0]]));
      const other = target === 'CONNMARK' ? masks : undefined;
      if (!other) return undefined;
      const both = BigInt(masks.get('--mask') ?? ALL);
      const nfmask = BigInt(masks.get('--nfmask') ?? both);
      const ctmask = BigInt(masks.get('--ctmask') ?? both);
      const [to, from] =
        option.name === '--save-mark' ? [ct('mark'), field('meta mark')] : [field('meta mark'), ct('mark')];
      const [clear, read] = option.name === '--save-mark' ? [ctmask, nfmask] : [nfmask, ctmask];
      const left: Expression = { kind: 'binary', op: '&', left: to, right: number(ALL & ~clear) };
      const right: Expression = { kind: 'binary', op: '&', left: from, right: number(read) };
      return [{ kind: 'assign', target: to, value: clear === ALL ? right : { kind: 'binary', op: '^', left, right } }];
    }
    default:
      return undefined;
  }
}

const ALL = 0xffffffffn;
