import type { Diagnostic, Label } from '../../dsl/core/diagnostic';
import { quoted } from '../../dsl/core/names';
import type { Source } from '../../dsl/core/source';
import { markJson } from './json-places';
import type { Marks } from './marks';
import { diagnostic, kindOf } from './schema-problems';
import type { Draft } from './text';

/** Whether a source is a JSON document: by its name, or because no statement of the language begins with a brace. */
export function isJson({ name, text }: Source): boolean {
  return name.endsWith('.json') || /^\s*\{/.test(text.slice(0, 4096));
}

/** A text's value; undefined for what is not JSON. */
export function parseJson(source: Source): unknown {
  try {
    return parse(source);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return undefined;
  }
}

function parse({ text }: Source): unknown {
  return JSON.parse(text.replace(/^\ufeff/, ' '));
}

/** Reads a JSON document into the draft; what is in it is for the schema to judge. */
export function readJson(source: Source, draft: Draft, marks: Marks): readonly Diagnostic[] {
  try {
    const document = parse(source);
    const repeated = markJson(source, document, marks);
    const whole = { span: { source, start: 0, end: source.text.length } };
    const label = (list: string, index?: number) => {
      const found = index === undefined ? marks.locateName(document, [list]) : marks.locate(document, [list, index]);
      return found.span ? found : whole;
    };
    return [...repeated, ...readObject(document, draft, marks, label)];
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return [notJson(source, error)];
  }
}

function notJson(source: Source, { message }: SyntaxError): Diagnostic {
  const at = Number(/position (\d+)/.exec(message)?.[1] ?? source.text.length);
  const span = { source, start: at, end: Math.min(at + 1, source.text.length) };
  return {
    code: 'TN1008',
    severity: 'error',
    message: 'this is not valid JSON',
    primary: { span, text: message.replace(/ in JSON at position.*| at position.*/, '') },
    secondary: [],
  };
}

/** Adds a document's lists to the draft's; `label` says what to call a list, or an item of it. */
export function readObject(
  document: unknown,
  draft: Draft,
  marks: Marks,
  label: (list: string, index?: number) => Label,
): readonly Diagnostic[] {
  if (typeof document !== 'object' || document === null || Array.isArray(document))
    return [diagnostic({ code: 'TN2009', message: 'expected an object with the lists of an intent' }, label(''))];
  const lists = Object.keys(draft);
  const diagnostics: Diagnostic[] = [];
  for (const [key, value] of Object.entries(document)) {
    if (key === '$schema') continue;
    const list = Object.hasOwn(draft, key) ? draft[key as keyof Draft] : undefined;
    if (!list) {
      const problem = { code: 'TN2010', message: `unknown key ${quoted(key)}`, candidates: lists } as const;
      diagnostics.push(diagnostic({ ...problem, hint: `an intent has ${lists.join(', ')}` }, label(key)));
    } else if (!Array.isArray(value))
      diagnostics.push(diagnostic({ code: 'TN2009', message: `expected a list, not ${kindOf(value)}` }, label(key)));
    else
      for (const [index, item] of value.entries()) {
        marks.label(list, list.length, label(key, index));
        list.push(item);
      }
  }
  return diagnostics;
}
