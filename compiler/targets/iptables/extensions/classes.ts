/** Names of what the second byte of a header of IP says. */

/** What old names of types of service stand for (libxt_tos.c). */
export const TOS_NAMES: Readonly<Record<string, number>> = {
  'minimize-delay': 0x10,
  'maximize-throughput': 0x08,
  'maximize-reliability': 0x04,
  'minimize-cost': 0x02,
  'normal-service': 0x00,
};

/** Class names of RFC 2474, 2597 and 3246. */
export const DSCP_CLASSES: Readonly<Record<string, number>> = {
  be: 0,
  ...Object.fromEntries([0, 1, 2, 3, 4, 5, 6, 7].map((selector) => [`cs${selector}`, selector << 3])),
  ...Object.fromEntries(
    [1, 2, 3, 4].flatMap((type) => [1, 2, 3].map((drop) => [`af${type}${drop}`, (type << 3) | (drop << 1)])),
  ),
  ef: 0x2e,
};
