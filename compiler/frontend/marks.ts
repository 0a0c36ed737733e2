import type { Label, Path } from '../../dsl/core/diagnostic';
import type { Span } from '../../dsl/core/source';

type Key = string | number;

/** An item, the span that stands for all of it, and where its parts stand. */
export interface Located {
  readonly item: unknown;
  readonly span: Span;
  readonly marks: Marks;
}

/** Where the parts of a document stand in the input they were read from. */
export class Marks {
  private readonly labels = new Map<object, Record<Key, Label>>();
  private readonly names = new Map<object, Record<Key, Label>>();
  private readonly flawed = new WeakSet<object>();

  /** Says where `parent[key]` stands; gives back the parent. */
  mark<T extends object>(parent: T, key: Key, span: Span): T {
    return this.label(parent, key, { span });
  }

  /** The same for input that is no text. */
  label<T extends object>(parent: T, key: Key, label: Label): T {
    put(this.labels, parent, key, label);
    return parent;
  }

  /** Says where the name of `parent[key]` stands, beside its value. */
  markName(parent: object, key: string, span: Span): void {
    put(this.names, parent, key, { span });
  }

  /** Says that a part of it could not be read: what it lacks may be there. */
  flaw(item: object): void {
    this.flawed.add(item);
  }

  isFlawed(item: unknown): boolean {
    return typeof item === 'object' && item !== null && this.flawed.has(item);
  }

  /** A list of some of another's items, each where it was. */
  select(list: readonly unknown[], keeps: (index: number) => boolean): unknown[] {
    const kept: unknown[] = [];
    for (const [index, item] of list.entries()) {
      if (!keeps(index)) continue;
      const label = get(this.labels, list, index);
      if (label) this.label(kept, kept.length, label);
      kept.push(item);
    }
    return kept;
  }

  /** The deepest marked place on the way down a path; below a place without text the rest of the path is spelled out. */
  locate(document: unknown, path: Path): Label {
    let current = document;
    let found: Label | undefined;
    let depth = 0;
    for (const [index, key] of path.entries()) {
      if (typeof current !== 'object' || current === null) break;
      const label = get(this.labels, current, key);
      if (label) [found, depth] = [label, index + 1];
      current = (current as Record<Key, unknown>)[key];
    }
    if (found?.span) return found;
    return { where: `${found?.where ?? ''}${pathText(path.slice(depth), found === undefined)}` };
  }

  /** The same of a key that is not in place itself; where it has a name, that name. */
  locateName(document: unknown, path: Path): Label {
    const parent = path.slice(0, -1).reduce<unknown>((at, key) => (at as Record<Key, unknown>)?.[key], document);
    const name = get(this.names, parent as object, path.at(-1) ?? '');
    return name ?? this.locate(document, path);
  }
}

function put(labels: Map<object, Record<Key, Label>>, parent: object, key: Key, label: Label): void {
  const known = labels.get(parent);
  if (known) known[key] = label;
  else labels.set(parent, { [key]: label });
}

function get(labels: ReadonlyMap<object, Record<Key, Label>>, parent: object, key: Key): Label | undefined {
  const known = labels.get(parent);
  return known && Object.hasOwn(known, key) ? known[key] : undefined;
}

/** `containers[0].publish[2]` */
function pathText(path: Path, atStart: boolean): string {
  const text = path.map((key) => (typeof key === 'number' ? `[${key}]` : `.${key}`)).join('');
  return atStart ? text.replace(/^\./, '') : text;
}
