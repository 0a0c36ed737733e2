import type { Element, Expression } from '../../dsl/ruleset/tree';
import { boxCondition, boxesOf, boxFields } from './boxes';
import type { Box, Condition, Field, Members } from './condition';
import type { Reading } from './reading';
import type { Term } from './terms';
import { hasRange, isIn } from './values';

/** What a packet says of a term: a number, or a name. */
type Asked = number | bigint | string;

/**
 * The keys of a set's elements, all of them ranges of what terms read. A packet is looked up among them as they are; for a
 * proof they are spelled out.
 */
export class Keys implements Members {
  constructor(
    readonly fields: readonly Field[],
    private readonly terms: readonly Term[],
    private readonly elements: readonly Element[],
    /** Whether one of the elements is for packets that have no key. */
    readonly hasDefault: boolean,
    private readonly reading: Reading,
  ) {}

  /** The first element whose key a packet has. */
  find(read: (field: Field) => number): Element | undefined {
    const asked = this.terms.map((term) => this.askedOf(term, read));
    return this.elements.find(({ key }) => key !== 'default' && this.isOf(key, asked));
  }

  has(read: (field: Field) => number): boolean {
    return this.find(read) !== undefined;
  }

  private spelled: readonly (readonly Box[])[] | undefined;

  /** The boxes of each element, over the fields; `'default'` has none. */
  boxes(): readonly (readonly Box[])[] {
    this.spelled ??= this.elements.map(({ key }) =>
      key === 'default' ? [] : (boxesOf(this.terms, key, this.reading) as readonly Box[]),
    );
    return this.spelled;
  }

  private known: Condition | undefined;

  /** Whether a packet has one of the keys. */
  condition(): Condition {
    this.known ??= boxCondition(this.fields, this.boxes().flat());
    return this.known;
  }

  /** What is larger than a field can be counts as the largest, as in a box that is `UNBOUNDED`. */
  private askedOf(term: Term, read: (field: Field) => number): Asked {
    switch (term.kind) {
      case 'name':
        return this.reading.names.keyOf(read(term.field));
      case 'number':
        return Math.min(read(term.field), Number(term.max));
      case 'wide':
        return term.fields.reduce((sum, field) => (sum << 32n) | BigInt(Math.min(read(field), WORD_MAX)), 0n);
      default:
        throw new Error(`keys are no ranges of ${term.kind}`);
    }
  }

  private isOf(key: Expression, asked: readonly Asked[]): boolean {
    if (key.kind !== 'concat') return isAsked(key, asked[0] as Asked, this.terms[0] as Term);
    for (let at = 0; at < asked.length; at++)
      if (!isAsked(key.parts[at] as Expression, asked[at] as Asked, this.terms[at] as Term)) return false;
    return true;
  }
}

const WORD_MAX = 0xffffffff;

interface KnownKeys {
  readonly names: Reading['names'];
  readonly keys: Keys;
}

/** Keys that were asked for before: one set is asked by many rules, of packets of more than one kind. */
const KNOWN = new WeakMap<readonly Element[], readonly KnownKeys[]>();

/** Undefined where a key is no range of what the terms read. */
export function keysOf(terms: readonly Term[], elements: readonly Element[], reading: Reading): Keys | undefined {
  const fields = boxFields(terms);
  if (!fields) return undefined;
  const { names } = reading;
  const before = (KNOWN.get(elements) ?? []).filter((one) => one.names === names);
  const known = before.find(({ keys }) => sameFields(keys.fields, fields));
  if (known) return known.keys;
  let hasDefault = false;
  for (const { key } of elements)
    if (key === 'default') hasDefault = true;
    else if (!isKey(terms, key)) return undefined;
  const keys = new Keys(fields, terms, elements, hasDefault, reading);
  KNOWN.set(elements, [...before, { names, keys }]);
  return keys;
}

function sameFields(one: readonly Field[], other: readonly Field[]): boolean {
  return one.length === other.length && one.every((field, at) => field === other[at]);
}

function isKey(terms: readonly Term[], key: Expression): boolean {
  if (key.kind !== 'concat') return terms.length === 1 && isRange(terms[0] as Term, key);
  if (key.parts.length !== terms.length) return false;
  for (let at = 0; at < terms.length; at++) if (!isRange(terms[at] as Term, key.parts[at] as Expression)) return false;
  return true;
}

function isRange(term: Term, value: Expression): boolean {
  return term.kind === 'name' ? isNameValue(value) : hasRange(value, term.type);
}

function isNameValue(value: Expression): boolean {
  return value.kind === 'string' || value.kind === 'symbol' || (value.kind === 'number' && value.value === 0n);
}

function isAsked(value: Expression, asked: Asked, term: Term): boolean {
  return typeof asked === 'string' ? isNamed(value, asked) : isIn(value, asked, term.type);
}

/** `nameRange` holds the number that a name's key is of. */
function isNamed(value: Expression, asked: string): boolean {
  switch (value.kind) {
    case 'string':
      return value.wildcard ? asked.startsWith(value.value) : asked === value.value;
    case 'symbol':
      return asked === value.name;
    default:
      return asked === '';
  }
}
