import { formatIpv4, formatIpv6 } from '../../../dsl/core/address';
import { assertNever } from '../../../dsl/core/brand';
import { byteLength } from '../../../dsl/core/names';
import { isBits } from '../../../dsl/ruleset/data-type';
import { FIELDS } from '../../../dsl/ruleset/fields';
import type {
  Constant,
  Element,
  Expression,
  Log,
  MapReference,
  Nat,
  Quota,
  RateLimit,
  Statement,
  Verdict,
} from '../../../dsl/ruleset/tree';
import { typeOf } from '../../../dsl/ruleset/type-of';
import { isVerdict } from '../../../dsl/ruleset/walk';

/** An expression as nft writes it. */
export function expressionText(expression: Expression): string {
  switch (expression.kind) {
    case 'ipv4':
    case 'ipv6':
    case 'ether':
    case 'number':
    case 'symbol':
    case 'string':
      return constantText(expression);
    case 'field':
      return FIELDS[expression.field].text;
    case 'ct':
      return ['ct', expression.direction, expression.family, expression.key].filter(Boolean).join(' ');
    case 'fib':
      return `fib ${expression.keys.join(' . ')} ${expression.result}`;
    case 'payload':
      return `@${expression.base},${expression.offset},${expression.bits}`;
    case 'option':
      return [expression.protocol, OPTION_WORDS[expression.protocol], expression.option, expression.field]
        .filter(Boolean)
        .join(' ');
    case 'exthdr':
      return expression.field ? `${expression.header} ${expression.field}` : `exthdr ${expression.header}`;
    case 'exists':
      return expression.present ? 'exists' : 'missing';
    case 'ipsec':
      return ['ipsec', expression.direction, expression.spnum > 0 && `spnum ${expression.spnum}`, expression.key]
        .filter(Boolean)
        .join(' ');
    case 'osf':
      return ['osf', expression.ttl && `ttl ${expression.ttl}`, expression.result].filter(Boolean).join(' ');
    case 'numgen':
      return `numgen ${expression.mode} mod ${expression.modulus}${offsetText(expression.offset)}`;
    case 'hash': {
      const of = expression.of ? ` ${expressionText(expression.of)}` : '';
      const seed = expression.seed === undefined ? '' : ` seed 0x${expression.seed.toString(16)}`;
      return `${expression.function}${of} mod ${expression.modulus}${seed}${offsetText(expression.offset)}`;
    }
    case 'binary':
      return `${operandText(expression.left, expression.op)} ${expression.op} ${operandText(expression.right)}`;
    case 'concat':
      return expression.parts.map(expressionText).join(' . ');
    case 'prefix':
      return `${constantText(expression.address)}/${expression.length}`;
    case 'range':
      return `${constantText(expression.first)}-${constantText(expression.last)}`;
    case 'flags':
      return expression.flags.map(constantText).join(',');
    case 'set':
      return braced(expression.elements);
    case 'named set':
      return `@${expression.name}`;
    case 'map':
      return `${expressionText(expression.key)} map ${mapText(expression.map)}`;
    default:
      return assertNever(expression);
  }
}

const OPTION_WORDS = { tcp: 'option', ip: 'option', sctp: 'chunk' } as const;

/** `a | b | c` is `(a | b) | c`, as nft reads and lists it. */
function operandText(expression: Expression, after?: string): string {
  const text = expressionText(expression);
  return expression.kind === 'binary' && !(expression.op === after && after === '|') ? `(${text})` : text;
}

function offsetText(offset: number): string {
  return offset === 0 ? '' : ` offset ${offset}`;
}

export function constantText(constant: Constant): string {
  switch (constant.kind) {
    case 'ipv4':
      return formatIpv4(constant.value);
    case 'ipv6':
      return formatIpv6(constant.value);
    case 'ether':
      return constant.value;
    case 'number':
      return constant.base === 16 ? `0x${constant.value.toString(16)}` : constant.value.toString();
    case 'symbol':
      return constant.name;
    case 'string':
      return quotedText(constant.wildcard ? `${constant.value}*` : constant.value);
    default:
      return assertNever(constant);
  }
}

/** nft's strings have no escape: a `"` or a control character in one is a bug of ours, never something to print. */
export function quotedText(text: string): string {
  if (/["\u0000-\u001f\u007f]/.test(text)) throw new Error(`cannot stand in an nft string: ${JSON.stringify(text)}`);
  return `"${text}"`;
}

/** nft's strings have no escape: a quote becomes another, what is no text a space. */
export function plainText(text: string): string {
  return text.replaceAll('"', "'").replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, ' ');
}

/** NF_LOG_PREFIXLEN, without the byte at its end. */
const LONGEST_PREFIX = 127;

/** A log's prefix as nft can have it, which reads `$name` as a variable. */
export function plainPrefix(text: string): string {
  let short = plainText(text).replaceAll('$', '_').slice(0, LONGEST_PREFIX);
  while (byteLength(short) > LONGEST_PREFIX) short = short.slice(0, -1);
  return short;
}

export function mapText(map: MapReference): string {
  return map.kind === 'named' ? `@${map.name}` : braced(map.elements);
}

function braced(elements: readonly Element[]): string {
  return `{ ${elements.map(elementText).join(', ')} }`;
}

export function keyText({ key }: Element): string {
  return key === 'default' ? '*' : expressionText(key);
}

/** `key [statements] [timeout] [comment] [: data]`, in the order nft 1.0.6 reads. */
export function elementText(element: Element): string {
  const parts = [keyText(element)];
  for (const statement of element.statements ?? []) parts.push(statementText(statement));
  if (element.timeoutMs !== undefined) parts.push(`timeout ${durationText(element.timeoutMs)}`);
  if (element.expiresMs !== undefined) parts.push(`expires ${durationText(element.expiresMs)}`);
  if (element.comment !== undefined) parts.push(`comment ${quotedText(element.comment)}`);
  if (element.data) parts.push(':', dataText(element.data));
  return parts.join(' ');
}

function dataText(data: Expression | Verdict): string {
  return isVerdict(data) ? verdictText(data) : expressionText(data);
}

export function verdictText(verdict: Verdict): string {
  return 'chain' in verdict ? `${verdict.kind} ${verdict.chain}` : verdict.kind;
}

const DURATIONS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
  ['ms', 1],
] as const;

/** `1d2h3m4s5ms` */
export function durationText(milliseconds: number): string {
  let rest = milliseconds;
  let text = '';
  for (const [unit, size] of DURATIONS) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count > 0) text += `${count}${unit}`;
  }
  return text === '' ? '0s' : text;
}

/** Equality needs a word only where nft would take flags for any of them; after a mask it reads better with one. */
function compareText({ op, left, right }: Extract<Statement, { kind: 'match' }>): string {
  const exact = isBits(typeOf(left)) && !['flags', 'set', 'named set'].includes(right.kind);
  return op === '==' && left.kind !== 'binary' && !exact ? '' : `${op} `;
}

/** A statement as nft writes it. */
export function statementText(statement: Statement): string {
  switch (statement.kind) {
    case 'match':
      return `${expressionText(statement.left)} ${compareText(statement)}${expressionText(statement.right)}`;
    case 'verdict':
      return verdictText(statement.verdict);
    case 'vmap':
      return `${expressionText(statement.key)} vmap ${mapText(statement.map)}`;
    case 'counter':
      return statement.packets === undefined
        ? 'counter'
        : `counter packets ${statement.packets} bytes ${statement.bytes ?? 0n}`;
    case 'object':
      return `${statement.object === 'ct helper' ? 'ct helper set' : `${statement.object} name`} ${
        typeof statement.name === 'string' ? quotedText(statement.name) : expressionText(statement.name)
      }`;
    case 'limit':
      return rateText(statement.rate);
    case 'quota':
      return quotaText(statement.quota);
    case 'connlimit':
      return `ct count ${statement.over ? 'over ' : ''}${statement.count}`;
    case 'log':
      return logText(statement);
    case 'reject':
      return rejectText(statement.with);
    case 'dnat':
    case 'snat':
    case 'masquerade':
    case 'redirect':
      return natText(statement);
    case 'notrack':
      return 'notrack';
    case 'assign':
      return `${expressionText(statement.target)} set ${expressionText(statement.value)}`;
    case 'set-update': {
      const parts = [statement.op, `@${statement.set}`, '{', expressionText(statement.key)];
      if (statement.timeoutMs !== undefined) parts.push('timeout', durationText(statement.timeoutMs));
      for (const one of statement.statements) parts.push(statementText(one));
      if (statement.data) parts.push(':', expressionText(statement.data));
      return [...parts, '}'].join(' ');
    }
    case 'queue': {
      const flags = statement.flags.length > 0 ? ` flags ${statement.flags.join(',')}` : '';
      return `queue${flags}${statement.first ? ` to ${expressionText(statement.first)}` : ''}`;
    }
    case 'tproxy': {
      return ['tproxy', statement.family, 'to', endpointText(statement)].filter(Boolean).join(' ');
    }
    case 'dup':
      return `dup to ${expressionText(statement.address)}${statement.device ? ` device ${expressionText(statement.device)}` : ''}`;
    case 'fwd':
      return `fwd to ${expressionText(statement.device)}`;
    case 'reset-option':
      return `reset tcp option ${statement.option}`;
    case 'synproxy': {
      const parts = ['synproxy'];
      if (statement.mss !== undefined) parts.push('mss', String(statement.mss));
      if (statement.wscale !== undefined) parts.push('wscale', String(statement.wscale));
      return [...parts, ...statement.flags].join(' ');
    }
    case 'either': {
      const texts = statement.alternatives.map((all) => all.map(statementText).join(' '));
      return `${statement.negated ? 'neither' : 'either'} ${texts.join(' or ')}`;
    }
    case 'opaque':
      return statement.text;
    default:
      return assertNever(statement);
  }
}

export function rateText({ count, unit, per, over, burst }: RateLimit): string {
  const amount = unit === 'bytes' ? `${count} bytes/${per}` : `${count}/${per}`;
  return `limit rate ${over ? 'over ' : ''}${amount}${burst === undefined ? '' : ` burst ${burst} ${unit}`}`;
}

export function quotaText({ bytes, over, used }: Quota): string {
  return `quota ${over ? 'over ' : ''}${bytes} bytes${used === undefined ? '' : ` used ${used} bytes`}`;
}

function logText({ prefix, level, group, snaplen, queueThreshold, flags }: Log): string {
  const parts = ['log'];
  if (prefix !== undefined) parts.push('prefix', quotedText(prefix));
  if (level !== undefined) parts.push('level', level);
  if (group !== undefined) parts.push('group', String(group));
  if (snaplen !== undefined) parts.push('snaplen', String(snaplen));
  if (queueThreshold !== undefined) parts.push('queue-threshold', String(queueThreshold));
  for (const flag of flags) parts.push('flags', flag);
  return parts.join(' ');
}

function rejectText(reject: Extract<Statement, { kind: 'reject' }>['with']): string {
  if (!reject) return 'reject';
  return reject.kind === 'tcp reset' ? 'reject with tcp reset' : `reject with ${reject.kind} ${reject.code}`;
}

function natText({ kind, family, address, port, flags, prefix }: Nat): string {
  const parts: string[] = [kind];
  if (family && address) parts.push(family);
  if (prefix) parts.push('prefix');
  if (address || port) parts.push('to', endpointText({ address, port }));
  return [...parts, flags.join(',')].filter(Boolean).join(' ');
}

/** An IPv6 address stands in brackets before a port, each of a range in its own. */
function endpointText({ address, port }: { address?: Expression | undefined; port?: Expression | undefined }): string {
  if (!port) return address ? expressionText(address) : '';
  return `${address ? hostText(address) : ''}:${expressionText(port)}`;
}

function hostText(address: Expression): string {
  if (address.kind === 'range') return `${hostText(address.first)}-${hostText(address.last)}`;
  return address.kind === 'ipv6' ? `[${expressionText(address)}]` : expressionText(address);
}
