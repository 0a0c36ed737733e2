import type { Diagnostic } from '../../dsl/core/diagnostic';
import { quoted } from '../../dsl/core/names';
import type { Source, Span } from '../../dsl/core/source';
import type { Marks } from './marks';

/** Says in the marks where each part of a valid JSON text stands; gives what is wrong with its keys. */
export function markJson(source: Source, value: unknown, marks: Marks): readonly Diagnostic[] {
  const walk = new JsonWalk(source, marks);
  walk.value(value, 0);
  return walk.diagnostics;
}

/** An intent is not half as deep; what goes deeper has no place of its own. */
const DEEPEST = 16;

const SPACE = ' \t\n\r\ufeff';
/** What a number or a word can be followed by. */
const ENDS = `${SPACE},]}`;

class JsonWalk {
  readonly diagnostics: Diagnostic[] = [];
  private at = 0;

  constructor(
    private readonly source: Source,
    private readonly marks: Marks,
  ) {}

  value(value: unknown, depth: number): Span {
    const start = this.skipSpace();
    switch (this.source.text[start]) {
      case '"':
        return this.string();
      case '{':
        if (depth >= DEEPEST) return this.skipNested();
        this.members(asObject(value), depth + 1);
        return this.span(start, this.at);
      case '[':
        if (depth >= DEEPEST) return this.skipNested();
        this.items(asObject(value), depth + 1);
        return this.span(start, this.at);
      default:
        while (!ENDS.includes(this.source.text[this.at] ?? ',')) this.at++;
        return this.span(start, this.at);
    }
  }

  private members(parent: Readonly<Record<string, unknown>>, depth: number): void {
    const names = new Map<string, Span>();
    while (this.opens('}')) {
      const name = this.string();
      const key = JSON.parse(`"${name.source.text.slice(name.start, name.end)}"`) as string;
      const first = names.get(key);
      if (first) this.repeated(key, name, first);
      else names.set(key, name);
      this.skipSpace();
      this.at++;
      const value = this.value(Object.hasOwn(parent, key) ? parent[key] : undefined, depth);
      this.marks.mark(parent, key, value);
      this.marks.markName(parent, key, name);
    }
  }

  private items(parent: Readonly<Record<string, unknown>>, depth: number): void {
    for (let index = 0; this.opens(']'); index++) this.marks.mark(parent, index, this.value(parent[index], depth));
  }

  /** Goes past the bracket or comma before a member or item; false, past the end, when there is none. */
  private opens(end: '}' | ']'): boolean {
    if (this.source.text[this.skipSpace()] !== end) this.at++;
    if (this.source.text[this.skipSpace()] !== end) return true;
    this.at++;
    return false;
  }

  /** What is between the quotes. */
  private string(): Span {
    const { text } = this.source;
    const start = this.skipSpace() + 1;
    let end = text.indexOf('"', start);
    while (isEscaped(text, end)) end = text.indexOf('"', end + 1);
    this.at = end + 1;
    return this.span(start, end);
  }

  private skipNested(): Span {
    const start = this.at;
    for (let depth = 0; ; ) {
      const character = this.source.text[this.skipSpace()];
      if (character === '"') {
        this.string();
        continue;
      }
      this.at++;
      if (character === '{' || character === '[') depth++;
      if ((character === '}' || character === ']') && --depth === 0) return this.span(start, this.at);
    }
  }

  private skipSpace(): number {
    while (SPACE.includes(this.source.text[this.at] ?? '{')) this.at++;
    if (this.at >= this.source.text.length) throw new Error('a JSON text ends before it is complete');
    return this.at;
  }

  private span(start: number, end: number): Span {
    return { source: this.source, start, end };
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

function isEscaped(text: string, at: number): boolean {
  let backslashes = 0;
  while (text[at - 1 - backslashes] === '\\') backslashes++;
  return backslashes % 2 === 1;
}

/** Of a key that is there twice only the last value is known, and it may be of another kind. */
function asObject(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
