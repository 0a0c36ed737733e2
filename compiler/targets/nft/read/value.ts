import type { DataType } from '../../../../dsl/ruleset/data-type';
import { FIELDS, type FieldName } from '../../../../dsl/ruleset/fields';
import type { Expression, IpsecKey } from '../../../../dsl/ruleset/tree';
import { ctType, FIB_TYPES, ipsecType } from '../../../../dsl/ruleset/type-of';
import { readValue, stringValue } from '../../../../dsl/ruleset/value';
import type { ExpressionNode, WordNode } from '../../../../grammar/rules/nodes';

/** A word as the constant, range or prefix that it spells. */
export function wordValue({ kind, text }: WordNode, type?: DataType): Expression {
  if (kind === 'word' && (text === 'exists' || text === 'missing'))
    return { kind: 'exists', present: text === 'exists' };
  return kind === 'string' ? stringValue(text, type) : readValue(text, type);
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
