import { COMPLEMENT } from './complement';
import { CONCATENATE } from './concatenate';
import { JOIN } from './join';
import { MAPS } from './maps';
import { MERGE } from './merge';
import type { Pass } from './pass';
import { PRUNE } from './prune';

export type { Pass } from './pass';

/** In the order in which they are made. */
export const PASSES: readonly Pass[] = [PRUNE, JOIN, COMPLEMENT, MERGE, CONCATENATE, MAPS];
