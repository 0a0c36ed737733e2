import type { Ipv4Address, Ipv6Address } from '../core/address';
import type { Origin } from '../core/origin';
import type { DataType } from './data-type';
import type { FieldName } from './fields';

/** A netfilter ruleset as readonly data. Printers turn it into text for a tool, readers turn a tool's text into it. */
export interface Ruleset {
  readonly tables: readonly Table[];
}

export type TableFamily = 'ip' | 'ip6' | 'inet' | 'bridge' | 'arp' | 'netdev';

export interface Table {
  readonly family: TableFamily;
  readonly name: string;
  readonly flags?: readonly 'dormant'[];
  readonly comment?: string;
  readonly objects: readonly NamedObject[];
  readonly sets: readonly NamedSet[];
  readonly chains: readonly Chain[];
  readonly origin: Origin;
}

/** Stateful objects that rules refer to by name. */
export type NamedObject =
  | {
      readonly kind: 'counter';
      readonly name: string;
      readonly packets?: bigint;
      readonly bytes?: bigint;
      readonly comment?: string;
      readonly origin: Origin;
    }
  | {
      readonly kind: 'limit';
      readonly name: string;
      readonly rate: RateLimit;
      readonly comment?: string;
      readonly origin: Origin;
    }
  | {
      readonly kind: 'quota';
      readonly name: string;
      readonly quota: Quota;
      readonly comment?: string;
      readonly origin: Origin;
    }
  | {
      readonly kind: 'ct helper';
      readonly name: string;
      readonly helper: string;
      readonly protocol: string;
      readonly l3?: 'ip' | 'ip6' | 'inet';
      readonly comment?: string;
      readonly origin: Origin;
    };

/** What a named set or map is declared over: data types, or (`typeof`) the expressions that make its key. */
export type KeyType =
  | { readonly kind: 'types'; readonly types: readonly DataType[] }
  | { readonly kind: 'typeof'; readonly expressions: readonly Expression[] };

export type MapData =
  | { readonly kind: 'value'; readonly type: KeyType }
  | { readonly kind: 'verdict' }
  | { readonly kind: 'object'; readonly object: 'counter' | 'limit' | 'quota' | 'ct helper' };

export type SetFlag = 'constant' | 'dynamic' | 'interval' | 'timeout';

/** A named set, or a named map when it has `data`. */
export interface NamedSet {
  readonly name: string;
  readonly key: KeyType;
  readonly data?: MapData;
  readonly flags: readonly SetFlag[];
  readonly timeoutMs?: number;
  readonly gcIntervalMs?: number;
  readonly size?: number;
  readonly autoMerge?: boolean;
  readonly policy?: 'performance' | 'memory';
  readonly counter?: boolean;
  /** Makes every element carry a rate of its own; this one is for elements that name none. */
  readonly limit?: RateLimit;
  readonly comment?: string;
  readonly elements: readonly Element[];
  readonly origin: Origin;
}

/** A set's member, or a map's pair. `'default'` is the `*` catch-all. */
export interface Element {
  readonly key: Expression | 'default';
  readonly data?: Expression | Verdict;
  readonly timeoutMs?: number;
  readonly expiresMs?: number;
  readonly statements?: readonly Statement[];
  readonly comment?: string;
  readonly origin: Origin;
}

export type ChainType = 'filter' | 'nat' | 'route';
export type Hook = 'prerouting' | 'input' | 'forward' | 'output' | 'postrouting' | 'ingress' | 'egress';
export type Policy = 'accept' | 'drop';

/** What makes a chain a base chain. */
export interface BaseChain {
  readonly type: ChainType;
  readonly hook: Hook;
  /** As the kernel counts it: -300 raw, -200 conntrack, -150 mangle, -100 dstnat, 0 filter, 100 srcnat. */
  readonly priority: number;
  readonly policy: Policy;
  readonly devices?: readonly string[];
}

export interface Chain {
  readonly name: string;
  readonly base?: BaseChain;
  readonly comment?: string;
  readonly rules: readonly Rule[];
  readonly origin: Origin;
}

/** Statements in the order they are evaluated; a match that fails ends the rule. */
export interface Rule {
  readonly statements: readonly Statement[];
  readonly comment?: string;
  /** What is to be said of it to who reads the text, and is not loaded: a line each, above it. */
  readonly remarks?: readonly string[];
  readonly origin: Origin;
}

export type Verdict =
  | { readonly kind: 'accept' | 'drop' | 'return' | 'continue' }
  | { readonly kind: 'jump' | 'goto'; readonly chain: string };

/** `!`: none of the flags is set. */
export type CompareOp = '==' | '!=' | '!' | '<' | '>' | '<=' | '>=';

/**
 * What an expression is compared with or looked up in decides what a match is, as in nft: a set means membership, a
 * prefix or range containment, flags (`{kind: 'flags'}`) any bit set; a lone constant is all bits and no other.
 */
export type Statement =
  | { readonly kind: 'match'; readonly left: Expression; readonly op: CompareOp; readonly right: Expression }
  | { readonly kind: 'verdict'; readonly verdict: Verdict }
  | { readonly kind: 'vmap'; readonly key: Expression; readonly map: MapReference }
  | { readonly kind: 'counter'; readonly packets?: bigint; readonly bytes?: bigint }
  | {
      readonly kind: 'object';
      readonly object: 'counter' | 'limit' | 'quota' | 'ct helper';
      readonly name: Expression | string;
    }
  | { readonly kind: 'limit'; readonly rate: RateLimit }
  | { readonly kind: 'quota'; readonly quota: Quota }
  | { readonly kind: 'connlimit'; readonly count: number; readonly over: boolean }
  | Log
  | { readonly kind: 'reject'; readonly with?: Reject }
  | Nat
  | { readonly kind: 'notrack' }
  | { readonly kind: 'assign'; readonly target: Expression; readonly value: Expression }
  | {
      readonly kind: 'set-update';
      readonly op: 'add' | 'update' | 'delete';
      readonly set: string;
      readonly key: Expression;
      readonly timeoutMs?: number;
      readonly statements: readonly Statement[];
      readonly data?: Expression;
    }
  | { readonly kind: 'queue'; readonly first?: Expression; readonly flags: readonly ('bypass' | 'fanout')[] }
  | {
      readonly kind: 'tproxy';
      readonly family?: 'ip' | 'ip6';
      readonly address?: Expression;
      readonly port?: Expression;
    }
  | { readonly kind: 'dup'; readonly address: Expression; readonly device?: Expression }
  | { readonly kind: 'fwd'; readonly device: Expression }
  /** Overwrites an option of TCP with no-ops. */
  | { readonly kind: 'reset-option'; readonly option: string }
  | {
      readonly kind: 'synproxy';
      readonly mss?: number;
      readonly wscale?: number;
      readonly flags: readonly ('timestamp' | 'sack-perm')[];
    }
  /** Passes when all statements of one of the alternatives do; `negated`, when none does. nft has no word for it. */
  | {
      readonly kind: 'either';
      /** Those that are not negated may do something once they hold: the first that holds does it. */
      readonly alternatives: readonly (readonly Statement[])[];
      readonly negated: boolean;
      /** What to call a chain that asks for it. */
      readonly about?: string;
    }
  | Opaque;

/**
 * Something of another tool's that this tree has no node for, by its normalized text. Two are the same only when their
 * texts are; `stateful` when being asked changes what it says later.
 */
export interface Opaque {
  readonly kind: 'opaque';
  readonly role: 'match' | 'action' | 'verdict';
  readonly text: string;
  readonly stateful: boolean;
  /** Why nftables has no words for it. */
  readonly reason?: string;
  /** What can be done about it. */
  readonly mend?: string;
}

export interface RateLimit {
  readonly count: bigint;
  readonly unit: 'packets' | 'bytes';
  readonly per: 'second' | 'minute' | 'hour' | 'day' | 'week';
  readonly over: boolean;
  /** In the rate's unit; nft's default is 5 packets or 0 bytes. */
  readonly burst?: bigint;
}

export interface Quota {
  readonly bytes: bigint;
  readonly over: boolean;
  readonly used?: bigint;
}

export interface Log {
  readonly kind: 'log';
  readonly prefix?: string;
  readonly level?: 'emerg' | 'alert' | 'crit' | 'err' | 'warn' | 'notice' | 'info' | 'debug' | 'audit';
  readonly group?: number;
  readonly snaplen?: number;
  readonly queueThreshold?: number;
  readonly flags: readonly ('tcp sequence' | 'tcp options' | 'ip options' | 'skuid' | 'ether' | 'all')[];
}

export type Reject =
  | { readonly kind: 'tcp reset' }
  | { readonly kind: 'icmp' | 'icmpv6' | 'icmpx'; readonly code: string };

export interface Nat {
  readonly kind: 'dnat' | 'snat' | 'masquerade' | 'redirect';
  /** Needed in an inet table when an address is given. */
  readonly family?: 'ip' | 'ip6';
  /** An address, a range, a prefix (`prefix` set), or a map lookup that gives an address, or address and port. */
  readonly address?: Expression;
  readonly port?: Expression;
  readonly flags: readonly ('random' | 'fully-random' | 'persistent')[];
  readonly prefix?: boolean;
}

export type MapReference =
  | { readonly kind: 'named'; readonly name: string }
  | { readonly kind: 'anonymous'; readonly elements: readonly Element[] };

export type Expression =
  | Constant
  | { readonly kind: 'field'; readonly field: FieldName }
  | {
      readonly kind: 'ct';
      readonly key: CtKey;
      readonly direction?: 'original' | 'reply';
      readonly family?: 'ip' | 'ip6';
    }
  | {
      readonly kind: 'fib';
      readonly keys: readonly ('saddr' | 'daddr' | 'mark' | 'iif' | 'oif')[];
      readonly result: 'oif' | 'oifname' | 'type';
    }
  /** Bits from where a header begins: of the link, the network, the transport, or of what TCP or UDP carries. */
  | {
      readonly kind: 'payload';
      readonly base: 'll' | 'nh' | 'th' | 'ih';
      readonly offset: number;
      readonly bits: number;
    }
  | {
      readonly kind: 'option';
      readonly protocol: 'tcp' | 'ip' | 'sctp';
      readonly option: string;
      readonly field?: string;
    }
  | { readonly kind: 'exthdr'; readonly header: string; readonly field?: string }
  | { readonly kind: 'exists'; readonly present: boolean }
  /** What IPsec did to a packet, or will do; `spnum` counts the transformations, from 0. */
  | {
      readonly kind: 'ipsec';
      readonly direction: 'in' | 'out';
      readonly spnum: number;
      readonly key: IpsecKey;
    }
  /** The operating system that sent a SYN, by how it looks. */
  | { readonly kind: 'osf'; readonly ttl?: 'loose' | 'skip'; readonly result: 'name' | 'version' }
  | { readonly kind: 'numgen'; readonly mode: 'inc' | 'random'; readonly modulus: number; readonly offset: number }
  | {
      readonly kind: 'hash';
      readonly function: 'jhash' | 'symhash';
      readonly of?: Expression;
      readonly modulus: number;
      readonly seed?: number;
      readonly offset: number;
    }
  | {
      readonly kind: 'binary';
      readonly op: '&' | '|' | '^' | '<<' | '>>';
      readonly left: Expression;
      readonly right: Expression;
    }
  | { readonly kind: 'concat'; readonly parts: readonly Expression[] }
  | { readonly kind: 'prefix'; readonly address: Constant; readonly length: number }
  | { readonly kind: 'range'; readonly first: Constant; readonly last: Constant }
  | { readonly kind: 'flags'; readonly flags: readonly Constant[] }
  | { readonly kind: 'set'; readonly elements: readonly Element[] }
  | { readonly kind: 'named set'; readonly name: string }
  | { readonly kind: 'map'; readonly key: Expression; readonly map: MapReference };

export type IpsecKey = 'reqid' | 'spi' | 'ip saddr' | 'ip daddr' | 'ip6 saddr' | 'ip6 daddr';

export type CtKey =
  | 'state'
  | 'direction'
  | 'status'
  | 'mark'
  | 'expiration'
  | 'helper'
  | 'label'
  | 'count'
  | 'id'
  | 'zone'
  | 'l3proto'
  | 'protocol'
  | 'saddr'
  | 'daddr'
  | 'proto-src'
  | 'proto-dst'
  | 'bytes'
  | 'packets'
  | 'avgpkt'
  | 'event'
  | 'secmark';

/** One value. Names (`tcp`, `established`, `echo-request`) stay symbols: the printer and the prover know their numbers. */
export type Constant =
  | { readonly kind: 'ipv4'; readonly value: Ipv4Address }
  | { readonly kind: 'ipv6'; readonly value: Ipv6Address }
  | { readonly kind: 'ether'; readonly value: string }
  | { readonly kind: 'number'; readonly value: bigint; readonly base?: 10 | 16 }
  | { readonly kind: 'symbol'; readonly name: string }
  /** An interface name or other string, printed quoted; a trailing `*` is the wildcard when `wildcard` is set. */
  | { readonly kind: 'string'; readonly value: string; readonly wildcard?: boolean };
