import { boxAt, type Condition, type Field } from '../../compiler/meaning/condition';
import { keysOf } from '../../compiler/meaning/keys';
import { Names } from '../../compiler/meaning/names';
import type { Reading } from '../../compiler/meaning/reading';
import { keyTerms } from '../../compiler/meaning/terms';
import { parseAddress } from '../../dsl/core/address';
import type { Element, Expression } from '../../dsl/ruleset/tree';
import { oneOf, type Random, randomly } from '../support/random';

const PARTS: Readonly<Record<string, (below: Random) => Expression>> = {
  'ip daddr': (below) => oneOf(below, [ipv4, block4, between(ipv4)])(below),
  'ip6 saddr': (below) => oneOf(below, [ipv6, block6, between(ipv6)])(below),
  'meta l4proto': (below) =>
    oneOf<Expression>(below, [{ kind: 'symbol', name: 'tcp' }, { kind: 'symbol', name: 'udp' }, number(below(256))]),
  'tcp dport': (below) => oneOf(below, [port, between(port)])(below),
  'ether saddr': (below) => ({ kind: 'ether', value: `02:42:0a:00:00:0${below(4)}` }),
  'meta iifname': (below) =>
    oneOf<Expression>(below, [
      { kind: 'string', value: `eth${below(3)}` },
      { kind: 'string', value: 'eth', wildcard: true },
      { kind: 'string', value: 'lo' },
    ]),
};

function number(value: number): Expression {
  return { kind: 'number', value: BigInt(value) };
}

function port(below: Random): Expression {
  return number(oneOf(below, [0, 1, 80, 81, 82, 65534, 65535]));
}

function address(text: string): Expression {
  const outcome = parseAddress(text);
  if (!outcome.ok) throw new Error(text);
  const { family, value } = outcome.value;
  return family === 4 ? { kind: 'ipv4', value } : { kind: 'ipv6', value };
}

function ipv4(below: Random): Expression {
  return address(oneOf(below, ['0.0.0.0', '10.0.0.1', '10.0.0.2', '10.0.1.0', '255.255.255.255']));
}

function ipv6(below: Random): Expression {
  return address(oneOf(below, ['::', 'fd00::1', 'fd00::ffff:ffff', 'fd00:0:0:1::', 'ffff:ffff::ffff:ffff']));
}

function block4(below: Random): Expression {
  return { kind: 'prefix', address: ipv4(below), length: oneOf(below, [0, 8, 24, 31, 32]) } as Expression;
}

function block6(below: Random): Expression {
  return { kind: 'prefix', address: ipv6(below), length: oneOf(below, [0, 64, 96, 127, 128]) } as Expression;
}

function between(one: (below: Random) => Expression): (below: Random) => Expression {
  return (below) => {
    const [a, b] = [one(below), one(below)] as { value: number }[];
    const [first, last] = (a?.value ?? 0) <= (b?.value ?? 0) ? [a, b] : [b, a];
    return { kind: 'range', first, last } as unknown as Expression;
  };
}

/** Values at the ends of the boxes, and right beside them. */
function pointIn(below: Random, fields: readonly Field[], boxes: readonly (readonly number[])[]): number[] {
  return fields.map((_, at) => {
    const box = oneOf(below, boxes);
    const end = box[2 * at + below(2)] as number;
    return Math.max(0, (end === Number.POSITIVE_INFINITY ? (box[2 * at] as number) : end) + below(3) - 1);
  });
}

function ranged(condition: Condition, point: ReadonlyMap<Field, number>): boolean {
  if (condition.kind === 'boxes')
    return (
      boxAt(
        condition.boxes,
        condition.fields.map((field) => point.get(field) ?? 0),
      ) >= 0
    );
  if (condition.kind !== 'within') throw new Error(condition.kind);
  const value = point.get(condition.field) ?? 0;
  return condition.ranges.some(
    (first, at) => at % 2 === 0 && first <= value && value <= (condition.ranges[at + 1] ?? 0),
  );
}

test('a packet is found in a set by the element whose boxes have it', () => {
  const counts = { found: 0, missing: 0 };
  for (let seed = 1; seed <= 600; seed++) {
    const below = randomly(seed);
    const names = Object.keys(PARTS).filter(() => below(3) === 0);
    const asked = names.length > 0 ? names : ['tcp dport'];
    const reading: Reading = {
      plane: below(2) ? 'bridge' : 'ip',
      names: new Names(['eth']),
      occurrence: (text) => text,
    };
    const key = { kind: 'concat', parts: asked.map((field) => ({ kind: 'field', field })) } as Expression;
    const terms = keyTerms(key, true, reading).filter((term) => term !== undefined);
    const elements = Array.from({ length: 1 + below(6) }, (): Element => {
      const parts = asked.map((name) => PARTS[name]?.(below) as Expression);
      const [only] = parts;
      return { key: parts.length === 1 && only ? only : { kind: 'concat', parts }, origin: { kind: 'program' } };
    });
    const keys = keysOf(terms, elements, reading);
    if (!keys) throw new Error(`seed ${seed}: no keys`);
    const boxes = keys.boxes();
    for (let count = 0; count < 40; count++) {
      const point = pointIn(below, keys.fields, boxes.flat());
      const values = new Map(keys.fields.map((field, at) => [field, point[at] as number]));
      const wanted = boxes.findIndex((one) => boxAt(one, point) >= 0);
      const read = (field: Field) => values.get(field) ?? 0;
      const found = keys.find(read);
      expect({ seed, point, found: found ? elements.indexOf(found) : -1 }).toEqual({ seed, point, found: wanted });
      expect(ranged(keys.condition(), values)).toBe(wanted >= 0);
      counts[found ? 'found' : 'missing']++;
    }
  }
  expect(counts.found).toBeGreaterThan(3000);
  expect(counts.missing).toBeGreaterThan(3000);
});

test('a set with a key that is no range of what is read is none that can be asked so', () => {
  const reading: Reading = { plane: 'ip', names: new Names([]), occurrence: (text) => text };
  const terms = keyTerms({ kind: 'field', field: 'tcp dport' }, true, reading).filter((term) => term !== undefined);
  const origin = { kind: 'program' } as const;
  const one: Element = { key: { kind: 'number', value: 80n }, origin };
  const other: Element = { key: { kind: 'symbol', name: 'no-such-port' }, origin };
  expect(keysOf(terms, [one], reading)).toBeDefined();
  expect(keysOf(terms, [one, other], reading)).toBeUndefined();
});
