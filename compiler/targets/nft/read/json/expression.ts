import {
  countIn,
  isList,
  isObject,
  type Json,
  type JsonObject,
  listOf,
  Outside,
  onlyEntry,
  quotedIn,
  wordIn,
} from './outside';

/** Whether constants that are compared with an expression stand in quotes, one answer a part of a concatenation. */
export type Quoting = readonly (boolean | 'names' | 'seconds')[];

/** What is an interface's name, or its number where it has no name. */
const INDEX_KEYS: ReadonlySet<string> = new Set(['iif', 'oif', 'sdif', 'iface_index']);

const QUOTED_KEYS: ReadonlySet<string> = new Set(
  'iifname oifname ibrname obrname iifkind oifkind sdifname day hour time helper'.split(' '),
);
const QUOTED_TYPES: ReadonlySet<string> = new Set(['ifname', 'string', 'day', 'hour', 'time']);
const OPERATORS: ReadonlySet<string> = new Set(['&', '|', '^', '<<', '>>']);

export function quotingOf(expression: Json): Quoting {
  if (!isObject(expression)) return [];
  if (isList(expression.concat)) return expression.concat.map((part) => quotingOf(part)[0] ?? false);
  const masked = Object.entries(expression).find(([kind]) => OPERATORS.has(kind));
  if (masked) return quotingOf(listOf(masked[1])[0] ?? null);
  const { meta, ct, fib } = expression;
  const key = [meta, ct].flatMap((one) => (isObject(one) ? [one.key] : isWord(one) ? [one] : []))[0];
  const asked = isObject(fib) ? fib.result : key;
  if (typeof asked !== 'string') return [false];
  if (asked === 'expiration') return ['seconds'];
  return [INDEX_KEYS.has(asked) ? 'names' : QUOTED_KEYS.has(asked)];
}

export function quotingOfTypes(types: readonly string[]): Quoting {
  return types.map((type) => (INDEX_KEYS.has(type) ? 'names' : QUOTED_TYPES.has(type)));
}

function isWord(value: Json | undefined): value is string {
  return typeof value === 'string';
}

/** An expression of a rule or an element, as nft writes it. */
export function expressionText(value: Json, quoting: Quoting = []): string {
  if (isList(value)) return value.map((one) => expressionText(one, quoting)).join(' | ');
  if (!isObject(value)) return constantText(value, quoting[0] ?? false);
  const [kind, body] = onlyEntry(value);
  if (OPERATORS.has(kind)) return binaryText(kind, body, quoting);
  const print = EXPRESSIONS[kind];
  if (!print) throw new Outside(kind);
  return print(body, quoting);
}

function constantText(value: Json, quoting: Quoting[number]): string {
  if (typeof value === 'boolean') return value ? 'exists' : 'missing';
  if (typeof value === 'string') {
    // nft 1.0.6 does not know the type of a connection's ports where no protocol is named.
    const untyped = /^(\w+) \[invalid type\]$/.exec(value);
    if (untyped?.[1]) return untyped[1];
    if (value.startsWith('@')) return `@${wordIn(value.slice(1), 'the set')}`;
    const isQuoted = quoting === 'names' ? !/^\d+$/.test(value) : quoting === true;
    return isQuoted || !/^[\w./:+-]+$/.test(value) ? quotedIn(value, 'the value') : value;
  }
  return quoting === 'seconds' ? `${wordIn(value, 'the value')}s` : wordIn(value, 'the value');
}

function binaryText(operator: string, body: Json, quoting: Quoting): string {
  const operands = listOf(body);
  const [first] = operands;
  if (operands.length < 2 || first === undefined) throw new Outside(operator);
  const asked = quoting.length > 0 ? quoting : quotingOf(first);
  return operands
    .map((one) => (isList(one) || isObject(one) ? grouped(one, asked) : expressionText(one, asked)))
    .join(` ${operator} `);
}

/** Of `{"|": [{"|": ["new", "related"]}, "destroy"]}` all that are meant, one by one. */
export function flagsText(value: Json): string {
  if (isList(value)) return value.map(flagsText).join(',');
  return isObject(value) && value['|'] !== undefined ? flagsText(value['|']) : expressionText(value);
}

/** In brackets where more than one thing is meant. */
function grouped(value: Json, quoting: Quoting): string {
  const text = expressionText(value, quoting);
  const several = isList(value) ? value.length > 1 : isObject(value) && OPERATORS.has(Object.keys(value)[0] ?? '');
  return several ? `(${text})` : text;
}

/** What a match compares with: after a mask flags are one number, else any of them. */
export function rightText(left: Json, op: string, right: Json): string {
  const quoting = quotingOf(left);
  if (!isList(right)) return expressionText(right, quoting);
  const any = op === 'in' || op === '!';
  const parts = right.map((one) => expressionText(one, quoting));
  return any ? parts.join(',') : parts.length > 1 ? `(${parts.join(' | ')})` : (parts[0] ?? '');
}

function fieldsOf(body: Json, what: string): JsonObject {
  if (!isObject(body)) throw new Outside(what);
  return body;
}

const EXPRESSIONS: Readonly<Record<string, (body: Json, quoting: Quoting) => string>> = {
  meta: (body) => {
    const key = wordIn(isObject(body) ? body.key : body, 'meta');
    return META_ALONE.has(key) ? key : `meta ${key}`;
  },
  payload: (body) => {
    const { protocol, field, base, offset, len, tunnel } = fieldsOf(body, 'payload');
    if (tunnel !== undefined) throw new Outside(`a packet in ${wordIn(tunnel, 'the tunnel')}`);
    if (protocol !== undefined) return `${wordIn(protocol, 'the header')} ${words(field, 'the field')}`;
    return `@${wordIn(base, 'the base')},${wordIn(offset, 'the offset')},${wordIn(len, 'the length')}`;
  },
  ct: (body) => {
    const { key, dir, family } = isObject(body) ? body : { key: body, dir: undefined, family: undefined };
    return [
      'ct',
      ...[dir, family].flatMap((one) => (one === undefined ? [] : [wordIn(one, 'ct')])),
      words(key, 'ct'),
    ].join(' ');
  },
  rt: (body) => {
    const { key, family } = fieldsOf(body, 'rt');
    return ['rt', ...(family === undefined ? [] : [wordIn(family, 'rt')]), wordIn(key, 'rt')].join(' ');
  },
  socket: (body) => `socket ${words(fieldsOf(body, 'socket').key, 'socket')}`,
  fib: (body) => {
    const { flags, result } = fieldsOf(body, 'fib');
    return `fib ${listOf(flags)
      .map((flag) => wordIn(flag, 'fib'))
      .join(' . ')} ${wordIn(result, 'fib')}`;
  },
  exthdr: (body) => {
    const { name, field } = fieldsOf(body, 'exthdr');
    return field === undefined
      ? `exthdr ${wordIn(name, 'the header')}`
      : `${wordIn(name, 'the header')} ${words(field, 'the field')}`;
  },
  'tcp option': (body) => optionText('tcp option', body),
  'ip option': (body) => optionText('ip option', body),
  'sctp chunk': (body) => optionText('sctp chunk', body),
  ipsec: (body) => {
    const { dir, spnum, family, key } = fieldsOf(body, 'ipsec');
    const number = spnum === undefined || spnum === 0 ? '' : ` spnum ${wordIn(spnum, 'ipsec')}`;
    const network = family === undefined ? '' : ` ${wordIn(family, 'ipsec')}`;
    return `ipsec ${wordIn(dir, 'ipsec')}${number}${network} ${wordIn(key, 'ipsec')}`;
  },
  osf: (body) => {
    const { ttl, key } = fieldsOf(body, 'osf');
    return `osf ${ttl === undefined ? '' : `ttl ${wordIn(ttl, 'osf')} `}${wordIn(key, 'osf')}`;
  },
  numgen: (body) => {
    const { mode, mod, offset } = fieldsOf(body, 'numgen');
    return `numgen ${wordIn(mode, 'numgen')} mod ${countIn(mod, 'numgen')}${offsetText(offset)}`;
  },
  jhash: (body) => {
    const { mod, seed, offset, expr } = fieldsOf(body, 'jhash');
    if (expr === undefined) throw new Outside('jhash');
    const seeded = seed === undefined ? '' : ` seed ${countIn(seed, 'jhash')}`;
    return `jhash ${expressionText(expr)} mod ${countIn(mod, 'jhash')}${seeded}${offsetText(offset)}`;
  },
  symhash: (body) => {
    const { mod, offset } = fieldsOf(body, 'symhash');
    return `symhash mod ${countIn(mod, 'symhash')}${offsetText(offset)}`;
  },
  concat: (body, quoting) =>
    listOf(body)
      .map((part, index) => expressionText(part, [quoting[index] ?? false]))
      .join(' . '),
  prefix: (body) => {
    const { addr, len } = fieldsOf(body, 'prefix');
    return `${wordIn(addr, 'the prefix')}/${wordIn(len, 'the prefix')}`;
  },
  range: (body, quoting) =>
    listOf(body)
      .map((end) => expressionText(end, quoting))
      .join('-'),
  set: (body, quoting) =>
    `{ ${listOf(body)
      .map((one) => elementText(one, quoting, []))
      .join(', ')} }`,
  map: (body) => {
    const { key, data } = fieldsOf(body, 'map');
    if (key === undefined || data === undefined) throw new Outside('map');
    return `${expressionText(key)} map ${mapText(key, data)}`;
  },
  elem: (body, quoting) => {
    const { val = null, timeout, expires, comment, ...state } = fieldsOf(body, 'elem');
    const { limit, ...rest } = state;
    for (const kind of Object.keys(rest)) if (kind !== 'counter') throw new Outside(`${kind} of an element`);
    return [
      expressionText(val, quoting),
      ...(limit === undefined ? [] : [limitText(limit)]),
      ...(timeout === undefined ? [] : [`timeout ${wordIn(timeout, 'the timeout')}s`]),
      ...(expires === undefined ? [] : [`expires ${wordIn(expires, 'the time left')}s`]),
      ...(comment === undefined ? [] : [`comment ${quotedIn(comment, 'the comment')}`]),
    ].join(' ');
  },
};

/** Keys of meta that nft writes without the word. */
const META_ALONE: ReadonlySet<string> = new Set('iif oif iifname oifname iiftype oiftype iifgroup oifgroup'.split(' '));

function words(value: Json | undefined, what: string): string {
  if (typeof value !== 'string') throw new Outside(what);
  return value
    .split(' ')
    .map((word) => wordIn(word, what))
    .join(' ');
}

function optionText(what: string, body: Json): string {
  // An option that nft has no name for is asked for by its first byte, its number.
  const { name, base, field } = fieldsOf(body, what);
  return [what, wordIn(name ?? base, what), ...(field === undefined ? [] : [wordIn(field, what)])].join(' ');
}

function offsetText(offset: Json | undefined): string {
  return offset === undefined || offset === 0 ? '' : ` offset ${wordIn(offset, 'the offset')}`;
}

/** The second half of a map lookup: a name, or pairs. */
export function mapText(key: Json, data: Json): string {
  return isWord(data) ? constantText(data, false) : expressionText(data, quotingOf(key));
}

const VERDICTS: ReadonlySet<string> = new Set(['accept', 'drop', 'return', 'continue']);

/** `accept`, `jump web`; undefined for what is no verdict. */
export function verdictText(value: Json): string | undefined {
  if (!isObject(value)) return undefined;
  const [kind, body] = onlyEntry(value);
  if (VERDICTS.has(kind)) return kind;
  if (kind !== 'jump' && kind !== 'goto') return undefined;
  return `${kind} ${wordIn(isObject(body) ? body.target : undefined, 'the chain')}`;
}

/** A member of a set, or a pair of a map. */
export function elementText(value: Json, key: Quoting, data: Quoting): string {
  if (!isList(value)) return value === '*' ? '*' : expressionText(value, key);
  const [first, second] = value;
  if (first === undefined || second === undefined || value.length > 2) throw new Outside('an element');
  const left = first === '*' ? '*' : expressionText(first, key);
  return `${left} : ${verdictText(second) ?? expressionText(second, data)}`;
}

/** A rate in a rule, an element or an object of its own. */
export function limitText(body: Json): string {
  if (isWord(body)) return `limit name ${quotedIn(body, 'the limit')}`;
  const {
    rate,
    rate_unit: unit = 'packets',
    per,
    inv,
    burst,
    burst_unit: burstUnit = 'packets',
  } = fieldsOf(body, 'limit');
  const amount = wordIn(rate, 'the rate');
  const bytes = unit !== 'packets';
  const speed = bytes
    ? `${amount} ${wordIn(unit, 'the rate')}/${wordIn(per, 'the rate')}`
    : `${amount}/${wordIn(per, 'the rate')}`;
  // A burst of no bytes is what nft leaves out.
  const most =
    burst === undefined || (bytes && burst === 0)
      ? ''
      : ` burst ${wordIn(burst, 'the burst')} ${bytes ? wordIn(burstUnit, 'the burst') : 'packets'}`;
  return `limit rate ${inv === true ? 'over ' : ''}${speed}${most}`;
}
