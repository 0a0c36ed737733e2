import type { TableFamily } from './tree';

const PRIORITIES: Readonly<Record<string, number>> = {
  raw: -300,
  mangle: -150,
  dstnat: -100,
  filter: 0,
  security: 50,
  srcnat: 100,
};

const BRIDGE_PRIORITIES: Readonly<Record<string, number>> = { dstnat: -300, filter: -200, out: 100, srcnat: 300 };

/** The names of chain priorities, as the kernel counts them; in the bridge family some differ. */
export function prioritiesOf(family: TableFamily): Readonly<Record<string, number>> {
  return family === 'bridge' ? BRIDGE_PRIORITIES : PRIORITIES;
}
