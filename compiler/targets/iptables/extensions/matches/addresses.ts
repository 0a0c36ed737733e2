import type { FieldName } from '../../../../../dsl/ruleset/fields';
import { anonymousSet, field, match, symbol } from '../../../../../dsl/ruleset/nodes';
import { readValue } from '../../../../../dsl/ruleset/value';
import { BOTH, impossible, type Module, means, perOption, wrong } from '../module';
import { addressRange } from '../values';

const ONE = { values: 1, negatable: true } as const;

export const mac: Module = perOption(
  { name: 'mac', families: BOTH, options: { '--mac-source': ONE } },
  ({ negated, values: [value = ''] }) =>
    /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i.test(value)
      ? means(match(field('ether saddr'), negated ? '!=' : '==', readValue(value.toLowerCase(), 'ether_addr')))
      : wrong(`\`${value}\` is not a MAC address`),
);

export const iprange: Module = perOption(
  { name: 'iprange', families: BOTH, options: { '--src-range': ONE, '--dst-range': ONE } },
  ({ name, negated, values: [value = ''] }, { family }) => {
    const range = addressRange(value, family);
    if (!range) return wrong(`\`${value}\` is not a range of addresses`);
    const left = field(`${family} ${name === '--src-range' ? 'saddr' : 'daddr'}` as FieldName);
    return means(match(left, negated ? '!=' : '==', range));
  },
);

const ADDRESS_TYPES: Readonly<Record<string, string>> = {
  UNSPEC: 'unspec',
  UNICAST: 'unicast',
  LOCAL: 'local',
  BROADCAST: 'broadcast',
  ANYCAST: 'anycast',
  MULTICAST: 'multicast',
  BLACKHOLE: 'blackhole',
  UNREACHABLE: 'unreachable',
  PROHIBIT: 'prohibit',
};

type Asked = Parameters<typeof match>;

/**
 * ip6tables asks the address itself whether it is one for many, for one or for none, and routes for the rest only; of
 * several types the address has to be all (xt_addrtype.c, match_type6). Undefined: it takes no such type.
 */
function ofKinds(
  types: readonly string[],
  key: 'saddr' | 'daddr',
  limited: readonly ('iif' | 'oif')[],
): Asked[] | undefined {
  if (types.some((type) => !/^(unspec|unicast|local|anycast|multicast|unreachable)$/.test(type))) return undefined;
  const address = field(`ip6 ${key}`);
  const [none, many] = [readValue('::', 'ipv6_addr'), readValue('ff00::/8', 'ipv6_addr')];
  const routed = types.filter((type) => /^(local|anycast|unreachable)$/.test(type)).map(symbol);
  const [only, second] = routed;
  return [
    ...(types.includes('multicast') ? [[address, '==', many] satisfies Asked] : []),
    ...(types.includes('unicast') ? [[address, '!=', anonymousSet(none, many)] satisfies Asked] : []),
    ...(types.includes('unspec') ? [[address, '==', none] satisfies Asked] : []),
    ...(only
      ? [
          [
            { kind: 'fib', keys: [key, ...limited], result: 'type' },
            '==',
            second ? anonymousSet(...routed) : only,
          ] satisfies Asked,
        ]
      : []),
  ];
}

export const addrtype: Module = {
  name: 'addrtype',
  families: BOTH,
  options: {
    '--src-type': ONE,
    '--dst-type': ONE,
    '--limit-iface-in': { values: 0 },
    '--limit-iface-out': { values: 0 },
  },
  read(options, { family }) {
    const limited = options.has('--limit-iface-in')
      ? (['iif'] as const)
      : options.has('--limit-iface-out')
        ? (['oif'] as const)
        : [];
    const matches = [];
    for (const { name, negated, values, span } of options.all) {
      if (name !== '--src-type' && name !== '--dst-type') continue;
      const names = (values[0] ?? '').split(',').map((word) => ADDRESS_TYPES[word.toUpperCase()]);
      const known = names.filter((word) => word !== undefined);
      if (known.length < names.length) return wrong(`\`${values[0]}\` is not a type of address`, span);
      const [only] = known;
      const right = known.length === 1 && only ? symbol(only) : anonymousSet(...known.map(symbol));
      const key = name === '--src-type' ? 'saddr' : 'daddr';
      if (family === 'ip6') {
        const asked = ofKinds(known, key, limited);
        if (!asked) return wrong(`\`${values[0]}\` is no type that addresses of IPv6 have`, span);
        if (negated && asked.length > 1)
          return impossible('nft has no word for addresses that are not of several types at once');
        matches.push(...asked.map(([left, op, right]) => match(left, negated === (op === '==') ? '!=' : '==', right)));
        continue;
      }
      matches.push(match({ kind: 'fib', keys: [key, ...limited], result: 'type' }, negated ? '!=' : '==', right));
    }
    return means(...matches);
  },
};
