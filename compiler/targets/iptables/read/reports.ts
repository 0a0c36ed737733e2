import type { DiagnosticCode } from '../../../../dsl/core/codes';
import type { Diagnostic } from '../../../../dsl/core/diagnostic';
import type { Span } from '../../../../dsl/core/source';

/** What is to be said of a text, collected while it is read to its end. */
export class Reports {
  readonly diagnostics: Diagnostic[] = [];

  error(code: DiagnosticCode, message: string, span: Span, hint?: string): void {
    this.add('error', code, message, span, hint);
  }

  warn(code: DiagnosticCode, message: string, span: Span, hint?: string): void {
    this.add('warning', code, message, span, hint);
  }

  private add(severity: Diagnostic['severity'], code: DiagnosticCode, message: string, span: Span, hint?: string) {
    const more = hint === undefined ? {} : { hint: { text: hint } };
    this.diagnostics.push({ code, severity, message, primary: { span }, secondary: [], ...more });
  }
}

/** What to do with a text that only a shell understands. */
export const RUN_IT = 'run it where it belongs, or in `unshare -n`, then give what `iptables-save` prints there';
