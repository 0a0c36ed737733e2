import type { FieldName } from '../../../../../dsl/ruleset/fields';
import { field, number } from '../../../../../dsl/ruleset/nodes';
import type { Expression, Statement } from '../../../../../dsl/ruleset/tree';
import { DSCP_CLASSES, TOS_NAMES } from '../classes';
import { BOTH, type Meaning, type Module, means, type Options, wrong } from '../module';
import { wholeNumber } from '../values';

const ONE = { values: 1 } as const;

function assign(target: Expression, value: Expression): Statement {
  return { kind: 'assign', target, value };
}

/** `target set key map { ... }`: what becomes of each value. One that is not in a map would end the rule. */
function mapped(
  target: Expression,
  key: Expression,
  values: readonly number[],
  change: (value: number) => number,
): Statement {
  const elements = values.map((value) => ({
    key: number(value),
    data: number(change(value)),
    origin: { kind: 'program' as const },
  }));
  return assign(target, { kind: 'map', key, map: { kind: 'anonymous', elements } });
}

function upTo(last: number): readonly number[] {
  return Array.from({ length: last + 1 }, (_, value) => value);
}

/** TTL and HL; a sum stays within 0 and 255 (xt_HL.c). */
function hops(name: 'TTL' | 'HL', of: FieldName): Module {
  const [set, inc, dec] = ['set', 'inc', 'dec'].map((what) => `--${name.toLowerCase()}-${what}`) as [
    string,
    string,
    string,
  ];
  return {
    name,
    families: [name === 'TTL' ? 'ip' : 'ip6'],
    tables: ['mangle'],
    options: { [set]: ONE, [inc]: ONE, [dec]: ONE },
    read(options): Meaning {
      const [given, second] = options.all;
      const count = given && wholeNumber(given.values[0] ?? '', 255n);
      if (!given || second || count === undefined || (count === 0n && given.name !== set))
        return wrong(`${name} needs one of \`${set}\`, \`${inc}\`, \`${dec}\`, and a number up to 255`, given?.span);
      const by = Number(count);
      switch (given.name) {
        case set:
          return means(assign(field(of), number(count)));
        case inc:
          return means(mapped(field(of), field(of), upTo(255), (value) => Math.min(255, value + by)));
        default:
          return means(mapped(field(of), field(of), upTo(255), (value) => Math.max(0, value - by)));
      }
    },
  };
}

export const TTL = hops('TTL', 'ip ttl');
export const HL = hops('HL', 'ip6 hoplimit');

interface TosChange {
  readonly mask: number;
  readonly value: number;
}

/** `value[/mask]` or a name, whose mask leaves the two highest bits alone (libxt_TOS.c). */
function tosChange({ all }: Options): TosChange | undefined {
  const [given] = all;
  if (!given || all.length > 1) return undefined;
  const [text = '', maskText] = (given.values[0] ?? '').split('/');
  const named = TOS_NAMES[text.toLowerCase()];
  if (given.name === '--set-tos' && named !== undefined && maskText === undefined) return { mask: 0x3f, value: named };
  const value = wholeNumber(text, 255n);
  const mask = maskText === undefined ? 0xffn : wholeNumber(maskText, 255n);
  if (value === undefined || mask === undefined) return undefined;
  const byte = Number(value);
  switch (given.name) {
    case '--set-tos':
      return { mask: Number(mask), value: byte };
    case '--and-tos':
      return { mask: 0xff & ~byte, value: 0 };
    case '--or-tos':
      return { mask: byte, value: byte };
    default:
      return { mask: 0, value: byte };
  }
}

/** Some bits of a field cleared, then some flipped. */
function bitsChanged(of: FieldName, all: number, { mask, value }: TosChange): readonly Statement[] {
  if (mask === all) return [assign(field(of), number(value))];
  if (mask === 0 && value === 0) return [];
  return [mapped(field(of), field(of), upTo(all), (old) => (old & ~mask & all) ^ value)];
}

function lookups(statements: readonly Statement[]): number {
  return statements.filter((one) => one.kind === 'assign' && one.value.kind === 'map').length;
}

export const TOS: Module = {
  name: 'TOS',
  families: BOTH,
  tables: ['mangle'],
  options: { '--set-tos': ONE, '--and-tos': ONE, '--or-tos': ONE, '--xor-tos': ONE },
  read(options, { family }) {
    const change = tosChange(options);
    if (!change) return wrong('TOS needs a value up to 255 or one of its names', options.all[0]?.span);
    const { mask, value } = change;
    const parts = [
      bitsChanged(`${family} dscp`, 0x3f, { mask: mask >> 2, value: value >> 2 }),
      bitsChanged(`${family} ecn`, 0x03, { mask: mask & 3, value: value & 3 }),
    ];
    // A look-up that finds nothing ends the rule.
    return means(...parts.sort((a, b) => lookups(a) - lookups(b)).flat());
  },
};

export const DSCP: Module = {
  name: 'DSCP',
  families: BOTH,
  tables: ['mangle'],
  options: { '--set-dscp': ONE, '--set-dscp-class': ONE },
  read(options, { family }) {
    const [given, second] = options.all;
    const text = given?.values[0] ?? '';
    const value = given?.name === '--set-dscp' ? wholeNumber(text, 63n) : DSCP_CLASSES[text.toLowerCase()];
    if (value === undefined || second)
      return wrong('DSCP needs a value up to 0x3f or the name of a class', given?.span);
    return means(assign(field(`${family} dscp`), number(BigInt(value))));
  },
};

const ECE = 0x40;
const CWR = 0x80;

export const ECN: Module = {
  name: 'ECN',
  families: ['ip'],
  tables: ['mangle'],
  options: {
    '--ecn-tcp-remove': { values: 0 },
    '--ecn-tcp-cwr': ONE,
    '--ecn-tcp-ece': ONE,
    '--ecn-ip-ect': ONE,
  },
  read(options, { protocol }) {
    if (options.all.length === 0) return wrong('ECN needs `--ecn-tcp-remove`');
    if (protocol !== 6 && options.all.some(({ name }) => name.startsWith('--ecn-tcp')))
      return wrong('ECN needs `-p tcp`', options.all[0]?.span);
    const asked = (name: string, max: bigint) => {
      const text = options.value(name);
      return text === undefined ? undefined : (wholeNumber(text, max) ?? 'bad');
    };
    const [cwr, ece, ect] = [asked('--ecn-tcp-cwr', 1n), asked('--ecn-tcp-ece', 1n), asked('--ecn-ip-ect', 3n)];
    if (cwr === 'bad' || ece === 'bad' || ect === 'bad')
      return wrong('not a number that ECN takes', options.all[0]?.span);
    const removed = options.has('--ecn-tcp-remove');
    const cleared = (removed || cwr !== undefined ? CWR : 0) | (removed || ece !== undefined ? ECE : 0);
    const set = (cwr === 1n ? CWR : 0) | (ece === 1n ? ECE : 0);
    const kept: Expression = { kind: 'binary', op: '&', left: field('tcp flags'), right: number(0xff & ~cleared) };
    const flags = upTo(255)
      .filter((value) => (value & cleared) === 0)
      .map((value) => ({ key: number(value), data: number(value | set), origin: { kind: 'program' as const } }));
    return means(
      ...(cleared === 0
        ? []
        : [assign(field('tcp flags'), { kind: 'map', key: kept, map: { kind: 'anonymous', elements: flags } })]),
      ...(typeof ect === 'bigint' ? [assign(field('ip ecn'), number(ect))] : []),
    );
  },
};

export const CLASSIFY: Module = {
  name: 'CLASSIFY',
  families: BOTH,
  hooks: ['FORWARD', 'OUTPUT', 'POSTROUTING'],
  options: { '--set-class': ONE },
  read(options) {
    const given = options.find('--set-class');
    const parts = /^([0-9a-f]+):([0-9a-f]+)$/i.exec(given?.values[0] ?? '');
    if (!parts) return wrong('CLASSIFY needs `--set-class MAJOR:MINOR`, in hexadecimal', given?.span);
    const [major, minor] = [parts[1], parts[2]].map((part) => Number.parseInt(part as string, 16) & 0xffff);
    const handle = `${major?.toString(16)}:${minor?.toString(16)}`;
    const name =
      new Map([
        ['0:0', 'none'],
        ['ffff:ffff', 'root'],
      ]).get(handle) ?? handle;
    return means(assign(field('meta priority'), { kind: 'symbol', name }));
  },
};
