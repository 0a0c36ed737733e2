import { COMPLEMENT } from './complement';
import { CONCATENATE } from './concatenate';
import { JOIN } from './join';
import { MAPS } from './maps';
import { MERGE } from './merge';
import type { Pass } from './pass';
import { PRUNE } from './prune';
import { SCAFFOLD } from './scaffold';

export type { Pass } from './pass';

/** In the order in which they are made. */
export const PASSES: readonly Pass[] = [PRUNE, SCAFFOLD, JOIN, COMPLEMENT, MERGE, CONCATENATE, MAPS];
