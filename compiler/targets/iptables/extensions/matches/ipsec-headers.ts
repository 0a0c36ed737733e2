import type { FieldName } from '../../../../../dsl/ruleset/fields';
import { field, match, number, symbol } from '../../../../../dsl/ruleset/nodes';
import { BOTH, inOrder, type Meaning, type Module, means, perOption, wrong } from '../module';
import { NEVER, numberRange, wholeNumber } from '../values';

const ONE = { values: 1, negatable: true } as const;
const FLAG = { values: 0 } as const;

/** An index; a range that ends before it begins holds none, and is taken (xt_esp.c, spi_match). */
function indexMeaning(of: FieldName, text: string, negated: boolean, max = 0xffffffffn): Meaning {
  const range = numberRange(text, max);
  if (range) return means(match(field(of), negated ? '!=' : '==', range));
  const ends = text.split(':');
  if (ends.length !== 2 || ends.some((word) => wholeNumber(word, max) === undefined))
    return wrong(`\`${text}\` is not an SPI or a range of them`);
  return negated ? means() : means(NEVER);
}

export const esp: Module = perOption(
  { name: 'esp', families: BOTH, options: { '--espspi': ONE } },
  ({ negated, values: [value = ''] }, { protocol }) =>
    protocol === 50 ? indexMeaning('esp spi', value, negated) : wrong('esp needs `-p esp`'),
);

export const ipcomp: Module = perOption(
  { name: 'ipcomp', families: BOTH, options: { '--ipcompspi': ONE, '--compres': FLAG } },
  ({ name, negated, values: [value = ''] }, { protocol }) => {
    if (protocol !== 108) return wrong('ipcomp needs `-p ipcomp`');
    return name === '--compres'
      ? means(match(field('comp flags'), '==', number(0)))
      : indexMeaning('comp cpi', value, negated, 0xffffn);
  },
);

/** The header's own length is in words of four bytes, less two (RFC 4302, 2.2). */
function lengthMeaning(text: string, negated: boolean): Meaning {
  const bytes = wholeNumber(text);
  if (bytes === undefined) return wrong(`\`${text}\` is not a length`);
  const words = bytes / 4n - 2n;
  if (bytes % 4n !== 0n || words < 0n || words > 255n) return negated ? means() : means(NEVER);
  return means(match(field('ah hdrlength'), negated ? '!=' : '==', number(words)));
}

/** ip6tables finds the header wherever it is, without `-p`. */
export const ah: Module = {
  name: 'ah',
  families: BOTH,
  options: { '--ahspi': ONE, '--ahlen': ONE, '--ahres': FLAG },
  read(options, { family, protocol }) {
    const asked = options.all.map(({ name, negated, values: [value = ''], span }): Meaning => {
      if (family === 'ip' && name !== '--ahspi') return wrong(`iptables has \`${name}\` for IPv6 only`, span);
      switch (name) {
        case '--ahspi':
          return indexMeaning('ah spi', value, negated);
        case '--ahlen':
          return lengthMeaning(value, negated);
        default:
          return means(match(field('ah reserved'), '==', number(0)));
      }
    });
    if (family === 'ip' && protocol !== 51) return wrong('ah needs `-p ah`');
    return inOrder([...(family === 'ip6' ? [means(match(field('meta l4proto'), '==', symbol('ah')))] : []), ...asked]);
  },
};
