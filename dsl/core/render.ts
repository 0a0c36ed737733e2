import type { Diagnostic, Label } from './diagnostic';
import { lineText, positionOf, type Span } from './source';

export interface RenderOptions {
  readonly color: boolean;
  /** More are counted, not printed. */
  readonly limit?: number;
}

/** How much of a long source line is shown around a span. */
const WINDOW = 120;

type Paint = (text: string) => string;

function paints(color: boolean): Record<'red' | 'yellow' | 'blue' | 'bold' | 'cyan', Paint> {
  const paint =
    (code: number): Paint =>
    (text) =>
      color ? `\u001b[${code}m${text}\u001b[0m` : text;
  return { red: paint(31), yellow: paint(33), blue: paint(34), bold: paint(1), cyan: paint(36) };
}

/** Diagnostics as a person reads them: code, place, the line with the span underlined, what to do. */
export function renderDiagnostics(diagnostics: readonly Diagnostic[], { color, limit = 50 }: RenderOptions): string {
  const shown = diagnostics.slice(0, limit).map((one) => render(one, color));
  const left = diagnostics.length - shown.length;
  if (left > 0) shown.push(`... and ${left} more\n`);
  return shown.join('\n');
}

function render({ code, severity, message, primary, secondary, hint }: Diagnostic, color: boolean): string {
  const paint = paints(color);
  const tone = severity === 'error' ? paint.red : paint.yellow;
  const lines = [`${tone(`${severity}[${code}]`)}${paint.bold(`: ${visible(message)}`)}`];
  const labels = [
    ...(primary ? [{ label: primary, mark: '^', tone }] : []),
    ...secondary.map((label) => ({ label, mark: '-', tone: paint.blue })),
  ];
  const width = Math.max(
    1,
    ...labels.map(({ label }) =>
      label.span ? String(positionOf(label.span.source, label.span.start).line).length : 1,
    ),
  );
  const margin = ' '.repeat(width);
  for (const [index, { label, mark, tone: labelTone }] of labels.entries()) {
    lines.push(...excerpt(label, mark, labelTone, index === 0 ? '-->' : ':::', margin, paint.blue));
  }
  if (hint) lines.push(`${margin} ${paint.blue('=')} ${paint.cyan('help')}: ${visible(hint.text)}`);
  return `${lines.join('\n')}\n`;
}

function excerpt(
  { span, where, text }: Label,
  mark: string,
  tone: Paint,
  arrow: string,
  margin: string,
  blue: Paint,
): string[] {
  if (!span) return [`${margin}${blue(arrow)} ${visible(where ?? '')}${text ? `: ${visible(text)}` : ''}`];
  const { line, column } = positionOf(span.source, span.start);
  const { shown, underline } = underlined(span, line, column, mark);
  return [
    `${margin}${blue(arrow)} ${visible(span.source.name)}:${line}:${column}`,
    `${margin} ${blue('|')}`,
    `${blue(String(line).padStart(margin.length))} ${blue('|')} ${shown}`,
    `${margin} ${blue('|')} ${tone(`${underline}${text ? ` ${visible(text)}` : ''}`)}`,
  ];
}

/** The line around a span, tabs and control characters made visible width, and the marks beneath it. */
function underlined(span: Span, line: number, column: number, mark: string): { shown: string; underline: string } {
  const whole = lineText(span.source, line);
  const start = column - 1;
  const from = start > WINDOW / 2 ? Math.max(0, start - WINDOW / 4) : 0;
  const until = Math.min(whole.length, from + WINDOW);
  const before = visible(whole.slice(from, start));
  const marked = visible(whole.slice(start, Math.min(until, start + span.end - span.start)));
  const after = visible(whole.slice(Math.min(until, start + span.end - span.start), until));
  const head = from > 0 ? '...' : '';
  const tail = until < whole.length ? '...' : '';
  return {
    shown: `${head}${before}${marked}${after}${tail}`,
    underline: `${' '.repeat(head.length + before.length)}${mark.repeat(Math.max(1, marked.length))}`,
  };
}

/** Input may not speak to the terminal. */
function visible(text: string): string {
  return text
    .replace(/\t/g, '    ')
    .replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]/g, '\ufffd');
}

/** The shape of a diagnostic in `--json` output. */
export function diagnosticToJson({ code, severity, message, primary, secondary, hint }: Diagnostic): object {
  return {
    code,
    severity,
    message,
    ...(primary ? { at: labelToJson(primary) } : {}),
    related: secondary.map(labelToJson),
    ...(hint ? { hint: hint.text } : {}),
  };
}

function labelToJson({ span, where, text }: Label): object {
  const place = span
    ? { file: span.source.name, ...positionOf(span.source, span.start), end: positionOf(span.source, span.end) }
    : { where };
  return text ? { ...place, text } : place;
}
