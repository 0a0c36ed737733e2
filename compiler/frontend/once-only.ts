import type { Diagnostic } from '../../dsl/core/diagnostic';
import type { Span } from '../../dsl/core/source';

/** Statements that a block takes once: a second one repeats the first or contradicts it. */
export class OnceOnly {
  /** A block says few things: they are sooner looked through than put in a map. */
  private said: readonly { readonly keyword: string; readonly value: string; readonly span: Span }[] = [];

  constructor(private readonly diagnostics: Diagnostic[]) {}

  accepts(keyword: string, value: string, span: Span): boolean {
    const first = this.said.find((one) => one.keyword === keyword);
    if (!first) {
      this.said = [...this.said, { keyword, value, span }];
      return true;
    }
    const same = first.value === value;
    this.diagnostics.push({
      code: same ? 'TN2103' : 'TN2104',
      severity: 'error',
      message: same ? `\`${keyword}\` is said twice` : `two \`${keyword}\` statements contradict each other`,
      primary: { span, text: same ? 'said again here' : 'this contradicts the first' },
      secondary: [{ span: first.span, text: 'first said here' }],
    });
    return false;
  }
}
