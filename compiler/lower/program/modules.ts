import type { Elements } from '../elements';

/** Parts of the program that are there only when an intent needs them. */
export type Module =
  | 'admission'
  | 'limit'
  | 'host policy'
  | 'policy'
  | 'internal'
  | 'isolated'
  | 'routed'
  | 'snat'
  | 'log';
export type Modules = ReadonlySet<Module>;

/** A module is there when there are elements of its sets. */
export function modulesOf(elements: Elements): Modules {
  const needs: Record<Module, readonly string[]> = {
    admission: ['restricted4', 'restricted6'],
    limit: ['limited4', 'limited6'],
    'host policy': ['deny_to_host', 'deny_from_host'].flatMap((set) => [
      `${set}4`,
      `${set}6`,
      `${set}_port4`,
      `${set}_port6`,
    ]),
    policy: ['deny', 'allow'].flatMap((set) => [`${set}4`, `${set}6`, `${set}_port4`, `${set}_port6`]),
    internal: ['internal'],
    isolated: ['isolated'],
    routed: ['routed'],
    snat: ['snat4', 'snat6'],
    log: ['logged'],
  };
  return new Set((Object.keys(needs) as Module[]).filter((module) => elements.has(...needs[module])));
}

/** What is there only with a module. */
export function when<T>(condition: boolean, parts: () => readonly T[]): readonly T[] {
  return condition ? parts() : [];
}
