import { addressBlock, type Prefix, prefixOf } from '../../../dsl/core/address';
import type { PortRange } from '../../../dsl/core/port';
import type { Expression, MapReference, Nat, Rule, Statement, Verdict } from '../../../dsl/ruleset/tree';

/** A value that a rule asks for, or asks not to be. */
export interface Asked<T> {
  readonly is: T;
  readonly not: boolean;
}

export type Action =
  | { readonly kind: 'accept' | 'drop' | 'return' | 'masquerade' | 'mark' | 'nothing' }
  | { readonly kind: 'jump'; readonly chain: string }
  | { readonly kind: 'dnat' | 'snat'; readonly address: Prefix; readonly port?: PortRange };

/** A rule of the plain kind that programs write: at most one question of each sort, and one thing that it does then. */
export interface Shape {
  readonly iif?: Asked<string>;
  readonly oif?: Asked<string>;
  readonly saddr?: Asked<Prefix>;
  readonly daddr?: Asked<Prefix>;
  readonly protocol?: string;
  readonly sports?: readonly PortRange[];
  readonly dports?: readonly PortRange[];
  /** Any of these states of conntrack. */
  readonly states?: string;
  /** The address that is to be one of the host's own. */
  readonly local?: 'saddr' | 'daddr';
  readonly mark?: bigint;
  readonly action: Action;
}

type Draft = { -readonly [Key in keyof Shape]?: Shape[Key] };

/** The shape of a rule; undefined for one that asks or does anything else. */
export function shapeOf({ statements }: Rule): Shape | undefined {
  const draft: Draft = {};
  for (const statement of statements) if (!take(statement, draft)) return undefined;
  return { ...draft, action: draft.action ?? { kind: 'nothing' } };
}

/** The sorts of questions a rule asks and what it does, in words: `iif !oif accept`. */
export function signatureOf(shape: Shape): string {
  const { iif, oif, saddr, daddr, protocol, sports, dports, states, local, mark, action } = shape;
  const asked = (name: string, one: Asked<unknown> | undefined) => (one ? [`${one.not ? '!' : ''}${name}`] : []);
  return [
    ...asked('iif', iif),
    ...asked('oif', oif),
    ...asked('saddr', saddr),
    ...asked('daddr', daddr),
    ...(protocol === undefined ? [] : ['protocol']),
    ...(sports ? ['sport'] : []),
    ...(dports ? ['dport'] : []),
    ...(states === undefined ? [] : [states]),
    ...(local ? [`local-${local}`] : []),
    ...(mark === undefined ? [] : ['mark']),
    action.kind,
  ].join(' ');
}

/** Adds what a statement says; false when it has no place in a shape, or its place is taken. */
function take(statement: Statement, draft: Draft): boolean {
  switch (statement.kind) {
    case 'counter':
      return true;
    case 'match':
      return takeMatch(statement, draft);
    case 'verdict':
      return actVerdict(draft, statement.verdict);
    case 'masquerade':
      return statement.port === undefined && statement.flags.length === 0 && act(draft, { kind: 'masquerade' });
    case 'dnat':
    case 'snat':
      return takeNat(statement, draft);
    case 'assign':
      return isMark(statement.target) && act(draft, { kind: 'mark' });
    default:
      return false;
  }
}

function act(draft: Draft, action: Action): boolean {
  if (draft.action) return false;
  draft.action = action;
  return true;
}

function actVerdict(draft: Draft, verdict: Verdict): boolean {
  switch (verdict.kind) {
    case 'accept':
    case 'drop':
    case 'return':
      return act(draft, { kind: verdict.kind });
    case 'jump':
      return act(draft, { kind: 'jump', chain: verdict.chain });
    default:
      return false;
  }
}

function takeNat({ kind, address, port, flags, prefix }: Nat, draft: Draft): boolean {
  const to = address && blockOf(address);
  if (!to || prefix || flags.length > 0 || (kind !== 'dnat' && kind !== 'snat')) return false;
  const ports = port && (port.kind === 'map' ? movedRange(port.map) : rangesOf(port));
  if (port && ports?.length !== 1) return false;
  return act(draft, { kind, address: to, ...(ports?.[0] ? { port: ports[0] } : {}) });
}

/** What a map gives to ports that follow each other, where that follows each other too. */
function movedRange(map: MapReference): readonly PortRange[] | undefined {
  if (map.kind !== 'anonymous') return undefined;
  const pairs = map.elements.map(({ key, data }) => [onlyKey(key, numberIn), numberOf(data)] as const);
  const [[from, to] = []] = pairs;
  if (from === undefined || to === undefined) return undefined;
  const inStep = pairs.every(([key, value], at) => key === from + BigInt(at) && value === to + BigInt(at));
  return inStep ? portRange(to, to + BigInt(pairs.length - 1)) : undefined;
}

function numberOf(data: Expression | Verdict | undefined): bigint | undefined {
  return data?.kind === 'number' ? data.value : undefined;
}

function takeMatch({ left, op, right }: Extract<Statement, { kind: 'match' }>, draft: Draft): boolean {
  if (op !== '==' && op !== '!=') return false;
  const not = op === '!=';
  const place = placeOf(left);
  if (!place || draft[place] !== undefined) return false;
  switch (place) {
    case 'iif':
    case 'oif':
      if (right.kind !== 'string' || right.wildcard) return false;
      draft[place] = { is: right.value, not };
      return true;
    case 'saddr':
    case 'daddr': {
      const block = blockOf(right);
      if (block) draft[place] = { is: block, not };
      return block !== undefined;
    }
    case 'protocol':
      if (not || right.kind !== 'symbol') return false;
      draft.protocol = right.name;
      return true;
    case 'sports':
    case 'dports': {
      const ranges = not ? undefined : rangesOf(right);
      if (ranges) draft[place] = ranges;
      return ranges !== undefined;
    }
    case 'states': {
      const names = not ? undefined : namesOf(right);
      if (names) draft.states = names.sort().join(',');
      return names !== undefined;
    }
    case 'local':
      if (not || namesOf(right)?.join() !== 'local' || left.kind !== 'fib') return false;
      draft.local = left.keys[0] === 'saddr' ? 'saddr' : 'daddr';
      return true;
    case 'mark': {
      const mask = left.kind === 'binary' ? numberIn(left.right) : undefined;
      const wanted = numberIn(right);
      if (not || wanted === undefined || mask !== wanted) return false;
      draft.mark = wanted;
      return true;
    }
  }
}

type Place = Exclude<keyof Shape, 'action'>;

function placeOf(left: Expression): Place | undefined {
  switch (left.kind) {
    case 'field':
      return FIELD_PLACES[left.field];
    case 'ct':
      return left.key === 'state' ? 'states' : undefined;
    case 'fib':
      return left.result === 'type' && left.keys.length === 1 ? 'local' : undefined;
    case 'binary':
      return left.op === '&' && isMark(left.left) ? 'mark' : undefined;
    default:
      return undefined;
  }
}

const FIELD_PLACES: Readonly<Record<string, Place>> = {
  'meta iifname': 'iif',
  'meta oifname': 'oif',
  'ip saddr': 'saddr',
  'ip6 saddr': 'saddr',
  'ip daddr': 'daddr',
  'ip6 daddr': 'daddr',
  'meta l4proto': 'protocol',
  'tcp sport': 'sports',
  'udp sport': 'sports',
  'sctp sport': 'sports',
  'tcp dport': 'dports',
  'udp dport': 'dports',
  'sctp dport': 'dports',
};

function isMark(expression: Expression): boolean {
  return expression.kind === 'field' && expression.field === 'meta mark';
}

function numberIn(expression: Expression): bigint | undefined {
  return expression.kind === 'number' ? expression.value : undefined;
}

function blockOf(expression: Expression): Prefix | undefined {
  switch (expression.kind) {
    case 'ipv4':
      return addressBlock({ family: 4, value: expression.value });
    case 'ipv6':
      return addressBlock({ family: 6, value: expression.value });
    case 'prefix': {
      const address = blockOf(expression.address);
      if (!address) return undefined;
      const whole =
        address.family === 4
          ? ({ family: 4, value: address.address } as const)
          : ({ family: 6, value: address.address } as const);
      return prefixOf(whole, expression.length);
    }
    case 'set':
      return expression.elements.length === 1 ? onlyKey(expression.elements[0]?.key, blockOf) : undefined;
    default:
      return undefined;
  }
}

function onlyKey<T>(key: Expression | 'default' | undefined, read: (key: Expression) => T | undefined): T | undefined {
  return key === undefined || key === 'default' ? undefined : read(key);
}

function rangesOf(expression: Expression): readonly PortRange[] | undefined {
  switch (expression.kind) {
    case 'number':
      return portRange(expression.value, expression.value);
    case 'range':
      return expression.first.kind === 'number' && expression.last.kind === 'number'
        ? portRange(expression.first.value, expression.last.value)
        : undefined;
    case 'set': {
      const all = expression.elements.map(({ key }) => onlyKey(key, rangesOf));
      return all.every((one) => one !== undefined) ? all.flat() : undefined;
    }
    default:
      return undefined;
  }
}

/** Port 0 is none that intent has a word for. */
function portRange(first: bigint, last: bigint): readonly PortRange[] | undefined {
  if (first < 1n || last > 65535n || first > last) return undefined;
  return [{ first: Number(first), last: Number(last) } as PortRange];
}

function namesOf(expression: Expression): string[] | undefined {
  switch (expression.kind) {
    case 'symbol':
      return [expression.name];
    case 'flags':
      return expression.flags.flatMap((flag) => (flag.kind === 'symbol' ? [flag.name] : []));
    case 'set': {
      const all = expression.elements.map(({ key }) => onlyKey(key, namesOf));
      return all.every((one) => one !== undefined) ? all.flat() : undefined;
    }
    default:
      return undefined;
  }
}
