import type { FieldName } from '../../../../../dsl/ruleset/fields';
import { anonymousSet, field, match, symbol } from '../../../../../dsl/ruleset/nodes';
import { readValue } from '../../../../../dsl/ruleset/value';
import { BOTH, impossible, type Module, means, perOption, wrong } from '../module';
import { addressNumber, addressRange, isBackward, NEVER } from '../values';

const ONE = { values: 1, negatable: true } as const;

export const mac: Module = perOption(
  { name: 'mac', families: BOTH, options: { '--mac-source': ONE } },
  ({ negated, values: [value = ''] }) =>
    /^[0-9a-f]{1,2}(:[0-9a-f]{1,2}){5}$/i.test(value)
      ? means(match(field('ether saddr'), negated ? '!=' : '==', readValue(inFull(value), 'ether_addr')))
      : wrong(`\`${value}\` is not a MAC address`),
);

function inFull(mac: string): string {
  return mac
    .toLowerCase()
    .split(':')
    .map((byte) => byte.padStart(2, '0'))
    .join(':');
}

export const iprange: Module = perOption(
  { name: 'iprange', families: BOTH, options: { '--src-range': ONE, '--dst-range': ONE } },
  ({ name, negated, values: [value = ''] }, { family }) => {
    if (isBackward(value, (word) => addressNumber(word, family), '-')) return negated ? means() : means(NEVER);
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

/** In the order in which words that are cut short are looked up in them; no route is of the last three (libxt_addrtype.c). */
const TYPE_WORDS: readonly string[] = [...Object.keys(ADDRESS_TYPES), 'THROW', 'NAT', 'XRESOLVE'];

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
      const words = (values[0] ?? '').split(',').map((word) => word.toUpperCase());
      const names = words.map((word) => (word === '' ? undefined : TYPE_WORDS.find((one) => one.startsWith(word))));
      if (names.includes(undefined)) return wrong(`\`${values[0]}\` is not a type of address`, span);
      const known = names.flatMap((word) => ADDRESS_TYPES[word ?? ''] ?? []);
      if (known.length === 0) {
        if (!negated) matches.push(NEVER);
        continue;
      }
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
