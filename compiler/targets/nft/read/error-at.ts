import type { Diagnostic } from '../../../../dsl/core/diagnostic';
import type { Origin } from '../../../../dsl/core/origin';

interface Details {
  /** The other place that has to do with it. */
  readonly other?: Origin;
  readonly hint?: string | undefined;
}

/** An error at the place a node of the tree came from. */
export function errorAt(
  code: Diagnostic['code'],
  message: string,
  origin: Origin,
  { other, hint }: Details = {},
): Diagnostic {
  return {
    code,
    severity: 'error',
    message,
    primary: labelOf(origin),
    secondary: other ? [{ ...labelOf(other), text: 'here' }] : [],
    ...(hint ? { hint: { text: hint } } : {}),
  };
}

export function didYouMean(near: string | undefined): string | undefined {
  return near && `did you mean \`${near}\`?`;
}

function labelOf(origin: Origin) {
  return origin.kind === 'source' ? { span: origin.span } : {};
}
