import type { Diagnostic } from '../../dsl/core/diagnostic';
import { quoted } from '../../dsl/core/names';
import type { Source, Span } from '../../dsl/core/source';
import { JsonCursor } from './json-text';
import type { Marks } from './marks';

/** Says in the marks where each part of a valid JSON text stands; gives what is wrong with its keys. */
export function markJson(source: Source, value: unknown, marks: Marks): readonly Diagnostic[] {
  const walk = new JsonWalk(new JsonCursor(source), marks);
  walk.value(value, 0);
  return walk.diagnostics;
}

/** The same of an item of a document's lists; gives the item's own place. */
export function markItem(source: Source, start: number, value: unknown, marks: Marks): Span {
  return new JsonWalk(new JsonCursor(source, start), marks).value(value, DEPTH_OF_ITEMS);
}

/** An intent is not half as deep; what goes deeper has no place of its own. */
export const DEEPEST = 16;
const DEPTH_OF_ITEMS = 2;

class JsonWalk {
  readonly diagnostics: Diagnostic[] = [];

  constructor(
    private readonly cursor: JsonCursor,
    private readonly marks: Marks,
  ) {}

  value(value: unknown, depth: number): Span {
    const first = this.cursor.peek();
    const start = this.cursor.at;
    if (depth >= DEEPEST || (first !== '{' && first !== '[')) return this.cursor.skip();
    if (first === '{') this.members(asObject(value), depth + 1);
    else this.items(asObject(value), depth + 1);
    return this.cursor.since(start);
  }

  private members(parent: Readonly<Record<string, unknown>>, depth: number): void {
    const names = new Map<string, Span>();
    while (this.cursor.opens('}')) {
      const { key, span } = this.cursor.key();
      const first = names.get(key);
      if (first) this.repeated(key, span, first);
      else names.set(key, span);
      const value = this.value(Object.hasOwn(parent, key) ? parent[key] : undefined, depth);
      this.marks.mark(parent, key, value);
      this.marks.markName(parent, key, span);
    }
  }

  private items(parent: Readonly<Record<string, unknown>>, depth: number): void {
    for (let index = 0; this.cursor.opens(']'); index++)
      this.marks.mark(parent, index, this.value(parent[index], depth));
  }

  private repeated(key: string, span: Span, first: Span): void {
    this.diagnostics.push({
      code: 'TN2103',
      severity: 'error',
      message: `the key ${quoted(key)} is there twice`,
      primary: { span, text: 'said again here' },
      secondary: [{ span: first, text: 'first said here' }],
    });
  }
}

/** Of a key that is there twice only the last value is known, and it may be of another kind. */
function asObject(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
