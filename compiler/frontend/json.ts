import type { Diagnostic, Label } from '../../dsl/core/diagnostic';
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
    return readObject(JSON.parse(source.text), draft, marks, (list, index) => ({
      where: `${source.name}: ${list}${index === undefined ? '' : `[${index}]`}`,
    }));
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

/** Adds a document's lists to the draft's; `label` says what to call a list, or an item of it. */
export function readObject(
  document: unknown,
  draft: Draft,
  marks: Marks,
  label: (list: string, index?: number) => Label,
): readonly Diagnostic[] {
  const problem = (code: Diagnostic['code'], message: string, primary: Label, hint?: string): Diagnostic => ({
    code,
    severity: 'error',
    message,
    primary,
    secondary: [],
    ...(hint ? { hint: { text: hint } } : {}),
  });
  if (typeof document !== 'object' || document === null || Array.isArray(document))
    return [problem('TN2009', 'expected an object with the lists of an intent', label(''))];
  const diagnostics: Diagnostic[] = [];
  for (const [key, value] of Object.entries(document)) {
    if (key === '$schema') continue;
    const list = Object.hasOwn(draft, key) ? draft[key as keyof Draft] : undefined;
    const name = key.slice(0, 60);
    if (!list)
      diagnostics.push(
        problem('TN2010', `unknown key \`${name}\``, label(name), `an intent has ${Object.keys(draft).join(', ')}`),
      );
    else if (!Array.isArray(value)) diagnostics.push(problem('TN2009', 'expected a list', label(name)));
    else
      for (const [index, item] of value.entries()) {
        marks.label(list, list.length, label(key, index));
        list.push(item);
      }
  }
  return diagnostics;
}
