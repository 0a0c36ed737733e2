import type { Span } from '../../../../dsl/core/source';
import type { NamedObject, NamedSet, Statement } from '../../../../dsl/ruleset/tree';
import type { XtFamily } from '../tables';

/** How an option is written: as iptables-extensions(8) and `iptables -m NAME --help` have it. */
export interface OptionShape {
  /** How many words follow it; those in `[]` of the manual may be left out. */
  readonly values: 0 | 1 | 2 | 'at most one' | 'any';
  /** Whether `!` may stand before it, or, as older iptables wrote it, after it. */
  readonly negatable?: true;
  /** Whether one use of the module may have it more than once. */
  readonly repeats?: true;
  /** The option that this is another spelling of. */
  readonly is?: string;
}

/** An option as it stands in a rule, under its main spelling. */
export interface Given {
  readonly name: string;
  readonly negated: boolean;
  readonly values: readonly string[];
  readonly span: Span;
}

/** All that one use of a module was given. */
export class Options {
  constructor(readonly all: readonly Given[]) {}

  find(name: string): Given | undefined {
    return this.all.find((one) => one.name === name);
  }

  has(name: string): boolean {
    return this.find(name) !== undefined;
  }

  value(name: string): string | undefined {
    return this.find(name)?.values[0];
  }
}

/** Addresses of hosts, by their names in small letters. */
export type Hosts = ReadonlyMap<string, readonly string[]>;

/** What was given beside the rules. */
export interface Beside {
  /** The sets of ipset, by name. */
  readonly ipsets: ReadonlyMap<string, IpSet>;
  readonly hosts: Hosts;
}

/** What is known around a use of a module. */
export interface Around extends Beside {
  readonly family: XtFamily;
  /** Of iptables: raw, mangle, nat, filter, security. */
  readonly table: string;
  readonly chain: string;
  /** What `-p` asks for, by its number; undefined without `-p`, with `-p all` and with `! -p`. */
  readonly protocol: number | undefined;
  /** Whether `! -p` names a protocol that it is not. */
  readonly excluded: boolean;
  /** What the rule has asked of the packet so far. */
  readonly asked: readonly Statement[];
  readonly uses: Uses;
  /**
   * A name in the table for something that remembers: that of an earlier rule where it remembers the same, `NAME-2` and so
   * on where it does not. Without `content` it is the rule's own.
   */
  nameFor(name: string, content?: string): string;
}

/** What a rule asks of a list of `recent`: as many packets of an address within a time. */
export interface AskedOfList {
  /** Undefined: ever. */
  readonly seconds?: number;
  readonly hits: number;
  /** Whether they have to have come over as many hops. */
  readonly hops: boolean;
}

/** What all rules do with a list of `recent`. */
export interface ListUse {
  readonly tables: ReadonlySet<string>;
  /** Whether one of them puts addresses into it. */
  readonly filled: boolean;
  readonly asked: readonly AskedOfList[];
}

/** What all rules do with a set of ipset. */
export interface SetUse {
  /** `ip filter` and so on. */
  readonly tables: ReadonlySet<string>;
  /** Whether one of them adds to it or takes from it. */
  readonly written: boolean;
}

/** What rules share: lists and budgets of hashlimit by family and name (`ip DEFAULT`), sets by name. */
export interface Uses {
  readonly budgets: ReadonlyMap<string, { readonly tables: ReadonlySet<string> }>;
  readonly lists: ReadonlyMap<string, ListUse>;
  readonly sets: ReadonlyMap<string, SetUse>;
}

/** A set as `ipset save` prints it. */
export interface IpSet {
  readonly name: string;
  readonly type: string;
  readonly family: XtFamily;
  readonly options: ReadonlyMap<string, string>;
  readonly members: readonly (readonly string[])[];
}

/** A chain that stands for what nft says in several rules. */
export interface HelperChain {
  readonly name: string;
  readonly rules: readonly (readonly Statement[])[];
}

/** What a use of a module means in nft's words. */
export type Meaning =
  | {
      readonly kind: 'means';
      readonly statements: readonly Statement[];
      /** Sets and objects that the statements refer to; those of one name have to be the same. */
      readonly sets?: readonly NamedSet[];
      readonly objects?: readonly NamedObject[];
      /** Chains that the statements jump to; those of one name have to be the same. */
      readonly chains?: readonly HelperChain[];
      readonly comment?: string;
      /** Where it does not do quite the same, or is to be known by who keeps the rules. */
      readonly note?: string;
    }
  /** iptables takes it, and nftables has no words for it. */
  | {
      readonly kind: 'impossible';
      readonly reason: string;
      readonly stateful?: true;
      /** What who gave the rules can do about it. */
      readonly mend?: string;
    }
  /** iptables would not take it. */
  | { readonly kind: 'wrong'; readonly message: string; readonly span?: Span; readonly hint?: string };

/** A match (`-m NAME`) or a target (`-j NAME`) of iptables. */
export interface Module {
  readonly name: string;
  readonly families: readonly XtFamily[];
  readonly options: Readonly<Record<string, OptionShape>>;
  /** The tables and built-in chains of iptables that it may stand in; the kernel refuses it elsewhere. */
  readonly tables?: readonly string[];
  readonly hooks?: readonly string[];
  /** Of a target: whether no rule after it is asked in its table. */
  readonly final?: true;
  /** Whether it has to be given one of its options at least. */
  readonly needsOption?: true;
  /** Takes every option that no other module of the rule has: of modules that only their name is known of. */
  readonly open?: true;
  read(options: Options, around: Around): Meaning;
}

export const BOTH: readonly XtFamily[] = ['ip', 'ip6'];

export function means(...statements: readonly Statement[]): Extract<Meaning, { kind: 'means' }> {
  return { kind: 'means', statements };
}

export function noted(note: string, ...statements: readonly Statement[]): Extract<Meaning, { kind: 'means' }> {
  return { kind: 'means', statements, note };
}

export function impossible(reason: string): Meaning {
  return { kind: 'impossible', reason };
}

export function wrong(message: string, span?: Span): Meaning {
  return { kind: 'wrong', message, ...(span ? { span } : {}) };
}

/** One meaning after the other; the first that is none decides. */
export function inOrder(meanings: readonly Meaning[]): Meaning {
  const statements: Statement[] = [];
  const notes: string[] = [];
  const sets: NamedSet[] = [];
  const objects: NamedObject[] = [];
  for (const meaning of meanings) {
    if (meaning.kind !== 'means') return meaning;
    statements.push(...meaning.statements);
    sets.push(...(meaning.sets ?? []));
    objects.push(...(meaning.objects ?? []));
    if (meaning.note !== undefined) notes.push(meaning.note);
  }
  return {
    kind: 'means',
    statements,
    ...(sets.length > 0 ? { sets } : {}),
    ...(objects.length > 0 ? { objects } : {}),
    ...(notes.length > 0 ? { note: notes.join('; ') } : {}),
  };
}

/** A module each of whose options means something by itself. */
export function perOption(
  module: Omit<Module, 'read'>,
  readOne: (given: Given, around: Around, options: Options) => Meaning,
): Module {
  return { ...module, read: (options, around) => inOrder(options.all.map((given) => readOne(given, around, options))) };
}

/** A module that other systems have, or older ones had: its rules are named as lost, with the reason. */
export function unsupported(
  name: string,
  reason: string,
  { mend, ...more }: Partial<Pick<Module, 'families' | 'final'>> & { readonly mend?: string } = {},
): Module {
  const meaning: Meaning = { kind: 'impossible', reason, ...(mend === undefined ? {} : { mend }) };
  return { name, families: BOTH, ...more, options: {}, open: true, read: () => meaning };
}
