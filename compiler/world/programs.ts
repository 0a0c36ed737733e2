import type { Ruleset } from '../../dsl/ruleset/tree';
import type { Names } from '../meaning/names';
import { namesOf, type Program, programOf } from '../meaning/program';
import type { Plane } from '../meaning/reading';

/** A ruleset as packets of each kind meet it; what it is to one kind is read when one of that kind comes. */
export class Programs {
  private readonly read = new Map<Plane, Program>();
  readonly names: Names;

  constructor(private readonly ruleset: Ruleset) {
    this.names = namesOf([ruleset]);
  }

  of(plane: Plane): Program {
    const known = this.read.get(plane);
    if (known) return known;
    const program = programOf(this.ruleset, plane, this.names);
    this.read.set(plane, program);
    return program;
  }
}
