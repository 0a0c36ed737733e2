import type { Pass } from './pass';

export type { Pass } from './pass';

/** In the order in which they are made. */
export const PASSES: readonly Pass[] = [];
