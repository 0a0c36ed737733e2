import { type Diagnostic, errorIn } from '../../../../dsl/core/diagnostic';
import { quoted } from '../../../../dsl/core/names';
import type { Span } from '../../../../dsl/core/source';
import type { DataType } from '../../../../dsl/ruleset/data-type';
import type { Element, KeyType, MapData, NamedSet, SetFlag } from '../../../../dsl/ruleset/tree';
import type { BlockNode, LineNode } from '../../../../grammar/rules/blocks';
import type {
  ElementNode,
  ExpressionNode,
  LimitNode,
  SetAttributeNode,
  WordNode,
} from '../../../../grammar/rules/nodes';
import { ruleParser } from '../../../../grammar/rules/parser';
import type { RuleToken } from '../../../../grammar/rules/tokens';
import { plainElement } from './plain-element';
import type { RuleReader } from './rule';
import { typesOf } from './value';

const DATA_TYPES: ReadonlySet<string> = new Set<DataType>([
  'ipv4_addr',
  'ipv6_addr',
  'ether_addr',
  'inet_proto',
  'nf_proto',
  'inet_service',
  'ifname',
  'iface_index',
  'iface_type',
  'mark',
  'ct_state',
  'ct_dir',
  'ct_status',
  'ct_label',
  'ct_id',
  'icmp_type',
  'icmp_code',
  'icmpv6_type',
  'icmpv6_code',
  'icmpx_code',
  'tcp_flag',
  'ether_type',
  'arp_op',
  'dscp',
  'ecn',
  'fib_addrtype',
  'pkt_type',
  'uid',
  'gid',
  'devgroup',
  'realm',
  'classid',
  'cgroupsv2',
  'time',
  'day',
  'hour',
  'integer',
  'boolean',
  'string',
  'mh_type',
  'dccp_pkttype',
  'igmp_type',
]);

const FLAGS: ReadonlySet<string> = new Set<SetFlag>(['constant', 'dynamic', 'interval', 'timeout']);

const OBJECTS: readonly string[] = ['counter', 'limit', 'quota', 'ct helper'];

type Types = readonly (DataType | undefined)[];

interface Draft {
  readonly set: Omit<NamedSet, 'key'> & { readonly key?: KeyType };
  readonly keyTypes: Types;
  readonly dataTypes: Types | 'verdict';
}

/** Reads `set` and `map` blocks. Elements are parsed one by one, so that time stays linear however many there are. */
export class SetReader {
  constructor(
    private readonly rules: RuleReader,
    private readonly diagnostics: Diagnostic[],
  ) {}

  read(kind: 'set' | 'map', name: string, { items, span }: BlockNode): NamedSet | undefined {
    const lines = items.filter((item): item is LineNode => !('items' in item));
    const isElements = ({ tokens }: LineNode) => tokens[0]?.text === 'elements';
    let draft: Draft = {
      set: { name, flags: [], elements: [], origin: { kind: 'source', span } },
      keyTypes: [],
      dataTypes: [],
    };
    for (const line of lines.filter((one) => !isElements(one))) draft = this.attribute(draft, line);
    const { key } = draft.set;
    if (!key || (kind === 'map') !== (draft.set.data !== undefined)) {
      this.report('TN1101', kind === 'map' ? 'a map needs `type KEY : DATA`' : 'a set needs `type KEY`', span);
      return undefined;
    }
    const elements = lines.filter(isElements).flatMap((line) => this.elements(line, draft));
    return { ...draft.set, key, elements };
  }

  private attribute(draft: Draft, { tokens, span }: LineNode): Draft {
    const { set } = draft;
    const [first] = tokens;
    switch (first?.text) {
      case 'type':
        return this.types(draft, tokens);
      case 'typeof':
        return this.typeof(draft, tokens);
      case 'flags': {
        const flags = tokens.slice(1).filter(({ text }) => text !== ',');
        for (const flag of flags)
          if (!FLAGS.has(flag.text)) this.report('TN1103', `${quoted(flag.text)} is not a flag of sets`, flag.span);
        return { ...draft, set: { ...set, flags: flags.map(({ text }) => text as SetFlag) } };
      }
      case 'limit': {
        const node = this.parse<LimitNode>('stateful', tokens);
        return node ? { ...draft, set: { ...set, limit: this.rules.quantities.rate(node) } } : draft;
      }
      case 'timeout':
      case 'gc-interval':
      case 'size':
      case 'policy':
      case 'auto-merge':
      case 'counter':
      case 'comment': {
        const node = this.parse<SetAttributeNode>('set_attribute', tokens);
        return node ? { ...draft, set: { ...set, ...this.simple(node) } } : draft;
      }
      default:
        this.report('TN1102', `${quoted(first?.text ?? '')} of a set is outside of what tsnet reads`, span);
        return draft;
    }
  }

  private simple({ name, value }: SetAttributeNode): Partial<NamedSet> {
    if (!value) return name === 'counter' ? { counter: true } : { autoMerge: true };
    switch (name) {
      case 'timeout':
        return { timeoutMs: this.rules.quantities.duration(value) };
      case 'gc-interval':
        return { gcIntervalMs: this.rules.quantities.duration(value) };
      case 'size':
        return { size: Number(this.rules.quantities.integer(value)) };
      case 'policy':
        return { policy: value.text as 'performance' | 'memory' };
      default:
        return { comment: value.text };
    }
  }

  private types(draft: Draft, tokens: readonly RuleToken[]): Draft {
    const node = this.parse<{ key: WordNode[]; data?: WordNode[] }>('key_types', tokens);
    if (!node) return draft;
    const keyTypes = this.dataTypes(node.key);
    const key: KeyType = { kind: 'types', types: keyTypes };
    const keyed = { ...draft, set: { ...draft.set, key }, keyTypes };
    return node.data ? this.leadingTo(keyed, node.data) : keyed;
  }

  private leadingTo(draft: Draft, words: readonly WordNode[]): Draft {
    const { set } = draft;
    const [only] = words;
    if (only?.text === 'verdict') return { ...draft, set: { ...set, data: { kind: 'verdict' } }, dataTypes: 'verdict' };
    if (only && OBJECTS.includes(only.text)) {
      const data: MapData = { kind: 'object', object: only.text as 'counter' };
      return { ...draft, set: { ...set, data }, dataTypes: ['string'] };
    }
    const dataTypes = this.dataTypes(words);
    return { ...draft, set: { ...set, data: { kind: 'value', type: { kind: 'types', types: dataTypes } } }, dataTypes };
  }

  private typeof(draft: Draft, tokens: readonly RuleToken[]): Draft {
    const node = this.parse<{ key: ExpressionNode; data?: ExpressionNode | readonly WordNode[] }>('key_typeof', tokens);
    if (!node) return draft;
    const key = this.typeofKey(node.key);
    const keyed = { ...draft, set: { ...draft.set, key }, keyTypes: typesOf(node.key) };
    if (!node.data) return keyed;
    if ('length' in node.data) return this.leadingTo(keyed, node.data);
    const data: MapData = { kind: 'value', type: this.typeofKey(node.data) };
    return { ...keyed, set: { ...keyed.set, data }, dataTypes: typesOf(node.data) };
  }

  private typeofKey(node: ExpressionNode): KeyType {
    const parts = node.kind === 'concat' ? node.parts : [node];
    return { kind: 'typeof', expressions: parts.map((part) => this.rules.expression(part)) };
  }

  private dataTypes(words: readonly WordNode[]): DataType[] {
    for (const { text, span } of words)
      if (!DATA_TYPES.has(text)) this.report('TN1103', `${quoted(text)} is not a data type`, span);
    return words.map(({ text }) => text as DataType);
  }

  /** `elements = { a, b, ... }` */
  private elements({ tokens, span }: LineNode, { keyTypes, dataTypes }: Draft): Element[] {
    const [, equals, open] = tokens;
    if (equals?.text !== '=' || open?.text !== '{' || tokens.at(-1)?.text !== '}') {
      this.report('TN1101', 'expected `elements = { ... }`', span);
      return [];
    }
    return splitAtCommas(tokens.slice(3, -1)).flatMap((part): Element[] => {
      const node = plainElement(part) ?? this.parse<ElementNode>('element', part);
      const first = part[0]?.span;
      const last = part.at(-1)?.span;
      if (!node || !first || !last) return [];
      return [this.rules.element(node, keyTypes, dataTypes, { ...first, end: last.end })];
    });
  }

  private parse<T extends object>(start: string, tokens: readonly RuleToken[]): T | undefined {
    if (tokens.some(({ type }) => type === 'junk')) return undefined;
    const node = ruleParser.parse(start, tokens);
    if (!('severity' in node)) return node as T;
    this.diagnostics.push(node as Diagnostic);
    return undefined;
  }

  private report(code: Diagnostic['code'], message: string, span: Span): void {
    this.diagnostics.push(errorIn(span, code, message));
  }
}

function splitAtCommas(tokens: readonly RuleToken[]): RuleToken[][] {
  const parts: RuleToken[][] = [[]];
  for (const token of tokens) {
    if (token.text === ',' && token.type === 'mark') parts.push([]);
    else parts.at(-1)?.push(token);
  }
  return parts.filter((part) => part.length > 0);
}
