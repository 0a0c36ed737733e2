import type { Diagnostic } from '../../../../dsl/core/diagnostic';
import type { Origin } from '../../../../dsl/core/origin';
import { closest } from '../../../../dsl/core/suggest';
import type { Element, NamedObject, Table } from '../../../../dsl/ruleset/tree';
import { didYouMean, errorAt } from './error-at';

type ObjectKind = NamedObject['kind'];

/** Counters, limits, quotas and helpers that rules or maps name and the table does not have. */
export function checkObjects({ chains, sets, objects }: Table): Diagnostic[] {
  const unknown = (kind: ObjectKind, name: string, origin: Origin): Diagnostic[] => {
    const names = objects.filter((one) => one.kind === kind).map((one) => one.name);
    const hint = didYouMean(closest(name, names));
    return names.includes(name) ? [] : [errorAt('TN3113', `the table has no ${kind} \`${name}\``, origin, { hint })];
  };
  const inElements = (kind: ObjectKind, elements: readonly Element[]) =>
    elements.flatMap(({ data, origin }) => (data?.kind === 'string' ? unknown(kind, data.value, origin) : []));

  return [
    ...sets.flatMap(({ data, elements }) => (data?.kind === 'object' ? inElements(data.object, elements) : [])),
    ...chains
      .flatMap(({ rules }) => rules)
      .flatMap(({ statements, origin }) =>
        statements.flatMap((statement) => {
          if (statement.kind !== 'object') return [];
          const { object, name } = statement;
          if (typeof name === 'string') return unknown(object, name, origin);
          return name.kind === 'map' && name.map.kind === 'anonymous' ? inElements(object, name.map.elements) : [];
        }),
      ),
  ];
}
