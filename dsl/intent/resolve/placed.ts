import type { ContainerIntent } from '../model';
import type { Endpoint } from '../topology';

/** A container that has its places in networks. */
export interface Placed {
  readonly said: ContainerIntent;
  readonly endpoints: readonly Endpoint[];
}

export type FindContainer = (name: string) => Placed | undefined;
