import type { Diagnostic } from '../../dsl/core/diagnostic';
import type { Source } from '../../dsl/core/source';
import type { Marks } from './marks';
import type { Draft } from './text';

/** Whether a source is a JSON document: by its name, or because no statement of the language begins with a brace. */
export function isJson({ name, text }: Source): boolean {
  return name.endsWith('.json') || /^\s*\{/.test(text.slice(0, 4096));
}

/** Reads a JSON document into the draft; what is in it is for the schema to judge. */
export function readJson(source: Source, draft: Draft, marks: Marks): readonly Diagnostic[] {
  try {
    return readObject(JSON.parse(source.text), `${source.name}: `, draft, marks);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    const at = Number(/position (\d+)/.exec(error.message)?.[1] ?? source.text.length);
    const span = { source, start: at, end: Math.min(at + 1, source.text.length) };
    return [
      {
        code: 'TN1008',
        severity: 'error',
        message: 'this is not valid JSON',
        primary: { span, text: error.message.replace(/ in JSON at position.*| at position.*/, '') },
        secondary: [],
      },
    ];
  }
}

/** Adds a document's lists to the draft's; `where` begins the name of each place. */
export function readObject(document: unknown, where: string, draft: Draft, marks: Marks): readonly Diagnostic[] {
  if (typeof document !== 'object' || document === null || Array.isArray(document))
    return [
      {
        code: 'TN2009',
        severity: 'error',
        message: 'expected an object with the lists of an intent',
        primary: { where },
        secondary: [],
      },
    ];
  const diagnostics: Diagnostic[] = [];
  for (const [key, value] of Object.entries(document)) {
    if (key === '$schema') continue;
    const list = Object.hasOwn(draft, key) ? draft[key as keyof Draft] : undefined;
    if (!list) {
      diagnostics.push({
        code: 'TN2010',
        severity: 'error',
        message: `unknown key \`${key.slice(0, 60)}\``,
        primary: { where: `${where}${key.slice(0, 60)}` },
        secondary: [],
        hint: { text: `an intent has ${Object.keys(draft).join(', ')}` },
      });
    } else if (!Array.isArray(value))
      diagnostics.push({
        code: 'TN2009',
        severity: 'error',
        message: 'expected a list',
        primary: { where: `${where}${key}` },
        secondary: [],
      });
    else
      for (const [index, item] of value.entries()) {
        marks.label(list, list.length, { where: `${where}${key}[${index}]` });
        list.push(item);
      }
  }
  return diagnostics;
}
