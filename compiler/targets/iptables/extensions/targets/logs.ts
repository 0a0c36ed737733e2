import { byteLength } from '../../../../../dsl/core/names';
import { field, number } from '../../../../../dsl/ruleset/nodes';
import type { Log } from '../../../../../dsl/ruleset/tree';
import { BOTH, type Module, means, noted, wrong } from '../module';
import { wholeNumber } from '../values';

const LOG_FLAGS = [
  ['--log-tcp-sequence', 'tcp sequence'],
  ['--log-tcp-options', 'tcp options'],
  ['--log-ip-options', 'ip options'],
  ['--log-uid', 'skuid'],
  ['--log-macdecode', 'ether'],
] as const;

const LEVELS = ['emerg', 'alert', 'crit', 'err', 'warn', 'notice', 'info', 'debug'] as const;
const LEVEL_NAMES: Readonly<Record<string, (typeof LEVELS)[number]>> = {
  error: 'err',
  warning: 'warn',
  panic: 'emerg',
};

function levelOf(text: string): Log['level'] | undefined {
  const number = wholeNumber(text, 7n);
  if (number !== undefined) return LEVELS[Number(number)];
  const name = text.toLowerCase();
  return LEVEL_NAMES[name] ?? LEVELS.find((level) => level === name);
}

/** iptables keeps so many bytes of a prefix, and says nothing (libxt_LOG.c, libxt_NFLOG.c). */
function cut<T extends string | undefined>(prefix: T, bytes: number): T | string {
  let short: T | string = prefix;
  while (short !== undefined && byteLength(short) > bytes) short = short.slice(0, Math.min(bytes, short.length - 1));
  return short;
}

export const LOG: Module = {
  name: 'LOG',
  families: BOTH,
  options: {
    '--log-level': { values: 1 },
    '--log-prefix': { values: 1 },
    '--log-tcp-sequence': { values: 0 },
    '--log-tcp-options': { values: 0 },
    '--log-ip-options': { values: 0 },
    '--log-uid': { values: 0 },
    '--log-macdecode': { values: 0 },
  },
  read(options) {
    const [prefix, given] = [cut(options.value('--log-prefix'), 29), options.find('--log-level')];
    const level = given && levelOf(given.values[0] ?? '');
    if (prefix === '') return wrong('a prefix is not empty', options.find('--log-prefix')?.span);
    if (given && !level) return wrong(`\`${given.values[0]}\` is not a level of syslog`, given.span);
    const asked = LOG_FLAGS.flatMap(([option, flag]) => (options.has(option) ? [flag] : []));
    const flags = asked.length === LOG_FLAGS.length ? (['all'] as const) : asked;
    return means({
      kind: 'log',
      flags,
      ...(prefix === undefined ? {} : { prefix }),
      ...(level === undefined ? {} : { level }),
    });
  },
};

export const NFLOG: Module = {
  name: 'NFLOG',
  families: BOTH,
  options: {
    '--nflog-group': { values: 1 },
    '--nflog-prefix': { values: 1 },
    '--nflog-range': { values: 1 },
    '--nflog-size': { values: 1 },
    '--nflog-threshold': { values: 1 },
  },
  read(options) {
    const prefix = cut(options.value('--nflog-prefix'), 63);
    const numbers = ['--nflog-group', '--nflog-size', '--nflog-threshold'].map((name) => {
      const text = options.value(name);
      return text === undefined ? undefined : wholeNumber(text);
    });
    const [group = 0n, size, threshold] = numbers;
    if (options.all.some(({ name, values }) => name !== '--nflog-prefix' && wholeNumber(values[0] ?? '') === undefined))
      return wrong('NFLOG takes numbers for all but its prefix');
    if (group > 65535n || (threshold ?? 0n) > 65535n)
      return wrong('a number above 65535', options.find('--nflog-group')?.span);
    return means({
      kind: 'log',
      flags: [],
      group: Number(group),
      ...(prefix === undefined ? {} : { prefix }),
      ...(size === undefined ? {} : { snaplen: Number(size) }),
      ...(threshold === undefined ? {} : { queueThreshold: Number(threshold) }),
    });
  },
};

/** What old kernels had before NFLOG: groups of netlink by number (1 to 32), read by ulogd. */
export const ULOG: Module = {
  name: 'ULOG',
  families: ['ip'],
  options: {
    '--ulog-nlgroup': { values: 1 },
    '--ulog-prefix': { values: 1 },
    '--ulog-cprange': { values: 1 },
    '--ulog-qthreshold': { values: 1 },
  },
  read(options) {
    const prefix = options.value('--ulog-prefix');
    const numbers = ['--ulog-nlgroup', '--ulog-cprange', '--ulog-qthreshold'].map((name) => {
      const text = options.value(name);
      return text === undefined ? undefined : wholeNumber(text);
    });
    const [group = 1n, size, threshold] = numbers;
    if (group < 1n || group > 32n) return wrong('a group of ULOG is a number from 1 to 32');
    return noted(
      'ULOG is gone from Linux: the log goes to a group of NFLOG, which ulogd2 reads with its plugin NFLOG',
      {
        kind: 'log',
        flags: [],
        group: Number(group),
        ...(prefix === undefined ? {} : { prefix }),
        ...(size === undefined || size === 0n ? {} : { snaplen: Number(size) }),
        ...(threshold === undefined ? {} : { queueThreshold: Number(threshold) }),
      },
    );
  },
};

export const AUDIT: Module = {
  name: 'AUDIT',
  families: BOTH,
  options: { '--type': { values: 1 } },
  read(options) {
    const type = options.value('--type');
    return type && ['accept', 'drop', 'reject'].includes(type)
      ? noted(`the record of the audit does not say \`${type}\``, { kind: 'log', level: 'audit', flags: [] })
      : wrong('AUDIT needs `--type accept`, `drop` or `reject`', options.find('--type')?.span);
  },
};

export const TRACE: Module = {
  name: 'TRACE',
  families: BOTH,
  tables: ['raw'],
  options: {},
  read: () =>
    noted('`nft monitor trace` shows what is traced, not the log of the kernel', {
      kind: 'assign',
      target: field('meta nftrace'),
      value: number(1),
    }),
};
