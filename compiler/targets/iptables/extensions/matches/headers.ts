import type { FieldName } from '../../../../../dsl/ruleset/fields';
import { ct, field, match, number, symbol, text } from '../../../../../dsl/ruleset/nodes';
import { DSCP_CLASSES } from '../classes';
import { BOTH, type Module, means, perOption, wrong } from '../module';
import { numberRange, wholeNumber } from '../values';

const ONE = { values: 1, negatable: true } as const;

export const length: Module = perOption(
  { name: 'length', families: BOTH, options: { '--length': ONE } },
  ({ negated, values: [value = ''] }) => {
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
      options: { [`--${name}-eq`]: ONE, [`--${name}-lt`]: { values: 1 }, [`--${name}-gt`]: { values: 1 } },
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

export const pkttype: Module = perOption(
  { name: 'pkttype', families: BOTH, options: { '--pkt-type': ONE } },
  ({ negated, values: [value = ''] }) =>
    /^(unicast|broadcast|multicast)$/.test(value)
      ? means(match(field('meta pkttype'), negated ? '!=' : '==', symbol(value === 'unicast' ? 'host' : value)))
      : wrong(`\`${value}\` is not unicast, broadcast or multicast`),
);

export const owner: Module = perOption(
  {
    name: 'owner',
    families: BOTH,
    options: {
      '--uid-owner': ONE,
      '--gid-owner': ONE,
      '--socket-exists': { values: 0, negatable: true },
      '--suppl-groups': { values: 0 },
    },
  },
  ({ name, negated, values: [value = ''] }) => {
    if (!name.endsWith('id-owner')) return { kind: 'impossible', reason: `nft does not ask \`${name}\`` };
    const range = numberRange(value, 0xffffffffn, '-');
    const user = range ?? (value === 'root' ? number(0) : undefined);
    if (!user) return { kind: 'impossible', reason: `\`${value}\` is a name of this host; give its number` };
    return means(match(field(name === '--uid-owner' ? 'meta skuid' : 'meta skgid'), negated ? '!=' : '==', user));
  },
);

export const helper: Module = perOption(
  { name: 'helper', families: BOTH, options: { '--helper': ONE } },
  ({ negated, values: [value = ''] }) => means(match(ct('helper'), negated ? '!=' : '==', text(value))),
);
