import type { XtFamily } from './tables';

export interface LegalizeOptions {
  readonly family: XtFamily;
  /** What the names of our chains and sets begin with: `TSNET-`. */
  readonly prefix: string;
  /** Whether what is accepted at a hook leaves by a chain of its own, so that it can be sent on to other chains. */
  readonly gates: boolean;
  /** Whether sets stay sets where there is a type of ipset for them. */
  readonly ipset: boolean;
}
