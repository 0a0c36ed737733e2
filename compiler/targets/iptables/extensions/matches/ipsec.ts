import { field, match, number } from '../../../../../dsl/ruleset/nodes';
import type { IpsecKey, Statement } from '../../../../../dsl/ruleset/tree';
import {
  type Around,
  BOTH,
  type Given,
  impossible,
  inOrder,
  type Meaning,
  type Module,
  means,
  type Options,
  wrong,
} from '../module';
import { addressBlock, inBlock, NEVER, wholeNumber } from '../values';

const ONE = { values: 1, negatable: true, repeats: true } as const;

type Direction = 'in' | 'out';

/** Where each direction is known (xt_policy.c, policy_mt_check). */
const PLACES: Readonly<Record<Direction, RegExp>> = {
  in: /^(OUTPUT|POSTROUTING)$/,
  out: /^(PREROUTING|INPUT)$/,
};

const PROTOCOLS = /^(esp|ah|ipcomp|ipv6-crypt|ipv6-auth|50|51|108)$/i;
const MODES = /^(transport|tunnel|beet)$/;

function transformed(direction: Direction, present: boolean): Statement {
  return match(field(direction === 'in' ? 'meta ipsec' : 'rt ipsec'), '==', { kind: 'exists', present });
}

/** One thing asked of the first transformation. */
function partMeaning({ name, negated, values: [value = ''], span }: Given, direction: Direction, around: Around) {
  const op = negated ? '!=' : '==';
  const of = (key: IpsecKey) => ({ kind: 'ipsec', direction, spnum: 0, key }) as const;
  switch (name) {
    case '--reqid':
    case '--spi': {
      const id = wholeNumber(value);
      return id === undefined
        ? wrong(`\`${value}\` is not a number`, span)
        : means(match(of(name === '--spi' ? 'spi' : 'reqid'), op, number(id)));
    }
    case '--tunnel-src':
    case '--tunnel-dst': {
      const { family } = around;
      const block = addressBlock(value, family);
      if (!block) return wrong(`\`${value}\` is not an address of this family`, span);
      const key = of(`${family} ${name === '--tunnel-src' ? 'saddr' : 'daddr'}`);
      return block.mask === 0n && negated ? means(NEVER) : means(...inBlock(key, op, block, family));
    }
    case '--proto':
      return PROTOCOLS.test(value) ? undefined : wrong(`\`${value}\` is not a protocol of IPsec`, span);
    case '--mode':
      return MODES.test(value) ? undefined : wrong(`\`${value}\` is not \`transport\` or \`tunnel\``, span);
    default:
      return undefined;
  }
}

/** nft asks for one transformation by its place, and neither for its protocol nor for its mode. */
function elementMeaning(options: Options, direction: Direction, around: Around): Meaning {
  const parts = options.all.map((given) => ({ given, meaning: partMeaning(given, direction, around) }));
  const bad = parts.find(({ meaning }) => meaning?.kind === 'wrong')?.meaning;
  if (bad) return bad;
  if (options.has('--next')) return impossible('nft does not ask for several transformations as one policy');
  const told = parts.flatMap(({ meaning }) => (meaning ? [meaning] : []));
  const untold = parts.filter(({ given: { name } }) => name === '--proto' || name === '--mode');
  const [first] = untold;
  const known = told.some((meaning) => meaning.kind === 'means' && meaning.statements.length > 0);
  if (first && (!known || first.given.negated))
    return impossible(`nft does not ask for the ${first.given.name.slice(2)} of a transformation`);
  if (!known) return means(transformed(direction, true));
  const widened = untold.map(({ given: { name, values } }) => `\`${name} ${values[0]}\``).join(' and ');
  const notes = [
    ...(first ? [`${widened} is not asked: nft takes it from what else is asked of the transformation`] : []),
    'only the first transformation of a packet is asked',
  ];
  return inOrder([...told, { ...means(), note: notes.join('; ') }]);
}

export const policy: Module = {
  name: 'policy',
  families: BOTH,
  options: {
    '--dir': { values: 1 },
    '--pol': { values: 1 },
    '--strict': { values: 0 },
    '--reqid': ONE,
    '--spi': ONE,
    '--proto': ONE,
    '--mode': ONE,
    '--tunnel-src': ONE,
    '--tunnel-dst': ONE,
    '--next': { values: 0, repeats: true },
  },
  needsOption: true,
  read(options, around) {
    const [direction, asked = 'ipsec'] = [options.value('--dir'), options.value('--pol')];
    if (direction !== 'in' && direction !== 'out')
      return wrong('policy needs `--dir in` or `--dir out`', options.find('--dir')?.span);
    if (PLACES[direction].test(around.chain))
      return wrong(`\`--dir ${direction}\` may not stand in ${around.chain}`, options.find('--dir')?.span);
    if (asked !== 'ipsec' && asked !== 'none')
      return wrong('expected `--pol ipsec` or `--pol none`', options.find('--pol')?.span);
    const elements = options.all.filter(({ name }) => !/^--(dir|pol)$/.test(name));
    if (asked === 'ipsec') return elementMeaning(options, direction, around);
    const [extra] = elements;
    return extra
      ? wrong(`\`${extra.name}\` does not go with \`--pol none\``, extra.span)
      : means(transformed(direction, false));
  },
};
