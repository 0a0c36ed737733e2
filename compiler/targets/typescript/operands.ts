import { FLAGS, WORDS } from '../../../dsl/rules/abilities';
import type { Key } from '../../../dsl/rules/values';
import type { DataType } from '../../../dsl/ruleset/data-type';
import type { FieldName } from '../../../dsl/ruleset/fields';
import type { Expression } from '../../../dsl/ruleset/tree';
import { CT_TYPES, typeOf } from '../../../dsl/ruleset/type-of';
import { type Code, call, type Imports, list, quoted } from './code';
import { valueCode } from './values';

const WITH_BITS: ReadonlySet<DataType> = new Set<DataType>([...WORDS, ...FLAGS]);

const SHORT = ['meta iif', 'meta oif', 'meta iifname', 'meta oifname', 'meta iifgroup', 'meta oifgroup'];

/** The type of an expression as the builders see it; a concatenation has several. */
export function keyOf(expression: Expression): Key | undefined {
  switch (expression.kind) {
    case 'concat': {
      const parts = expression.parts.map(keyOf);
      return parts.every((part) => typeof part === 'string') ? (parts as unknown as Key) : undefined;
    }
    case 'payload':
    case 'numgen':
    case 'hash':
      return 'integer';
    case 'exthdr':
      return 'boolean';
    case 'binary':
      return keyOf(expression.left);
    default:
      return typeOf(expression);
  }
}

/** An expression that asks something of a packet. */
export function operandCode(expression: Expression, imports: Imports): Code {
  const make = (name: string, ...args: readonly Code[]) => call(imports.use(name), ...args);
  switch (expression.kind) {
    case 'field':
      return fieldCode(expression.field, imports);
    case 'ct':
      return ctCode(expression, imports);
    case 'fib':
      return make('fib', list(expression.keys.map(quoted)), quoted(expression.result));
    case 'payload':
      return make('payload', quoted(expression.base), String(expression.offset), String(expression.bits));
    case 'option': {
      const { protocol, option, field } = expression;
      const name = { tcp: 'tcpOption', ip: 'ipOption', sctp: 'sctpChunk' }[protocol];
      return make(name, quoted(option), ...(field === undefined ? [] : [quoted(field)]));
    }
    case 'exthdr':
      return expression.field === undefined ? make('exthdr', quoted(expression.header)) : undefined;
    case 'ipsec': {
      const { direction, key, spnum } = expression;
      return make('ipsec', quoted(direction), quoted(key), ...(spnum === 0 ? [] : [String(spnum)]));
    }
    case 'osf':
      return make('osf', quoted(expression.result), ...(expression.ttl ? [quoted(expression.ttl)] : []));
    case 'numgen': {
      const { mode, modulus, offset } = expression;
      return make('numgen', quoted(mode), String(modulus), ...(offset === 0 ? [] : [String(offset)]));
    }
    case 'hash':
      return hashCode(expression, imports);
    case 'binary':
      return combinedCode(expression, imports);
    case 'concat':
      return make('concat', ...expression.parts.map((part) => operandCode(part, imports)));
    default:
      return undefined;
  }
}

function fieldCode(name: FieldName, imports: Imports): Code {
  const [prefix = '', ...rest] = name.split(' ');
  const camel = rest.join(' ').replace(/[ -](.)/g, (_, letter: string) => letter.toUpperCase());
  return SHORT.includes(name) ? imports.use(camel) : `${imports.use(prefix)}.${camel}`;
}

function ctCode({ key, direction, family }: Extract<Expression, { kind: 'ct' }>, imports: Imports): Code {
  const ct = imports.use('ct');
  if (direction === undefined)
    return key in CT_TYPES && !key.startsWith('proto-') && family === undefined ? `${ct}.${key}` : undefined;
  const own = OF_TUPLE[[family, key].filter(Boolean).join(' ')];
  return own === undefined ? undefined : `${ct}.${direction}.${own}`;
}

const OF_TUPLE: Readonly<Record<string, string>> = {
  'ip saddr': 'ipSaddr',
  'ip daddr': 'ipDaddr',
  'ip6 saddr': 'ip6Saddr',
  'ip6 daddr': 'ip6Daddr',
  'proto-src': 'protoSrc',
  'proto-dst': 'protoDst',
  protocol: 'protocol',
  bytes: 'bytes',
  packets: 'packets',
  avgpkt: 'avgpkt',
  zone: 'zone',
};

function hashCode(hash: Extract<Expression, { kind: 'hash' }>, imports: Imports): Code {
  const { modulus, offset, seed } = hash;
  if (hash.function === 'symhash')
    return call(imports.use('symhash'), String(modulus), ...(offset === 0 ? [] : [String(offset)]));
  const options = [
    ...(seed === undefined ? [] : [`seed: 0x${seed.toString(16)}`]),
    ...(offset === 0 ? [] : [`offset: ${offset}`]),
  ];
  const of = hash.of && operandCode(hash.of, imports);
  return call(
    imports.use('jhash'),
    of,
    String(modulus),
    ...(options.length === 0 ? [] : [`{ ${options.join(', ')} }`]),
  );
}

const METHODS: Readonly<Record<string, string>> = {
  '&': 'and',
  '|': 'or',
  '^': 'xor',
  '<<': 'shiftLeft',
  '>>': 'shiftRight',
};

function combinedCode({ op, left, right }: Extract<Expression, { kind: 'binary' }>, imports: Imports): Code {
  const type = keyOf(left);
  const method = METHODS[op];
  const inner = operandCode(left, imports);
  if (method === undefined || inner === undefined || typeof type !== 'string') return undefined;
  if (type === 'ipv4_addr' || type === 'ipv6_addr')
    return op === '&' ? call(`${inner}.and`, valueCode(type, right)) : undefined;
  if (!WITH_BITS.has(type) || right.kind !== 'number' || right.value > 0xffff_ffffn) return undefined;
  const isShift = op === '<<' || op === '>>';
  return `${inner}.${method}(${isShift ? right.value : `0x${right.value.toString(16)}`})`;
}
