import type { Names } from './names';

/** What kind of packets a base chain sees. */
export type Plane = 'ip' | 'ip6' | 'bridge' | 'arp';

/** What an expression is read with. */
export interface Reading {
  readonly plane: Plane;
  readonly names: Names;
  /** Tells apart what looks alike and is decided anew each time. */
  occurrence(text: string): string;
}
