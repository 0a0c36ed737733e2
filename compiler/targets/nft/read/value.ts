import type { DataType } from '../../../../dsl/ruleset/data-type';
import { FIELDS, type FieldName } from '../../../../dsl/ruleset/fields';
import type { Expression, IpsecKey } from '../../../../dsl/ruleset/tree';
import { ctType, FIB_TYPES, ipsecType } from '../../../../dsl/ruleset/type-of';
import { readValue, stringValue } from '../../../../dsl/ruleset/value';
import type { ExpressionNode, WordNode } from '../../../../grammar/rules/nodes';
import { symbolNumber } from '../../../meaning/symbols';

/** A word as the constant, range or prefix that it spells. */
export function wordValue({ kind, text }: WordNode, type?: DataType): Expression {
  if (kind === 'word' && (text === 'exists' || text === 'missing'))
    return { kind: 'exists', present: text === 'exists' };
  if (kind === 'string') return stringValue(text, type);
  const value = readValue(text, type);
  return value.kind === 'symbol' ? (namedRange(value.name, type) ?? value) : value;
}

/** nft's JSON has names at the ends of a range, in which hyphens stand too. */
function namedRange(text: string, type: DataType | undefined): Expression | undefined {
  if (symbolNumber(text, type) !== undefined) return undefined;
  const end = (word: string) => symbolNumber(word, type) ?? (/^\d+$/.test(word) ? BigInt(word) : undefined);
  for (let at = text.indexOf('-'); at > 0; at = text.indexOf('-', at + 1)) {
    const [first, last] = [end(text.slice(0, at)), end(text.slice(at + 1))];
    if (first !== undefined && last !== undefined)
      return { kind: 'range', first: { kind: 'number', value: first }, last: { kind: 'number', value: last } };
  }
  return undefined;
}

/** The data types of an expression, one a part of a concatenation; undefined where it cannot be told. */
export function typesOf(node: ExpressionNode): readonly (DataType | undefined)[] {
  switch (node.kind) {
    case 'concat':
      return node.parts.flatMap(typesOf);
    case 'selector':
      return [selectorType(node)];
    case 'fib':
      return [FIB_TYPES[node.result.text as keyof typeof FIB_TYPES]];
    case 'ipsec':
      return [ipsecType(node.key.text as IpsecKey)];
    case 'osf':
      return ['string'];
    case 'binary':
      return typesOf(node.left);
    default:
      return [undefined];
  }
}

function selectorType({ selector }: Extract<ExpressionNode, { kind: 'selector' }>): DataType | undefined {
  switch (selector.kind) {
    case 'field':
      return FIELDS[selector.field as FieldName].type;
    case 'ct':
      return ctType(selector.key, selector.family);
    case 'option':
      return 'integer';
  }
}
