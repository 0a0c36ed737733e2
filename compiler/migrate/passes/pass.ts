import type { Origin } from '../../../dsl/core/origin';
import type { Table } from '../../../dsl/ruleset/tree';

/** Says of a rule that went what became of it. */
export type Report = (origin: Origin, text: string) => void;

/** A change of the tables that no packet can tell; each file of a pass says why. */
export interface Pass {
  readonly name: string;
  run(tables: readonly Table[], report: Report): readonly Table[];
}
