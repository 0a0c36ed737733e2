import { assertNever } from '../../../../dsl/core/brand';
import { type Diagnostic, errorIn } from '../../../../dsl/core/diagnostic';
import type { Span } from '../../../../dsl/core/source';
import type { NamedObject } from '../../../../dsl/ruleset/tree';
import type { BlockNode, LineNode } from '../../../../grammar/rules/blocks';
import type { CounterLineNode, HelperLineNode, LimitNode, QuotaNode } from '../../../../grammar/rules/nodes';
import { ruleParser } from '../../../../grammar/rules/parser';
import type { RuleToken } from '../../../../grammar/rules/tokens';
import type { RuleReader } from './rule';

type Common = Pick<NamedObject, 'name' | 'comment' | 'origin'>;

/** The rule of the grammar for a line, and how many lines the object has. */
const LINES = {
  counter: { start: 'counter_line', least: 0, most: 1 },
  limit: { start: 'rate', least: 1, most: 1 },
  quota: { start: 'quota', least: 1, most: 1 },
  'ct helper': { start: 'helper_line', least: 1, most: 2 },
} as const satisfies Record<NamedObject['kind'], { start: string; least: number; most: number }>;

/** Reads `counter`, `limit`, `quota` and `ct helper` blocks. */
export class ObjectReader {
  constructor(
    private readonly rules: RuleReader,
    private readonly diagnostics: Diagnostic[],
  ) {}

  read(kind: NamedObject['kind'], name: string, { items, span }: BlockNode): NamedObject | undefined {
    const { start, least, most } = LINES[kind];
    const wrong = this.diagnostics.length;
    const comments: string[] = [];
    const nodes: object[] = [];
    for (const item of items) {
      if ('items' in item) {
        this.report(`a ${kind} has no blocks`, item.span);
        continue;
      }
      const { tokens, comment } = splitComment(item);
      if (comment !== undefined) comments.push(comment);
      if (tokens.length === 0 || tokens.some(({ type }) => type === 'junk')) continue;
      const node = ruleParser.parse(start, tokens);
      if ('severity' in node) this.diagnostics.push(node as Diagnostic);
      else nodes.push(node);
    }
    if (this.diagnostics.length > wrong) return undefined;
    if (nodes.length < least) this.report(`the ${kind} says nothing of what it is`, span);
    if (nodes.length > most || comments.length > 1) this.report(`the ${kind} says something twice`, span);
    if (this.diagnostics.length > wrong) return undefined;
    const [comment] = comments;
    const common: Common = { name, ...(comment === undefined ? {} : { comment }), origin: { kind: 'source', span } };
    return this.object(kind, nodes, common);
  }

  private object(kind: NamedObject['kind'], nodes: readonly object[], common: Common): NamedObject | undefined {
    const [node] = nodes;
    switch (kind) {
      case 'counter': {
        const line = node as CounterLineNode | undefined;
        const counted = line && {
          packets: this.rules.quantities.integer(line.packets),
          bytes: this.rules.quantities.integer(line.bytes),
        };
        return { kind, ...common, ...counted };
      }
      case 'limit':
        return { kind, ...common, rate: this.rules.quantities.rate(node as LimitNode) };
      case 'quota':
        return { kind, ...common, quota: this.rules.quantities.quota(node as QuotaNode) };
      case 'ct helper':
        return this.helper(nodes as readonly HelperLineNode[], common);
      default:
        return assertNever(kind);
    }
  }

  private helper(lines: readonly HelperLineNode[], common: Common): NamedObject | undefined {
    const type = lines.find((line) => line.kind === 'type');
    const carrier = lines.find((line) => line.kind === 'l3proto');
    const { origin } = common;
    if (!type || (lines.length === 2 && !carrier)) {
      if (origin.kind === 'source') this.report('a helper is `type "NAME" protocol tcp`, or `udp`', origin.span);
      return undefined;
    }
    const l3 = carrier ? { l3: carrier.l3.text as 'ip' | 'ip6' | 'inet' } : {};
    return { kind: 'ct helper', ...common, helper: type.helper.text, protocol: type.protocol.text, ...l3 };
  }

  private report(message: string, span: Span): void {
    this.diagnostics.push(errorIn(span, 'TN1101', message));
  }
}

/** A comment may stand alone or at the end of a line. */
function splitComment({ tokens }: LineNode): { tokens: readonly RuleToken[]; comment?: string } {
  const [word, text] = tokens.slice(-2);
  return word?.text === 'comment' && text?.type === 'string'
    ? { tokens: tokens.slice(0, -2), comment: text.text.slice(1, -1) }
    : { tokens };
}
