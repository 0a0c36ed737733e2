import type { Label, Path } from '../../dsl/core/diagnostic';
import type { Span } from '../../dsl/core/source';

type Key = string | number;

/** Where the parts of a document stand in the input they were read from. */
export class Marks {
  private readonly labels = new Map<object, Record<Key, Label>>();
  private readonly flawed = new WeakSet<object>();

  /** Says where `parent[key]` stands; gives back the parent. */
  mark<T extends object>(parent: T, key: Key, span: Span): T {
    return this.label(parent, key, { span });
  }

  /** The same for input that is no text. */
  label<T extends object>(parent: T, key: Key, label: Label): T {
    const known = this.labels.get(parent);
    if (known) known[key] = label;
    else this.labels.set(parent, { [key]: label });
    return parent;
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
      const label = this.labelOf(list, index);
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
      const label = this.labelOf(current, key);
      if (label) [found, depth] = [label, index + 1];
      current = (current as Record<Key, unknown>)[key];
    }
    if (found?.span) return found;
    return { where: `${found?.where ?? ''}${pathText(path.slice(depth), found === undefined)}` };
  }

  private labelOf(parent: object, key: Key): Label | undefined {
    const labels = this.labels.get(parent);
    return labels && Object.hasOwn(labels, key) ? labels[key] : undefined;
  }
}

/** `containers[0].publish[2]` */
function pathText(path: Path, atStart: boolean): string {
  const text = path.map((key) => (typeof key === 'number' ? `[${key}]` : `.${key}`)).join('');
  return atStart ? text.replace(/^\./, '') : text;
}
