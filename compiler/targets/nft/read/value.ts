import type { DataType } from '../../../../dsl/ruleset/data-type';
import { FIELDS, type FieldName } from '../../../../dsl/ruleset/fields';
import type { Expression } from '../../../../dsl/ruleset/tree';
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
      return [node.result.text === 'type' ? 'fib_addrtype' : node.result.text === 'oifname' ? 'ifname' : 'iface_index'];
    case 'binary':
      return typesOf(node.left);
    default:
      return [undefined];
  }
}

const CT_TYPES: Readonly<Record<string, DataType>> = {
  state: 'ct_state',
  direction: 'ct_dir',
  status: 'ct_status',
  mark: 'mark',
  expiration: 'time',
  helper: 'string',
  label: 'ct_label',
  id: 'ct_id',
  protocol: 'inet_proto',
  'proto-src': 'inet_service',
  'proto-dst': 'inet_service',
};

function selectorType({ selector }: Extract<ExpressionNode, { kind: 'selector' }>): DataType | undefined {
  switch (selector.kind) {
    case 'field':
      return FIELDS[selector.field as FieldName].type;
    case 'ct':
      if (selector.key === 'saddr' || selector.key === 'daddr')
        return selector.family === 'ip6' ? 'ipv6_addr' : selector.family === 'ip' ? 'ipv4_addr' : undefined;
      return CT_TYPES[selector.key];
    case 'option':
      return 'integer';
  }
}
