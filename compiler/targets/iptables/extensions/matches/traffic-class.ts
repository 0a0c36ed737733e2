import { field, match, number } from '../../../../../dsl/ruleset/nodes';
import type { Expression, Statement } from '../../../../../dsl/ruleset/tree';
import type { XtFamily } from '../../tables';
import { TOS_NAMES } from '../classes';
import { BOTH, type Meaning, type Module, means, perOption, wrong } from '../module';
import { hex, NEVER, wholeNumber } from '../values';

/** The whole byte: of IPv6, the bits behind the version. */
const CLASS_BYTE: Readonly<Record<XtFamily, { readonly from: Expression; readonly shift: bigint }>> = {
  ip: { from: { kind: 'payload', base: 'nh', offset: 8, bits: 8 }, shift: 0n },
  ip6: { from: { kind: 'payload', base: 'nh', offset: 0, bits: 16 }, shift: 4n },
};

const DSCP = 0xfcn;
const ECN = 0x03n;

/** The class of a packet under a mask, as DSCP and ECN where the mask has all or nothing of them. */
function classMeaning(value: bigint, mask: bigint, negated: boolean, family: XtFamily): Meaning {
  if ((value & ~mask) !== 0n) return negated ? means() : means(NEVER);
  if (mask === 0n) return negated ? means(NEVER) : means();
  const op = negated ? '!=' : '==';
  const [dscp, ecn] = [mask & DSCP, mask & ECN];
  if ((dscp !== 0n && dscp !== DSCP) || (ecn !== 0n && ecn !== ECN)) {
    const { from, shift } = CLASS_BYTE[family];
    return means(match({ kind: 'binary', op: '&', left: from, right: hex(mask << shift) }, op, hex(value << shift)));
  }
  const parts: readonly Statement[] = [
    ...(dscp === 0n ? [] : [match(field(`${family} dscp`), op, number(value >> 2n))]),
    ...(ecn === 0n ? [] : [match(field(`${family} ecn`), op, number(value & ECN))]),
  ];
  if (!negated || parts.length === 1) return means(...parts);
  return means({ kind: 'either', alternatives: parts.map((one) => [one]), negated: false });
}

/** A name speaks of the lowest six bits, a number of all eight (libxt_tos.c). */
export const tos: Module = perOption(
  { name: 'tos', families: BOTH, options: { '--tos': { values: 1, negatable: true } }, needsOption: true },
  ({ negated, values: [text = ''] }, { family }) => {
    const named = TOS_NAMES[text.toLowerCase()];
    if (named !== undefined) return classMeaning(BigInt(named), 0x3fn, negated, family);
    const [valueText = '', maskText] = text.split('/');
    const value = wholeNumber(valueText, 255n);
    const mask = maskText === undefined ? 0xffn : wholeNumber(maskText, 255n);
    return value === undefined || mask === undefined
      ? wrong(`\`${text}\` is not a type of service`)
      : classMeaning(value, mask, negated, family);
  },
);

const TCP = 6;
const BITS: Readonly<Record<string, bigint>> = { '--ecn-tcp-ece': 0x40n, '--ecn-tcp-cwr': 0x80n };

export const ecn: Module = perOption(
  {
    name: 'ecn',
    families: BOTH,
    options: {
      '--ecn-tcp-cwr': { values: 0, negatable: true },
      '--ecn-tcp-ece': { values: 0, negatable: true },
      '--ecn-ip-ect': { values: 1, negatable: true },
    },
    needsOption: true,
  },
  ({ name, negated, values: [value = ''], span }, { family, protocol }) => {
    const bit = BITS[name];
    if (bit !== undefined) {
      if (protocol !== TCP) return wrong(`\`${name}\` needs \`-p tcp\``, span);
      const left: Expression = { kind: 'binary', op: '&', left: field('tcp flags'), right: number(bit) };
      return means(match(left, negated ? '!=' : '==', number(bit)));
    }
    const codepoint = wholeNumber(value, 3n);
    return codepoint === undefined
      ? wrong(`\`${value}\` is not a number up to 3`)
      : means(match(field(`${family} ecn`), negated ? '!=' : '==', number(codepoint)));
  },
);
