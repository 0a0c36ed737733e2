import type { Span } from '../../../../dsl/core/source';
import type { ElementNode, ExpressionNode } from '../../../../grammar/rules/nodes';

/** Where an expression begins, as far as its first word tells. */
export function spanOf(node: ExpressionNode | ElementNode['key']): Span {
  switch (node.kind) {
    case 'word':
    case 'string':
    case 'selector':
      return node.span;
    case 'concat':
      return node.parts[0] ? spanOf(node.parts[0]) : NOWHERE;
    case 'list':
      return node.items[0] ? spanOf(node.items[0]) : NOWHERE;
    case 'binary':
      return spanOf(node.left);
    case 'range':
      return node.first.span;
    case 'payload':
      return node.word.span;
    case 'setref':
      return node.name.span;
    default:
      return NOWHERE;
  }
}

const NOWHERE: Span = { source: { name: '', text: '' }, start: 0, end: 0 };
