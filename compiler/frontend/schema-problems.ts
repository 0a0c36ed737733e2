import type { z } from 'zod';
import type { Diagnostic, Label, Path, Problem } from '../../dsl/core/diagnostic';
import { quoted } from '../../dsl/core/names';
import { closest } from '../../dsl/core/suggest';

export type Locate = (path: Path) => Label;
type Issue = z.core.$ZodIssue;

/** What the schema found wrong, each at its own place. */
export function schemaProblems(issues: readonly Issue[], locate: Locate): Diagnostic[] {
  return issues.flatMap((issue) => fromIssue(issue, [], locate));
}

function fromIssue(issue: Issue, before: Path, locate: Locate): Diagnostic[] {
  const path: Path = [...before, ...(issue.path as (string | number)[])];
  if (issue.code === 'invalid_union') {
    if (issue.input === undefined) return [diagnostic({ code: 'TN2011', message: issue.message }, locate(path))];
    const branch = nearest(issue.errors);
    return branch ? branch.flatMap((one) => fromIssue(one, path, locate)) : [diagnostic(plain(issue), locate(path))];
  }
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) =>
      diagnostic({ code: 'TN2010', message: `unknown key ${quoted(key)}` }, locate([...path, key])),
    );
  const problem = issue.code === 'custom' ? (issue.params?.problem as Problem | undefined) : undefined;
  return [diagnostic(problem ?? plain(issue), locate(path))];
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

function plain(issue: Issue): Problem {
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined
        ? { code: 'TN2011', message: `a value is missing: expected ${issue.expected}` }
        : { code: 'TN2009', message: `expected ${issue.expected}` };
    case 'too_small':
    case 'too_big':
      if (issue.origin === 'array')
        return { code: issue.code === 'too_small' ? 'TN2011' : 'TN2008', message: issue.message };
      return { code: 'TN2008', message: `out of range: ${issue.message.replace(/^Too (small|big): /, '')}` };
    case 'invalid_value':
      return { code: 'TN2014', message: `expected ${issue.values.map((value) => `\`${String(value)}\``).join(', ')}` };
    default:
      return { code: 'TN2009', message: issue.message };
  }
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
