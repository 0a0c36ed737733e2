import { FIELDS } from '../../../dsl/ruleset/fields';
import type { Expression } from '../../../dsl/ruleset/tree';
import { typeOf } from '../../../dsl/ruleset/type-of';
import { expressionText } from '../../targets/nft/notation';
import { PROTOCOL, type Shape } from './shape';
import { Spread } from './spread';

/** More keys than this of one rule are no longer a row of a list. */
const MOST = 64;

/** Fields that can be parts of a concatenation, by what of an expression tells. */
function isPart(expression: Expression): boolean {
  if (expression.kind !== 'field') return false;
  const { type } = FIELDS[expression.field];
  return ['ipv4_addr', 'ipv6_addr', 'inet_service', 'inet_proto', 'ifname', 'mark', 'ether_addr'].includes(type);
}

/** The sets of fields that a list of rules may differ in: one, two, or the protocol with ports and one more. */
export function keyChoices({ tests }: Shape): readonly (readonly string[])[] {
  const subjects = [...tests.keys()];
  const parts = subjects.filter((subject) => isPart((tests.get(subject) as { subject: Expression }).subject));
  const pairs = parts.flatMap((one, index) => parts.slice(index + 1).map((other) => [one, other]));
  const triples = parts.includes(PROTOCOL)
    ? parts.flatMap((port) =>
        /^th /.test(port)
          ? parts.filter((one) => one !== PROTOCOL && one !== port).map((one) => [one, PROTOCOL, port])
          : [],
      )
    : [];
  return [...subjects.map((one) => [one]), ...pairs, ...triples];
}

/** Every combination of the values that a rule asks these fields for; undefined when there are too many. */
export function keysIn({ tests }: Shape, subjects: readonly string[]): readonly (readonly Expression[])[] | undefined {
  let rows: readonly (readonly Expression[])[] = [[]];
  for (const subject of subjects) {
    const members = tests.get(subject)?.members ?? [];
    if (rows.length * members.length > MOST && subjects.length > 1) return undefined;
    rows = rows.flatMap((row) => members.map(({ value }) => [...row, value]));
  }
  return rows;
}

/** Keys that have been given, none of which may meet another. In a concatenation only one part, always the same, may be a range. */
export class Keys {
  private readonly cells = new Map<string, Spread>();
  private ranged: number | undefined;

  constructor(private readonly subjects: readonly Expression[]) {
    const address = subjects.findIndex((one) => /addr$/.test(expressionText(one)));
    this.ranged = subjects.length === 1 ? 0 : address < 0 ? undefined : address;
  }

  /** Whether the keys meet none that are there and may stand in one set with them; when so, they are added. */
  add(keys: readonly (readonly Expression[])[]): boolean {
    const found = keys.map((key) => this.cell(key));
    if (found.some((one) => one === undefined)) return false;
    const cells = found as readonly { spread: Spread; value: Expression }[];
    if (cells.some(({ spread, value }) => spread.meets(value))) return false;
    for (const { spread, value } of cells) spread.add(value);
    return true;
  }

  private cell(key: readonly Expression[]): { readonly spread: Spread; readonly value: Expression } | undefined {
    const at = this.ranged ?? 0;
    const value = key[at];
    if (!value || key.some((one, index) => index !== this.ranged && isWide(one))) return undefined;
    if (key.length > 1 && value.kind === 'string' && value.wildcard) return undefined;
    const rest = key.flatMap((one, index) => (index === at ? [] : [expressionText(one)])).join(' . ');
    const subject = this.subjects[at] as Expression;
    const spread = this.cells.get(rest) ?? new Spread(typeOf(subject));
    this.cells.set(rest, spread);
    return { spread, value };
  }
}

function isWide(value: Expression): boolean {
  return value.kind === 'prefix' || value.kind === 'range' || (value.kind === 'string' && value.wildcard === true);
}

export function keyExpression(parts: readonly Expression[]): Expression {
  const [only] = parts;
  return parts.length === 1 && only ? only : { kind: 'concat', parts };
}
