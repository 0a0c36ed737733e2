import type { z } from 'zod/mini';
import type { Diagnostic, Label, Path, Problem } from '../../dsl/core/diagnostic';
import { quoted } from '../../dsl/core/names';
import { closest } from '../../dsl/core/suggest';
import { intentSchema } from '../../dsl/intent/schema';
import { keysAt } from './schema-keys';

/** Where a value of the document stands, and where its key does. */
export interface Places {
  locate(path: Path): Label;
  locateName(path: Path): Label;
}

type Issue = z.core.$ZodIssue;

/** What the schema found wrong, each at its own place. */
export function schemaProblems(issue: Issue, places: Places): Diagnostic[] {
  return fromIssue(issue, [], places);
}

/** The schema measures even what is of the wrong type; of that only the type is worth a word. */
export function withoutEchoes(issues: readonly Issue[]): readonly Issue[] {
  const mistyped = new Set(issues.flatMap(({ code, path }) => (code === 'invalid_type' ? [path.join('/')] : [])));
  return issues.filter(({ code, path }) => code === 'invalid_type' || !mistyped.has(path.join('/')));
}

function fromIssue(issue: Issue, before: Path, places: Places): Diagnostic[] {
  const path: Path = [...before, ...(issue.path as (string | number)[])];
  if (issue.code === 'invalid_union') {
    if (issue.input === undefined) return [diagnostic({ code: 'TN2011', message: issue.message }, places.locate(path))];
    const branch = nearest(issue.errors);
    if (!branch) return [diagnostic(plain(issue, path), places.locate(path))];
    return withoutEchoes(branch).flatMap((one) => fromIssue(one, path, places));
  }
  if (issue.code === 'unrecognized_keys') {
    const candidates = keysAt(intentSchema, path);
    return issue.keys.map((key) =>
      diagnostic(
        {
          code: 'TN2010',
          message: `unknown key ${quoted(key)}`,
          candidates,
          hint: `it takes ${candidates.join(', ')}`,
        },
        places.locateName([...path, key]),
      ),
    );
  }
  const problem = issue.code === 'custom' ? (issue.params?.problem as Problem | undefined) : undefined;
  return [diagnostic(problem ?? plain(issue, path), places.locate(path))];
}

/** The alternative that the input came closest to: the one whose first complaint lies deepest, or is the most exact. */
function nearest(branches: readonly (readonly Issue[])[]): readonly Issue[] | undefined {
  const score = (branch: readonly Issue[]) =>
    Math.max(
      ...branch.map(
        (issue) => issue.path.length * 2 + (issue.code === 'custom' || issue.code === 'unrecognized_keys' ? 1 : 0),
      ),
    );
  return [...branches].filter((branch) => branch.length > 0).sort((a, b) => score(b) - score(a))[0];
}

function plain(issue: Issue, path: Path): Problem {
  switch (issue.code) {
    case 'invalid_type': {
      const expected = `expected ${KINDS[issue.expected] ?? issue.expected}`;
      return issue.input === undefined
        ? { code: 'TN2011', message: `${quoted(String(path.at(-1)))} is missing: ${expected}` }
        : { code: 'TN2009', message: `${expected}, not ${kindOf(issue.input)}` };
    }
    case 'too_small':
    case 'too_big':
      if (issue.origin === 'array')
        return { code: issue.code === 'too_small' ? 'TN2011' : 'TN2008', message: issue.message };
      return { code: 'TN2008', message: `out of range: expected ${boundOf(issue)}` };
    case 'invalid_value': {
      const words = issue.values.map(String);
      return { code: 'TN2014', message: `expected ${alternatives(words)}`, candidates: words };
    }
    default:
      return { code: 'TN2009', message: issue.message };
  }
}

const KINDS: Readonly<Record<string, string>> = {
  string: 'a string',
  number: 'a number',
  int: 'a whole number',
  boolean: '`true` or `false`',
  array: 'a list',
  object: 'an object',
};

/** What a person calls the JSON type of a value. */
export function kindOf(value: unknown): string {
  if (value === null) return '`null`';
  if (typeof value === 'boolean') return `\`${value}\``;
  return KINDS[Array.isArray(value) ? 'array' : typeof value] ?? typeof value;
}

function boundOf(issue: Extract<Issue, { code: 'too_small' | 'too_big' }>): string {
  const what = issue.origin === 'string' ? 'characters' : '';
  return `at ${issue.code === 'too_small' ? `least ${issue.minimum}` : `most ${issue.maximum}`} ${what}`.trim();
}

function alternatives(words: readonly string[]): string {
  const all = words.map(quoted);
  return all.length === 1 ? (all[0] ?? '') : `${all.slice(0, -1).join(', ')} or ${all.at(-1)}`;
}

/** A problem at its place; offsets within a word narrow a span that covers just that word. */
export function diagnostic(problem: Problem, label: Label, secondary: readonly Label[] = []): Diagnostic {
  const { code, message, hint, candidates, replacement, start, end } = problem;
  const span = label.span && start !== undefined ? within(label.span, start, end) : label.span;
  const word = span?.source.text.slice(span.start, span.end);
  const near = replacement ?? (candidates && word !== undefined ? closest(word, candidates) : undefined);
  const suggestion = near
    ? { text: `did you mean \`${near}\`?`, ...(span ? { replace: { span, text: near } } : {}) }
    : undefined;
  const advice = suggestion ?? (hint === undefined ? undefined : { text: hint });
  return {
    code,
    severity: 'error',
    message,
    primary: span ? { ...label, span } : label,
    secondary,
    ...(advice ? { hint: advice } : {}),
  };
}

function within(span: NonNullable<Label['span']>, start: number, end: number | undefined) {
  const from = Math.min(span.start + start, span.end);
  return { ...span, start: from, end: end === undefined ? span.end : Math.min(span.start + end, span.end) };
}
