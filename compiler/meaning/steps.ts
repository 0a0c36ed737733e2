import type { Chain, Element, Rule, Table } from '../../dsl/ruleset/tree';
import type { Box, Condition, Field } from './condition';

/** A chain. Chains are shared: each is there once, whoever leads to it. */
export interface Routine {
  readonly table: Table;
  readonly chain: Chain;
  readonly rules: readonly Sentence[];
}

/** A rule: its steps are taken one after the other until one does not hold, or decides. */
export interface Sentence {
  readonly rule: Rule;
  readonly steps: readonly Step[];
}

export type Step =
  | { readonly kind: 'when'; readonly condition: Condition }
  | { readonly kind: 'act'; readonly action: Action }
  | { readonly kind: 'verdict'; readonly verdict: Decision }
  | Choose;

/** The steps of the first row that holds; when none does the rule is over. */
export interface Choose {
  readonly kind: 'choose';
  readonly guard: Condition;
  readonly rows: Rows;
}

/** What a packet is looked up in. All of it is spelled out only for those who have to know. */
export interface Rows {
  /** The first row that holds. */
  find(read: (field: Field) => number): Row | undefined;
  /** What is asked to find it. */
  conditions(): readonly Condition[];
  all(): AllRows;
  /** The same with other steps. */
  with(change: (steps: readonly Step[]) => readonly Step[]): Rows;
}

export interface Row {
  readonly steps: readonly Step[];
  readonly element: Element;
}

export interface AllRows {
  /** Set when all rows but the last are boxes over these. */
  readonly fields: readonly Field[] | undefined;
  readonly rows: readonly WholeRow[];
}

export interface WholeRow extends Row {
  readonly boxes: readonly Box[] | undefined;
  readonly condition: Condition;
}

export type Action =
  /** Something that is done and seen, and changes nothing that a rule reads. */
  | { readonly kind: 'observe'; readonly what: Observed; readonly text: string }
  | { readonly kind: 'write'; readonly writes: readonly Write[] };

/** `stateful`: a limit or the like was asked, and remembers it. */
export type Observed = 'log' | 'counter' | 'stateful' | 'set' | 'nat' | 'mangle' | 'other';

/** What a field becomes: a number, the outcome of a condition, or something nobody can tell. */
export interface Write {
  readonly field: Field;
  readonly to: number | Condition | 'unknown';
  /** Of what is unknown, the least it may be, where that is told. */
  readonly first?: number;
}

export type Decision =
  | { readonly kind: 'accept' | 'drop' | 'return' | 'continue' }
  | { readonly kind: 'jump' | 'goto'; readonly chain: Routine }
  | { readonly kind: 'reject' | 'queue' | 'other'; readonly text: string };
