import type { FieldName } from '../../../../../dsl/ruleset/fields';
import { ct, field, match, number, symbol, text } from '../../../../../dsl/ruleset/nodes';
import { DSCP_CLASSES } from '../classes';
import { BOTH, impossible, type Module, means, perOption, wrong } from '../module';
import { isBackward, NEVER, numberRange, wholeNumber } from '../values';

const ONE = { values: 1, negatable: true } as const;

export const length: Module = perOption(
  { name: 'length', families: BOTH, options: { '--length': ONE } },
  ({ negated, values: [value = ''] }) => {
    if (isBackward(value, (word) => wholeNumber(word, 65535n))) return negated ? means() : means(NEVER);
    const range = numberRange(value, 65535n);
    return range
      ? means(match(field('meta length'), negated ? '!=' : '==', range))
      : wrong(`\`${value}\` is not a length`);
  },
);

function hops(name: 'ttl' | 'hl', of: FieldName): Module {
  return perOption(
    {
      name,
      families: [name === 'ttl' ? 'ip' : 'ip6'],
      options: {
        [`--${name}`]: { ...ONE, is: `--${name}-eq` },
        [`--${name}-eq`]: ONE,
        [`--${name}-lt`]: { values: 1 },
        [`--${name}-gt`]: { values: 1 },
      },
    },
    ({ name: option, negated, values: [value = ''] }) => {
      const count = wholeNumber(value, 255n);
      if (count === undefined) return wrong(`\`${value}\` is not a number up to 255`);
      const op = option.endsWith('-lt') ? '<' : option.endsWith('-gt') ? '>' : negated ? '!=' : '==';
      return means(match(field(of), op, number(count)));
    },
  );
}

export const ttl = hops('ttl', 'ip ttl');
export const hl = hops('hl', 'ip6 hoplimit');

export const dscp: Module = {
  name: 'dscp',
  families: BOTH,
  options: { '--dscp': ONE, '--dscp-class': ONE },
  read(options, { family }) {
    const [given, second] = options.all;
    const value = given?.values[0] ?? '';
    const code = given?.name === '--dscp' ? wholeNumber(value, 63n) : DSCP_CLASSES[value.toLowerCase()];
    if (!given || second || code === undefined)
      return wrong('dscp needs a value up to 0x3f or the name of a class', given?.span);
    const right = given.name === '--dscp' ? number(code) : symbol(value.toLowerCase());
    return means(match(field(`${family} dscp`), given.negated ? '!=' : '==', right));
  },
};

/** libxt_pkttype.c; what is another host's comes to a rule only where an interface listens to all. */
const PACKET_TYPES: Readonly<Record<string, string>> = {
  unicast: 'host',
  host: 'host',
  broadcast: 'broadcast',
  bcast: 'broadcast',
  multicast: 'multicast',
  mcast: 'multicast',
  otherhost: 'other',
};

export const pkttype: Module = perOption(
  { name: 'pkttype', families: BOTH, options: { '--pkt-type': ONE } },
  ({ negated, values: [value = ''] }) => {
    const type = PACKET_TYPES[value.toLowerCase()];
    return type === undefined
      ? wrong(`\`${value}\` is not unicast, broadcast or multicast`)
      : means(match(field('meta pkttype'), negated ? '!=' : '==', symbol(type)));
  },
);

export const helper: Module = perOption(
  { name: 'helper', families: BOTH, options: { '--helper': ONE } },
  ({ negated, values: [value = ''] }) =>
    value === ''
      ? impossible('nft asks for a helper by its name only')
      : means(match(ct('helper'), negated ? '!=' : '==', text(value))),
);
