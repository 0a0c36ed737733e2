import type { DataType } from '../../dsl/ruleset/data-type';
import { FIELDS, type FieldInfo, type FieldName } from '../../dsl/ruleset/fields';
import type { Expression } from '../../dsl/ruleset/tree';
import { ctType, FIB_TYPES, ipsecType } from '../../dsl/ruleset/type-of';
import { expressionText } from '../targets/nft/notation';
import { ALWAYS, all, any, bit, type Condition, differ, type Field, NEVER, not, within } from './condition';
import { bitsOf, CT_STATES, unknown, wordsOf } from './fields';
import { ETHER_TYPES, guardOf, headerGuard, ipGuard, TRACKED } from './guards';
import type { Reading } from './reading';
import { tcpOptionName } from './symbols';
import { constantValue } from './values';

/** What an expression reads of a packet. `guard` is when it can be read at all: else its rule does not match. */
export type Term = { readonly guard: Condition; readonly type: DataType | undefined } & (
  | { readonly kind: 'number'; readonly field: Field; readonly max: bigint; readonly mask?: bigint }
  /** Words of 32 bits, the highest first. */
  | { readonly kind: 'wide'; readonly fields: readonly Field[]; readonly mask?: bigint }
  | { readonly kind: 'bits'; readonly bits: readonly Condition[] }
  /** The values that the numbers of the field stand for. */
  | { readonly kind: 'listed'; readonly field: Field; readonly values: readonly bigint[] }
  | { readonly kind: 'name'; readonly field: Field }
  | { readonly kind: 'constant'; readonly value: bigint }
);

/** Fields with a name of their own in the model; others go by nft's name. */
const MODEL_NAMES: Readonly<Partial<Record<FieldName, Field>>> = {
  'ip saddr': 'saddr',
  'ip daddr': 'daddr',
  'ip6 saddr': 'saddr6',
  'ip6 daddr': 'daddr6',
  'ip protocol': 'l4proto',
  'meta l4proto': 'l4proto',
  'meta iif': 'iif',
  'meta iifname': 'iif',
  'meta oif': 'oif',
  'meta oifname': 'oif',
  'meta mark': 'mark',
  'icmp type': 'icmp type',
  'icmpv6 type': 'icmp type',
  'icmp code': 'icmp code',
  'icmpv6 code': 'icmp code',
  'ip dscp': 'dscp',
  'ip6 dscp': 'dscp',
  'ip ecn': 'ecn',
  'ip6 ecn': 'ecn',
  'ip ttl': 'ttl',
  'ip6 hoplimit': 'ttl',
};

/**
 * They begin and end within bytes, and hold parts of two. Under a mask, in a concatenation or looked up in a named set nft
 * 1.0.6 has the kernel shift them in the wrong order of bytes, so that no packet fits; later ones do not: what such a rule
 * asks depends on who loads it.
 */
const ACROSS_BYTES: ReadonlySet<string> = new Set<FieldName>(['ip6 dscp', 'frag frag-off']);

function isAcrossBytes(expression: Expression): boolean {
  return expression.kind === 'field' && ACROSS_BYTES.has(expression.field);
}

/** What the parts of a key are, undefined each that the model has no field for; `inSet` where it is looked up in a named set. */
export function keyTerms(key: Expression, inSet: boolean, reading: Reading): readonly (Term | undefined)[] {
  const parts = key.kind === 'concat' ? key.parts : [key];
  const isShifted = inSet || parts.length > 1;
  return parts.map((part) => (isShifted && isAcrossBytes(part) ? undefined : termOf(part, reading)));
}

/** When all that an expression is made of is there to be read, also where the model has no field for what is made of it. */
export function readable(expression: Expression, reading: Reading): Condition {
  switch (expression.kind) {
    case 'field':
      return guardOf(expression.field, FIELDS[expression.field].needs, reading);
    case 'binary':
      return all(readable(expression.left, reading), readable(expression.right, reading));
    case 'concat':
      return all(...expression.parts.map((part) => readable(part, reading)));
    default:
      return termOf(expression, reading)?.guard ?? ALWAYS;
  }
}

/** Undefined for what the model has no field for. */
export function termOf(expression: Expression, reading: Reading): Term | undefined {
  switch (expression.kind) {
    case 'field':
      return fieldTerm(expression.field, reading);
    case 'ct':
      return ctTerm(expression, reading);
    case 'fib': {
      const text = `fib ${expression.keys.join(' . ')}`;
      const type = FIB_TYPES[expression.result];
      if (expression.result === 'type') return number(`${text} type`, 8, ALWAYS, type);
      return { kind: 'name', field: `${text} oif`, guard: ALWAYS, type };
    }
    case 'payload':
      return payloadTerm(expression, reading);
    case 'option': {
      const named = withName(expression);
      const { kind, protocol, option } = named;
      const present = bit(`${expressionText({ kind, protocol, option })} exists`);
      const guard = all(headerGuard(protocol, reading), present);
      return number(expressionText(named), 32, guard, 'integer');
    }
    case 'exthdr':
      return number(expressionText(expression), 32, bit(`exthdr ${expression.header} exists`), 'integer');
    case 'ipsec': {
      const name = expressionText(expression);
      const type = ipsecType(expression.key);
      const guard = bit(`ipsec ${expression.direction} ${expression.spnum} exists`);
      return type === 'ipv6_addr'
        ? { kind: 'wide', fields: wordsOf(name), guard, type }
        : number(name, 32, guard, type);
    }
    case 'osf':
      return { kind: 'name', field: expressionText(expression), guard: headerGuard('tcp', reading), type: 'string' };
    case 'numgen': {
      const name = unknown(reading.occurrence(expressionText(expression)));
      return {
        kind: 'number',
        field: name,
        max: BigInt(expression.modulus + expression.offset - 1),
        guard: ALWAYS,
        type: 'integer',
      };
    }
    case 'hash': {
      const max = BigInt(expression.modulus + expression.offset - 1);
      return { kind: 'number', field: unknown(expressionText(expression)), max, guard: ALWAYS, type: 'integer' };
    }
    case 'binary':
      return binaryTerm(expression, reading);
    default:
      return undefined;
  }
}

/** An option that a rule asks for by its number, which nft lists by its name. */
function withName(asked: Extract<Expression, { kind: 'option' }>): typeof asked {
  return asked.protocol === 'tcp' && /^\d+$/.test(asked.option)
    ? { ...asked, option: tcpOptionName(Number(asked.option)) }
    : asked;
}

/** Whether the header or option that an expression names is there. */
export function presenceOf(
  expression: Expression,
  reading: Reading,
): { guard: Condition; present: Condition } | undefined {
  switch (expression.kind) {
    case 'option':
      // What has no such header has no such option: it is missing, and nothing is asked before.
      return {
        guard: ALWAYS,
        present: all(headerGuard(expression.protocol, reading), bit(`${expressionText(withName(expression))} exists`)),
      };
    case 'exthdr':
      return { guard: headerGuard('ip6', reading), present: bit(`exthdr ${expression.header} exists`) };
    case 'fib': {
      const term = termOf(expression, reading);
      const none = reading.names.numberOf('');
      return term?.kind === 'name' ? { guard: ALWAYS, present: not(within(term.field, none, none)) } : undefined;
    }
    case 'field': {
      const term = termOf(expression, reading);
      return term?.kind === 'number' ? { guard: term.guard, present: not(within(term.field, 0, 0)) } : undefined;
    }
    default:
      return undefined;
  }
}

export function number(field: Field, bits: number, guard: Condition, type: DataType | undefined): Term {
  return { kind: 'number', field, max: (1n << BigInt(bits)) - 1n, guard, type };
}

function fieldTerm(name: FieldName, reading: Reading): Term | undefined {
  const info: FieldInfo = FIELDS[name];
  const guard = guardOf(name, info.needs, reading);
  const field = MODEL_NAMES[name] ?? portField(name) ?? name;
  switch (name) {
    case 'meta nfproto':
      if (reading.plane === 'bridge' || reading.plane === 'arp') break;
      return { kind: 'constant', value: reading.plane === 'ip' ? 2n : 10n, guard, type: info.type };
    case 'meta protocol':
    case 'ether type':
      if (reading.plane === 'bridge') return number('ether type', 16, ALWAYS, info.type);
      return { kind: 'constant', value: ETHER_TYPES[reading.plane], guard, type: info.type };
    case 'tcp flags':
    case 'meta mark':
      return { kind: 'bits', bits: bitsOf(field, info.bits).map((one) => bit(one)), guard, type: info.type };
    case 'meta l4proto':
      return number(field, 8, reading.plane === 'bridge' ? ipGuard() : ALWAYS, info.type);
    case 'ip version':
    case 'ip6 version':
      return { kind: 'constant', value: name === 'ip version' ? 4n : 6n, guard, type: info.type };
    case 'ip frag-off':
      return undefined;
  }
  if (info.type === 'ifname' || info.type === 'iface_index') return { kind: 'name', field, guard, type: info.type };
  if (info.bits === 128 || info.bits === 64)
    return {
      kind: 'wide',
      fields: info.bits === 128 ? wordsOf(field) : wordsOf(field).slice(0, 2),
      guard,
      type: info.type,
    };
  return number(field, info.bits, guard, info.type);
}

/** All protocols with ports have them at one place. */
function portField(name: FieldName): Field | undefined {
  const part = /^(?:tcp|udp|udplite|sctp|dccp|th) ([sd]port)$/.exec(name);
  return part?.[1];
}

function ctTerm(
  { key, direction, family }: Extract<Expression, { kind: 'ct' }>,
  { plane, names }: Reading,
): Term | undefined {
  const type = ctType(key, family);
  const name = ['ct', direction, key].filter(Boolean).join(' ');
  switch (key) {
    case 'state':
      return {
        kind: 'listed',
        field: 'ct.state',
        values: CT_STATES.map(([, value]) => BigInt(value)),
        guard: ALWAYS,
        type,
      };
    case 'status':
      return { kind: 'bits', bits: bitsOf('ct.status', 16).map((one) => bit(one)), guard: TRACKED, type };
    case 'mark':
      return { kind: 'bits', bits: bitsOf('ct mark', 32).map((one) => bit(one)), guard: TRACKED, type };
    case 'label':
      return { kind: 'bits', bits: bitsOf('ct label', 128).map((one) => bit(one)), guard: TRACKED, type };
    case 'direction':
      return number('ct.direction', 1, TRACKED, type);
    case 'helper': {
      const none = names.numberOf('');
      return { kind: 'name', field: 'ct helper', guard: all(TRACKED, not(within('ct helper', none, none))), type };
    }
    case 'saddr':
    case 'daddr': {
      const ip = (family ?? (plane === 'ip6' ? 'ip6' : 'ip')) === 'ip';
      const guard = plane === (ip ? 'ip' : 'ip6') ? TRACKED : NEVER;
      const data = ip ? ('ipv4_addr' as const) : ('ipv6_addr' as const);
      return ip ? number(name, 32, guard, data) : { kind: 'wide', fields: wordsOf(`${name}6`), guard, type: data };
    }
    case 'proto-src':
    case 'proto-dst':
      return number(name, 16, TRACKED, type);
    case 'protocol':
      return number(direction === 'reply' ? name : 'ct original protocol', 8, TRACKED, type);
    case 'l3proto':
      return { kind: 'constant', value: plane === 'ip6' ? 10n : 2n, guard: TRACKED, type };
    case 'zone':
      return number(name, 16, TRACKED, type);
    case 'bytes':
    case 'packets':
    case 'avgpkt':
      return { kind: 'wide', fields: wordsOf(name).slice(0, 2), guard: TRACKED, type };
    case 'id':
    case 'expiration':
    case 'count':
      return number(name, 32, TRACKED, type);
    case 'event':
    case 'secmark':
      return undefined;
  }
}

function baseGuard(base: Extract<Expression, { kind: 'payload' }>['base'], reading: Reading): Condition {
  switch (base) {
    case 'll':
      return headerGuard('ether', reading);
    case 'nh':
      return any(headerGuard('ip', reading), headerGuard('ip6', reading));
    case 'th':
      return headerGuard('transport', reading);
    case 'ih':
      return all(headerGuard('transport', reading), bit('inner header exists'));
  }
}

function payloadTerm(
  { base, offset, bits }: Extract<Expression, { kind: 'payload' }>,
  reading: Reading,
): Term | undefined {
  const known = baseGuard(base, reading);
  const name = `@${base},${offset},${bits}`;
  if (base === 'th' && bits === 16 && (offset === 0 || offset === 16))
    return number(offset === 0 ? 'sport' : 'dport', 16, known, 'inet_service');
  if (bits <= 32 || bits === 48) return number(name, bits, known, 'integer');
  if (bits % 32 !== 0 || bits > 128) return undefined;
  return { kind: 'wide', fields: wordsOf(name).slice(0, bits / 32), guard: known, type: 'integer' };
}

function binaryTerm({ op, left, right }: Extract<Expression, { kind: 'binary' }>, reading: Reading): Term | undefined {
  const fragment = left.kind === 'field' && left.field === 'ip frag-off' ? fragmentTerm(right, reading) : undefined;
  if (fragment && op === '&') return fragment;
  if (isAcrossBytes(left)) return undefined;
  const term = termOf(left, reading);
  if (!term) return undefined;
  const constant = constantValue(right, term.type);
  if (constant === undefined) {
    const other = termOf(right, reading);
    if (term.kind !== 'bits' || other?.kind !== 'bits') return undefined;
    const combine = COMBINE[op as '&'];
    if (!combine) return undefined;
    const bits = term.bits.map((one, index) => combine(one, other.bits[index] ?? NEVER));
    return { kind: 'bits', bits, guard: all(term.guard, other.guard), type: term.type };
  }
  switch (term.kind) {
    case 'number':
    case 'wide':
      return op === '&' ? { ...term, mask: (term.mask ?? constant) & constant } : undefined;
    case 'listed':
      return op === '&' ? { ...term, values: term.values.map((value) => value & constant) } : undefined;
    case 'constant':
      return op === '&' ? { ...term, value: term.value & constant } : undefined;
    case 'name':
      return undefined;
    case 'bits':
      return { ...term, bits: bitsAfter(op, term.bits, constant) };
  }
}

const COMBINE = { '&': all, '|': any, '^': differ } as const;

function bitsAfter(op: '&' | '|' | '^' | '<<' | '>>', bits: readonly Condition[], constant: bigint): Condition[] {
  const isSet = (index: number) => ((constant >> BigInt(index)) & 1n) === 1n;
  const at = (index: number) => bits[index] ?? NEVER;
  const after = (one: Condition, index: number): Condition => {
    switch (op) {
      case '&':
        return isSet(index) ? one : NEVER;
      case '|':
        return isSet(index) ? ALWAYS : one;
      case '^':
        return isSet(index) ? not(one) : one;
      case '<<':
        return at(index - Number(constant));
      case '>>':
        return at(index + Number(constant));
    }
  };
  return bits.map(after);
}

/** The offset of a fragment, and its flag for more: only whether it is the first matters. */
function fragmentTerm(mask: Expression, reading: Reading): Term | undefined {
  const value = constantValue(mask, 'integer');
  if (value !== 0x1fffn) return undefined;
  return { kind: 'number', field: 'fragment', max: 1n, guard: headerGuard('ip', reading), type: 'integer' };
}
