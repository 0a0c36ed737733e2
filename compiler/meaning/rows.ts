import type { Element } from '../../dsl/ruleset/tree';
import { ALWAYS, type Condition, type Field, holds } from './condition';
import type { Keys } from './keys';
import type { AllRows, Row, Rows, Step, WholeRow } from './steps';

/** Rows that are asked one after the other. */
export class ListedRows implements Rows {
  constructor(private readonly rows: readonly (Row & { readonly condition: Condition })[]) {}

  find(read: (field: Field) => number): Row | undefined {
    return this.rows.find(({ condition }) => holds(condition, read));
  }

  conditions(): readonly Condition[] {
    return this.rows.map(({ condition }) => condition);
  }

  all(): AllRows {
    return { fields: undefined, rows: this.rows.map((row) => ({ ...row, boxes: undefined })) };
  }

  with(change: (steps: readonly Step[]) => readonly Step[]): Rows {
    return new ListedRows(this.rows.map((row) => ({ ...row, steps: change(row.steps) })));
  }
}

/** Rows of a map, found by their keys. They are many, and a packet meets one: what the others do need not be read. */
export class KeyedRows implements Rows {
  private readonly otherwise: Element | undefined;

  constructor(
    private readonly keys: Keys,
    private readonly elements: readonly Element[],
    private readonly stepsOf: (element: Element) => readonly Step[],
  ) {
    this.otherwise = elements.find(({ key }) => key === 'default');
  }

  find(read: (field: Field) => number): Row | undefined {
    const element = this.keys.find(read) ?? this.otherwise;
    return element && { element, steps: this.stepsOf(element) };
  }

  conditions(): readonly Condition[] {
    return [{ kind: 'member', of: this.keys }];
  }

  private spelled: AllRows | undefined;

  all(): AllRows {
    this.spelled ??= this.spell();
    return this.spelled;
  }

  private spell(): AllRows {
    const { fields } = this.keys;
    const all = this.keys.boxes();
    const rows = this.elements.flatMap((element, index): WholeRow[] => {
      if (element.key === 'default') return [];
      const boxes = all[index] ?? [];
      return [{ boxes, condition: { kind: 'boxes', fields, boxes }, element, steps: this.stepsOf(element) }];
    });
    const rest = this.otherwise;
    const last: WholeRow[] = rest
      ? [{ boxes: undefined, condition: ALWAYS, element: rest, steps: this.stepsOf(rest) }]
      : [];
    return { fields, rows: [...rows, ...last] };
  }

  with(change: (steps: readonly Step[]) => readonly Step[]): Rows {
    return new KeyedRows(
      this.keys,
      this.elements,
      remembered((element) => change(this.stepsOf(element))),
    );
  }
}

/** What is read of an element is read once: a rate that is read twice is two rates. */
export function remembered(stepsOf: (element: Element) => readonly Step[]): (element: Element) => readonly Step[] {
  const known = new Map<Element, readonly Step[]>();
  return (element) => {
    const before = known.get(element);
    if (before) return before;
    const steps = stepsOf(element);
    known.set(element, steps);
    return steps;
  };
}
