import { expressionText, flagsText, limitText, mapText, quotingOf, rightText, verdictText } from './expression';
import { countIn, isObject, type Json, listOf, Outside, objectIn, onlyEntry, quotedIn, wordIn } from './outside';

/** A statement of a rule, as nft writes it. */
export function statementText(value: Json): string {
  if (typeof value === 'string') return writtenOut(value);
  const verdict = verdictText(value);
  if (verdict !== undefined) return verdict;
  const [kind, body] = onlyEntry(value);
  const print = STATEMENTS[kind];
  if (!print) throw new Outside(`\`${kind}\``);
  return print(body);
}

/** What nft has no JSON for it writes as it is; a line's end or a bracket too many would break out of its rule. */
function writtenOut(text: string): string {
  const open = [...text].filter((one) => one === '{').length;
  const isOneStatement = open === [...text].filter((one) => one === '}').length && /^[^\n;]+$/.test(text);
  if (!isOneStatement) throw new Outside(JSON.stringify(text));
  return text;
}

const STATEMENTS: Readonly<Record<string, (body: Json) => string>> = {
  match: (body) => {
    const { op, left, right } = objectIn(body, 'match');
    if (left === undefined || right === undefined || typeof op !== 'string') throw new Outside('match');
    const compare = op === 'in' || (op === '==' && !isMasked(left) && !isFlags(left)) ? '' : `${op} `;
    if (!/^(in|==|!=|!|<=?|>=?)$/.test(op)) throw new Outside(`the comparison ${op}`);
    return `${expressionText(left)} ${compare}${rightText(left, op, right)}`;
  },
  vmap: (body) => {
    const { key, data } = objectIn(body, 'vmap');
    if (key === undefined || data === undefined) throw new Outside('vmap');
    return `${expressionText(key)} vmap ${mapText(key, data)}`;
  },
  counter: (body) => {
    if (typeof body === 'string' || isMap(body)) return `counter name ${objectName(body)}`;
    if (!isObject(body)) return 'counter';
    return `counter packets ${wordIn(body.packets, 'the counter')} bytes ${wordIn(body.bytes, 'the counter')}`;
  },
  limit: (body) => (isMap(body) ? `limit name ${objectName(body)}` : limitText(body)),
  quota: (body) => {
    if (typeof body === 'string' || isMap(body)) return `quota name ${objectName(body)}`;
    const { val, val_unit: unit = 'bytes', inv, used, used_unit: usedUnit = 'bytes' } = objectIn(body, 'quota');
    const sofar = used === undefined ? '' : ` used ${wordIn(used, 'the quota')} ${wordIn(usedUnit, 'the quota')}`;
    return `quota ${inv === true ? 'over ' : ''}${wordIn(val, 'the quota')} ${wordIn(unit, 'the quota')}${sofar}`;
  },
  'ct count': (body) => {
    const { val, inv } = objectIn(body, 'ct count');
    return `ct count ${inv === true ? 'over ' : ''}${countIn(val, 'the count')}`;
  },
  'ct helper': (body) => `ct helper set ${objectName(body)}`,
  log: logText,
  reject: (body) => {
    if (!isObject(body)) return 'reject';
    const { type, expr } = body;
    if (type === 'tcp reset') return 'reject with tcp reset';
    return type === undefined ? 'reject' : `reject with ${wordIn(type, 'reject')} ${wordIn(expr, 'reject')}`;
  },
  dnat: (body) => natText('dnat', body),
  snat: (body) => natText('snat', body),
  masquerade: (body) => natText('masquerade', body),
  redirect: (body) => natText('redirect', body),
  notrack: () => 'notrack',
  mangle: (body) => {
    const { key, value } = objectIn(body, 'mangle');
    if (key === undefined || value === undefined) throw new Outside('mangle');
    const target = expressionText(key);
    return `${target} set ${target === 'ct event' ? flagsText(value) : expressionText(value, quotingOf(key))}`;
  },
  set: updateText,
  map: updateText,
  meter: meterText,
  queue: (body) => {
    if (!isObject(body)) return 'queue';
    const { num, flags } = body;
    const marks = listOf(flags).map((flag) => wordIn(flag, 'queue'));
    const to = num === undefined ? '' : expressionText(num);
    if (marks.length === 0) return to === '' ? 'queue' : `queue num ${to}`;
    return `queue flags ${marks.join(',')} to ${to}`;
  },
  tproxy: (body) => {
    const { family, addr, port } = objectIn(body, 'tproxy');
    const to = `${addr === undefined ? '' : hostText(addr)}${port === undefined ? '' : `:${expressionText(port)}`}`;
    return ['tproxy', ...(family === undefined ? [] : [wordIn(family, 'tproxy')]), 'to', to].join(' ');
  },
  dup: (body) => {
    const { addr, dev } = objectIn(body, 'dup');
    if (addr === undefined) throw new Outside('dup');
    return `dup to ${expressionText(addr)}${dev === undefined ? '' : ` device ${expressionText(dev, [true])}`}`;
  },
  synproxy: (body) => {
    if (!isObject(body)) return 'synproxy';
    const { mss, wscale, flags } = body;
    return [
      'synproxy',
      ...(mss === undefined ? [] : [`mss ${wordIn(mss, 'synproxy')}`]),
      ...(wscale === undefined ? [] : [`wscale ${wordIn(wscale, 'synproxy')}`]),
      ...listOf(flags).map((flag) => wordIn(flag, 'synproxy')),
    ].join(' ');
  },
  reset: (body) => {
    const option = objectIn(body, 'reset')['tcp option'];
    return `reset tcp option ${wordIn(isObject(option) ? (option.name ?? option.base) : undefined, 'reset')}`;
  },
  flow: (body) => {
    const { op, flowtable } = objectIn(body, 'flow');
    return `flow ${wordIn(op, 'flow')} @${wordIn(typeof flowtable === 'string' ? flowtable.replace(/^@/, '') : flowtable, 'flow')}`;
  },
  fwd: (body) => {
    const { dev, addr } = objectIn(body, 'fwd');
    if (dev === undefined || addr !== undefined) throw new Outside('fwd to an address');
    return `fwd to ${expressionText(dev, [true])}`;
  },
};

/** A named counter, quota or helper, or the map that leads to one. */
function objectName(body: Json): string {
  return isMap(body) ? expressionText(body) : quotedIn(body, 'the name');
}

function isMap(body: Json): boolean {
  return isObject(body) && body.map !== undefined;
}

function isMasked(left: Json): boolean {
  return isObject(left) && Object.keys(left).some((key) => ['&', '|', '^'].includes(key));
}

/** Where nft takes bare flags for any of them, `==` has to be said. */
function isFlags(left: Json): boolean {
  if (!isObject(left)) return false;
  const { payload, ct } = left;
  if (isObject(payload)) return payload.protocol === 'tcp' && payload.field === 'flags';
  return isObject(ct) && ['state', 'status', 'label'].includes(String(ct.key));
}

function logText(body: Json): string {
  if (!isObject(body)) return 'log';
  const { prefix, level, group, snaplen, 'queue-threshold': threshold, flags } = body;
  return [
    'log',
    ...(prefix === undefined ? [] : [`prefix ${quotedIn(prefix, 'the prefix')}`]),
    ...(level === undefined ? [] : [`level ${wordIn(level, 'the level')}`]),
    ...(group === undefined ? [] : [`group ${wordIn(group, 'the group')}`]),
    ...(snaplen === undefined ? [] : [`snaplen ${wordIn(snaplen, 'the length')}`]),
    ...(threshold === undefined ? [] : [`queue-threshold ${wordIn(threshold, 'the threshold')}`]),
    ...listOf(flags).map((flag) => `flags ${logFlag(flag)}`),
  ].join(' ');
}

function logFlag(flag: Json): string {
  if (flag === 'tcp sequence' || flag === 'tcp options' || flag === 'ip options') return flag;
  return wordIn(flag, 'the flag');
}

function natText(kind: string, body: Json): string {
  if (!isObject(body)) return kind;
  const { family, addr, port, flags, type_flags: typeFlags } = body;
  const marks = listOf(flags).filter((flag) => flag !== 'netmap');
  const place = `${addr === undefined ? '' : port === undefined ? expressionText(addr) : hostText(addr)}${
    port === undefined ? '' : `:${expressionText(port)}`
  }`;
  return [
    kind,
    ...(family === undefined || addr === undefined ? [] : [wordIn(family, 'the family')]),
    ...(listOf(typeFlags).includes('prefix') ? ['prefix'] : []),
    ...(place === '' ? [] : ['to', place]),
    ...(marks.length === 0 ? [] : [marks.map((flag) => wordIn(flag, 'the flag')).join(',')]),
  ].join(' ');
}

/** An address before a port: of IPv6 in brackets, each end of a range in its own. */
function hostText(address: Json): string {
  if (isObject(address) && address.range !== undefined) return listOf(address.range).map(hostText).join('-');
  const text = expressionText(address);
  return typeof address === 'string' && address.includes(':') ? `[${text}]` : text;
}

function updateText(body: Json): string {
  const { op, elem, data, set, map, stmt } = objectIn(body, 'set');
  const name = set ?? map;
  const target = typeof name === 'string' && name.startsWith('@') ? name.slice(1) : name;
  return `${wordIn(op, 'the operation')} @${wordIn(target, 'the set')} ${learntText(elem, stmt, data)}`;
}

function meterText(body: Json): string {
  const { name, size, key, stmt } = objectIn(body, 'meter');
  const most = size === undefined ? '' : ` size ${wordIn(size, 'the size')}`;
  return `meter ${wordIn(name, 'the meter')}${most} ${learntText(key, stmt)}`;
}

/** An element that a rule adds. */
function learntText(elem: Json | undefined, stmt: Json | undefined, data?: Json): string {
  if (elem === undefined) throw new Outside('set');
  const { val, timeout, comment } = isObject(elem) && isObject(elem.elem) ? elem.elem : { val: elem };
  if (comment !== undefined || val === undefined) throw new Outside('an element that a rule adds');
  const inner = [
    expressionText(val),
    ...(timeout === undefined ? [] : [`timeout ${wordIn(timeout, 'the timeout')}s`]),
    ...listOf(stmt).map(statementText),
    ...(data === undefined ? [] : [`: ${expressionText(data)}`]),
  ];
  return `{ ${inner.join(' ')} }`;
}
