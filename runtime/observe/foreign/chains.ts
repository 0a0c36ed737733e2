/** What may be known of a condition: with some of a packet unnamed, not all can be decided. */
export type Truth = boolean | 'unknown';

/**
 * The first packet of a TCP connection, as far as somebody else's rules may ask for it; what is undefined is outside, and
 * nobody's rules name it.
 */
export interface Probe {
  readonly family: 4 | 6;
  readonly in: string | undefined;
  readonly out: string | undefined;
  /** The subnet that the address is in. */
  readonly from: string | undefined;
  readonly to: string | undefined;
  /** Whether its destination was translated, by a publish. */
  readonly translated: boolean;
}

export type ForeignVerdict =
  | { readonly kind: 'accept' | 'drop' | 'return' | 'next' | 'unknown' }
  | { readonly kind: 'jump' | 'goto'; readonly chain: string };

export interface ForeignRule {
  readonly conditions: readonly ((probe: Probe) => Truth)[];
  readonly verdict: ForeignVerdict;
  readonly text: string;
}

export interface ForeignTable {
  /** `iptables`'s filter, or `inet firewalld`. */
  readonly name: string;
  readonly tool: 'iptables' | 'ip6tables' | 'nft';
  readonly family: 4 | 6 | 'both';
  /** Of iptables: which of its two kinds. */
  readonly variant?: 'legacy' | 'nf_tables';
  readonly chains: ReadonlyMap<string, readonly ForeignRule[]>;
  /** Chains that see what is forwarded. */
  readonly bases: readonly { readonly chain: string; readonly policy: 'accept' | 'drop' }[];
}

export interface Drop {
  readonly table: ForeignTable;
  /** The rule, or the policy, that drops. */
  readonly by: string;
}

const DEEPEST = 32;

/** The rule or policy of a table that surely drops a forwarded packet, if there is one. */
export function dropOf(table: ForeignTable, probe: Probe): Drop | undefined {
  if (table.family !== 'both' && table.family !== probe.family) return undefined;
  for (const { chain, policy } of table.bases) {
    const walk = new Walk(table, probe);
    const end = walk.chain(chain, 0);
    if (walk.doubtful) continue;
    if (end?.verdict === 'drop') return { table, by: `${chain}: ${end.text}` };
    if (end === undefined && policy === 'drop') return { table, by: `the policy of ${chain}` };
  }
  return undefined;
}

interface End {
  readonly verdict: 'accept' | 'drop';
  readonly text: string;
}

class Walk {
  /** Whether a rule that could have decided otherwise could not be decided. */
  doubtful = false;

  constructor(
    private readonly table: ForeignTable,
    private readonly probe: Probe,
  ) {}

  /** Undefined when the packet comes out at the end of the chain. */
  chain(name: string, depth: number): End | undefined {
    if (depth > DEEPEST) {
      this.doubtful = true;
      return undefined;
    }
    for (const { conditions, verdict, text } of this.table.chains.get(name) ?? []) {
      const truths = conditions.map((condition) => condition(this.probe));
      if (truths.includes(false) || verdict.kind === 'next') continue;
      if (truths.includes('unknown') || verdict.kind === 'unknown') {
        if (verdict.kind !== 'drop') this.doubtful = true;
        continue;
      }
      switch (verdict.kind) {
        case 'accept':
        case 'drop':
          return { verdict: verdict.kind, text };
        case 'return':
          return undefined;
        case 'jump': {
          const end = this.chain(verdict.chain, depth + 1);
          if (end) return end;
          break;
        }
        case 'goto':
          return this.chain(verdict.chain, depth + 1);
      }
    }
    return undefined;
  }
}
