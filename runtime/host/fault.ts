import type { DiagnosticCode } from '../../dsl/core/codes';

/** What a host can refuse, with the mend where there is one. */
export interface HostFault {
  readonly code: Extract<DiagnosticCode, `TN5${string}`>;
  readonly message: string;
  readonly hint?: string;
  /** The line of the loaded text that the tool complained about, counted from 1. */
  readonly line?: number;
}

export type Result<T, F> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly fault: F };

export function done<T>(value: T): Result<T, never> {
  return { ok: true, value };
}

export function refused(
  code: HostFault['code'],
  message: string,
  more: Pick<HostFault, 'hint' | 'line'> = {},
): { ok: false; fault: HostFault } {
  return { ok: false, fault: { code, message, ...more } };
}
