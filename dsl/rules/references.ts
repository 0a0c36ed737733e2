import type { SetFlag } from '../ruleset/tree';
import type { Place } from './statement';
import type { Key } from './values';

/** A set that a table has. */
export interface SetRef<K extends Key, Flags extends SetFlag = never> {
  readonly name: string;
  readonly key: K;
  readonly flags: { readonly [Flag in Flags]: true };
}

/** A map that a table has, from keys to data. */
export interface MapRef<K extends Key, D extends Key> {
  readonly name: string;
  readonly key: K;
  readonly data: D;
}

declare const leadsTo: unique symbol;

/** A verdict map that a table has; the chains it leads to work below `P` only. */
export interface VerdictMapRef<K extends Key, P extends Place> {
  readonly name: string;
  readonly key: K;
  readonly verdicts: true;
  readonly [leadsTo]?: (place: P) => void;
}
