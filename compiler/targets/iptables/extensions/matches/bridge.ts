import { BOTH, type Given, impossible, type Module, means, perOption, wrong } from '../module';
import { NEVER } from '../values';

const DEVICE = { values: 1, negatable: true } as const;
const ASKED = { values: 0, negatable: true } as const;

/** Before a packet is sent on, no bridge knows the port that it will leave by; what the host sends never came in by one. */
const NO_PORT: Readonly<Record<string, RegExp>> = {
  PREROUTING: /^--physdev-(out|is-out|is-bridged)$/,
  INPUT: /^--physdev-(out|is-out|is-bridged)$/,
  OUTPUT: /^--physdev-/,
};

/** Whether the answer is the same for every packet of a chain (xt_physdev.c, physdev_mt). */
function isDecided({ name, negated }: Given, chain: string): boolean {
  if (!NO_PORT[chain]?.test(name)) return false;
  return chain === 'OUTPUT' || !negated || name !== '--physdev-out';
}

export const physdev: Module = perOption(
  {
    name: 'physdev',
    families: BOTH,
    options: {
      '--physdev-in': DEVICE,
      '--physdev-out': DEVICE,
      '--physdev-is-in': ASKED,
      '--physdev-is-out': ASKED,
      '--physdev-is-bridged': ASKED,
    },
    needsOption: true,
  },
  (given, { chain }, options) => {
    const { name, negated, span } = given;
    const bridged = options.find('--physdev-is-bridged');
    if (chain === 'OUTPUT' && /^--physdev-(is-)?out$/.test(name) && bridged?.negated !== false)
      return wrong(`\`${name}\` may not stand in OUTPUT`, span);
    if (isDecided(given, chain)) return negated ? means() : means(NEVER);
    return impossible(
      'in its tables for IP nft sees the bridge and not its ports; a table of the bridge family sees them, and may set a mark',
    );
  },
);
