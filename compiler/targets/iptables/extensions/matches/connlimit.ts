import { types } from '../../../../../dsl/ruleset/nodes';
import type { NamedSet } from '../../../../../dsl/ruleset/tree';
import { BOTH, type Module, means, wrong } from '../module';
import { addressKey, addressType, lengthMask, wholeNumber } from '../values';

const COUNT = { values: 1, negatable: true } as const;

/** Each rule counts for itself (xt_connlimit.c): a set of its own, whose elements count the connections of an address. */
export const connlimit: Module = {
  name: 'connlimit',
  families: BOTH,
  options: {
    '--connlimit-above': COUNT,
    '--connlimit-upto': COUNT,
    '--connlimit-mask': { values: 1 },
    '--connlimit-saddr': { values: 0 },
    '--connlimit-daddr': { values: 0 },
  },
  read(options, { family, nameFor }) {
    const [above, upto] = [options.find('--connlimit-above'), options.find('--connlimit-upto')];
    const given = above ?? upto;
    const count = given && wholeNumber(given.values[0] ?? '');
    if (count === undefined || (above && upto))
      return wrong('connlimit needs `--connlimit-above` or `--connlimit-upto`, and a number', given?.span);
    if (options.has('--connlimit-saddr') && options.has('--connlimit-daddr'))
      return wrong('`--connlimit-saddr` does not go with `--connlimit-daddr`', options.find('--connlimit-daddr')?.span);
    const bits = family === 'ip' ? 32 : 128;
    // iptables takes longer ones than there are bits for IPv4, where they mean the whole address.
    const length = wholeNumber(options.value('--connlimit-mask') ?? String(bits), family === 'ip' ? 255n : 128n);
    if (length === undefined) return wrong('not the length of a prefix', options.find('--connlimit-mask')?.span);
    const mask = lengthMask(Math.min(Number(length), bits), family);
    const key = addressKey(options.has('--connlimit-daddr') ? 'daddr' : 'saddr', mask, family);
    const counted = {
      kind: 'connlimit',
      count: Number(count),
      over: (above !== undefined) !== given?.negated,
    } as const;
    if (!key) return means(counted);
    const set: NamedSet = {
      name: nameFor('connlimit'),
      key: types(addressType(family)),
      flags: ['dynamic'],
      elements: [],
      origin: { kind: 'program' },
    };
    const statement = { kind: 'set-update', op: 'add', set: set.name, key, statements: [counted] } as const;
    return { ...means(statement), sets: [set] };
  },
};
