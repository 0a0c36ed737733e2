import type { Diagnostic } from '../dsl/core/diagnostic';
import type { Source } from '../dsl/core/source';
import { format } from '../grammar/format';
import { parse } from '../grammar/parse';
import { isJson } from './frontend/json';

/** What keeps a text from being formatted: its syntax errors. */
export function check(source: Source): readonly Diagnostic[] {
  if (!isJson(source)) return parse(source).diagnostics;
  return [
    {
      code: 'TN1006',
      severity: 'error',
      message: `${source.name} is JSON; \`tsnet fmt\` formats the text language`,
      secondary: [],
    },
  ];
}

/** The canonical form of a text that has no syntax errors. */
export function formatText(source: Source): string {
  return format(source);
}
