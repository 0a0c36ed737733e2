import { type Diagnostic, errorIn } from '../../../../dsl/core/diagnostic';
import type { Span } from '../../../../dsl/core/source';

/** Takes what is wrong with a text of rules. */
export class Reports {
  constructor(private readonly diagnostics: Diagnostic[]) {}

  /** Something that nft may take and the tree has no node for. */
  refuse(span: Span, what: string): void {
    this.report('TN1102', `${what} is outside of what tsnet reads`, span);
  }

  report(code: Diagnostic['code'], message: string, span: Span, text?: string): void {
    this.diagnostics.push(errorIn(span, code, message, text));
  }
}
