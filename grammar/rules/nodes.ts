import type { Span } from '../../dsl/core/source';
import type { CompareOp } from '../../dsl/ruleset/tree';
import type { Selector } from './tokens';

/** A word or string as written; what it stands for depends on what it is compared with. */
export interface WordNode {
  readonly kind: 'word' | 'string';
  readonly text: string;
  readonly span: Span;
}

export type ExpressionNode =
  | WordNode
  | { readonly kind: 'selector'; readonly selector: Selector; readonly span: Span }
  | { readonly kind: 'payload'; readonly word: WordNode }
  | { readonly kind: 'setref'; readonly name: WordNode }
  | { readonly kind: 'fib'; readonly keys: readonly WordNode[]; readonly result: WordNode }
  | { readonly kind: 'exthdr'; readonly header: WordNode }
  | { readonly kind: 'ipsec'; readonly direction: WordNode; readonly spnum?: WordNode; readonly key: WordNode }
  | { readonly kind: 'osf'; readonly ttl?: WordNode; readonly result: WordNode }
  | { readonly kind: 'numgen'; readonly mode: WordNode; readonly modulus: WordNode; readonly offset?: WordNode }
  | {
      readonly kind: 'hash';
      readonly function: 'jhash' | 'symhash';
      readonly of?: ExpressionNode;
      readonly modulus: WordNode;
      readonly seed?: WordNode;
      readonly offset?: WordNode;
    }
  | {
      readonly kind: 'binary';
      readonly op: '&' | '|' | '^' | '<<' | '>>';
      readonly left: ExpressionNode;
      readonly right: ExpressionNode;
    }
  | { readonly kind: 'concat'; readonly parts: readonly ExpressionNode[] }
  | { readonly kind: 'range'; readonly first: WordNode; readonly last: WordNode }
  | { readonly kind: 'list'; readonly items: readonly ExpressionNode[] }
  | { readonly kind: 'set'; readonly elements: readonly ElementNode[] }
  | { readonly kind: 'map'; readonly key: ExpressionNode; readonly map: MapNode };

export type MapNode =
  | { readonly kind: 'setref'; readonly name: WordNode }
  | { readonly kind: 'set'; readonly elements: readonly ElementNode[] };

export interface ElementNode {
  readonly key: ExpressionNode;
  readonly options: readonly ElementOptionNode[];
  readonly data?: ExpressionNode | VerdictNode;
}

export type ElementOptionNode =
  | { readonly kind: 'timeout' | 'expires' | 'comment'; readonly value: WordNode }
  | { readonly kind: 'statement'; readonly statement: StatementNode };

export interface VerdictNode {
  readonly kind: 'verdict';
  readonly verdict: WordNode;
  readonly chain?: WordNode;
}

export type StatementNode =
  | { readonly kind: 'match'; readonly left: ExpressionNode; readonly op?: CompareOp; readonly right: ExpressionNode }
  | {
      readonly kind: 'masked';
      readonly left: ExpressionNode;
      readonly op: '==' | '!=';
      readonly value: ExpressionNode;
      readonly mask: ExpressionNode;
    }
  | { readonly kind: 'vmap'; readonly key: ExpressionNode; readonly map: MapNode }
  | VerdictNode
  | { readonly kind: 'counter'; readonly packets?: WordNode; readonly bytes?: WordNode }
  | {
      readonly kind: 'object';
      readonly object: 'counter' | 'limit' | 'quota' | 'ct helper';
      readonly name: ExpressionNode;
    }
  | LimitNode
  | QuotaNode
  | { readonly kind: 'connlimit'; readonly over: boolean; readonly count: WordNode }
  | { readonly kind: 'log'; readonly options: readonly LogOptionNode[] }
  | { readonly kind: 'reject'; readonly with?: 'tcp reset' | 'icmp' | 'icmpv6' | 'icmpx'; readonly code?: WordNode }
  | {
      readonly kind: 'nat';
      readonly nat: 'dnat' | 'snat' | 'masquerade' | 'redirect';
      readonly family?: WordNode;
      readonly prefix: boolean;
      readonly target?: ExpressionNode;
      readonly port?: ExpressionNode;
      readonly flags: readonly WordNode[];
      readonly span: Span;
    }
  | { readonly kind: 'notrack' }
  | { readonly kind: 'assign'; readonly target: ExpressionNode; readonly value: ExpressionNode }
  | {
      readonly kind: 'set-update';
      readonly op: 'add' | 'update' | 'delete';
      readonly set: WordNode;
      readonly element: ElementNode;
    }
  | {
      readonly kind: 'meter';
      readonly name: WordNode;
      readonly size?: WordNode;
      readonly element: ElementNode;
      readonly span: Span;
    }
  | { readonly kind: 'queue'; readonly first?: ExpressionNode; readonly flags: readonly WordNode[] }
  | { readonly kind: 'tproxy'; readonly family?: WordNode; readonly target: WordNode }
  | { readonly kind: 'dup'; readonly address: ExpressionNode; readonly device?: ExpressionNode }
  | { readonly kind: 'fwd'; readonly device: ExpressionNode }
  | { readonly kind: 'flow'; readonly table: WordNode; readonly span: Span }
  | { readonly kind: 'reset-option'; readonly option: WordNode }
  | { readonly kind: 'synproxy'; readonly options: readonly { readonly name: WordNode; readonly value?: WordNode }[] }
  | { readonly kind: 'comment'; readonly text: WordNode };

export interface LimitNode {
  readonly kind: 'limit';
  readonly over: boolean;
  /** `10/second`, or a count and `kbytes/second`. */
  readonly rate: readonly WordNode[];
  readonly burst?: readonly [WordNode, WordNode];
}

export interface QuotaNode {
  readonly kind: 'quota';
  readonly over: boolean;
  readonly amount: readonly [WordNode, WordNode];
  readonly used?: readonly [WordNode, WordNode];
}

export interface LogOptionNode {
  readonly name: WordNode;
  readonly value: readonly WordNode[];
}

export interface BaseNode {
  readonly kind: 'base';
  readonly type: WordNode;
  readonly hook: WordNode;
  readonly devices: readonly WordNode[];
  readonly priority: readonly WordNode[];
}

export interface SetAttributeNode {
  readonly name: 'timeout' | 'gc-interval' | 'size' | 'policy' | 'auto-merge' | 'counter' | 'comment';
  readonly value?: WordNode;
}

export interface CounterLineNode {
  readonly packets: WordNode;
  readonly bytes: WordNode;
}

export type HelperLineNode =
  | { readonly kind: 'type'; readonly helper: WordNode; readonly protocol: WordNode }
  | { readonly kind: 'l3proto'; readonly l3: WordNode };
