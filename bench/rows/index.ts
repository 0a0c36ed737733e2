import type { Row } from '../result';
import { compile } from './compile';
import { latency } from './connections';
import { first } from './first';
import { load } from './load';
import { oneMore, tenThousand } from './one-more';
import { start } from './start';

/** In the order in which they are measured and written down; the one that leaves most behind comes last. */
export const ROWS: Readonly<Record<string, Row>> = {
  start,
  compile,
  load,
  connections: latency,
  first,
  'one-more': oneMore,
  'ten-thousand': tenThousand,
};
