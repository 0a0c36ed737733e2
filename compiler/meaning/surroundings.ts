import type { Expression, Table } from '../../dsl/ruleset/tree';
import type { Reading } from './reading';
import type { Routine } from './steps';
import type { Sets } from './tests';

/** What statements are read among. */
export interface Surroundings {
  readonly reading: Reading;
  readonly table: Table;
  readonly sets: Sets;
  /** The sets of the table that something looks a key up in, with the keys. */
  readonly asked: ReadonlyMap<string, readonly Expression[]>;
  /** Objects that one rule alone refers to, by kind and name. */
  readonly own: ReadonlySet<string>;
  routine(chain: string): Routine;
}
