import type { Address } from '../../dsl/core/address';
import type { Hook } from '../../dsl/ruleset/tree';
import type { Met } from '../evaluate/walk';
import type { Field } from '../meaning/condition';
import type { Program } from '../meaning/program';
import type { Decision } from '../meaning/steps';
import type { Port } from './inhabitants';
import type { Packet } from './packet';

/** Where a packet is when it sets out. */
export type Start =
  | { readonly kind: 'outside'; readonly interface: string }
  | { readonly kind: 'host' }
  | { readonly kind: 'port'; readonly port: Port }
  /** For rules without surroundings: the interfaces are told, and a packet with no way out is for the host. */
  | { readonly kind: 'told'; readonly in: string | undefined; readonly out: string | undefined };

/** A hook that a packet came to. */
export interface Stop {
  readonly plane: Program['plane'];
  readonly hook: Hook;
  readonly in: string | undefined;
  readonly out: string | undefined;
  readonly met: readonly Met[];
  /** What ended the way here. */
  readonly decision: Decision | undefined;
  /** The packet as it came to the hook. */
  readonly headers: Headers;
  /** What fields said when it was over. */
  after(field: Field): number;
}

export interface Headers {
  readonly source: Address;
  readonly destination: Address;
  readonly sourcePort: number;
  readonly destinationPort: number;
}

export type Place =
  | { readonly kind: 'host' }
  | { readonly kind: 'port'; readonly port: Port }
  | { readonly kind: 'outside'; readonly interface: string };

export type End =
  | { readonly kind: 'delivered'; readonly place: Place; readonly headers: Headers }
  | { readonly kind: 'stopped'; readonly decision: Decision; readonly by: Met | undefined }
  /** It came to no rule's decision: there is no way on. */
  | { readonly kind: 'lost'; readonly because: string };

export interface Trip {
  readonly packet: Packet;
  readonly stops: readonly Stop[];
  readonly end: End;
}
