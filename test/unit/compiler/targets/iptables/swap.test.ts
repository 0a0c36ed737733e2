import { compile, footprintOf, printSwap, toIptables } from '../../../../../compiler';

/** A host where every part of the program is in use. */
const INTENT = `define lan = { 192.168.1.0/24, fd01::/64 }
network shut { subnet 10.1.0.0/24; subnet fd00:1::/64; icc off; log drops }
network plain { subnet 10.2.0.0/24; subnet fd00:2::/64; nat routed; trusted-interface wg0 }
network inner { subnet 10.3.0.0/24; subnet fd00:3::/64; internal }
container web { network shut; publish 80:80 from lan limit 5/second; publish 53:53/udp; expose 90 }
container app { network shut; network inner; link web }
container open { network plain; publish 81:80; publish 192.0.2.7:82:80 }
deny lan -> plain
deny shut -> plain tcp 22
deny lan -> host tcp 22
deny host -> web udp
allow lan -> shut tcp 443
allow plain -> shut
`;

/** The kernel takes no chain that is led to by sixteen others, one after the other (NFT_JUMP_STACK_SIZE). */
const MOST = 15;

function generation(name: string, family: 'ip' | 'ip6') {
  const outcome = compile([{ name: 'a.tsnet', text: INTENT }]);
  if (!outcome.ok) throw new Error(outcome.diagnostics.map(({ message }) => message).join('\n'));
  const lowered = toIptables(outcome.value, family, { prefix: `TSNET-${name}-`, gates: true, ipset: false });
  if (!lowered.ok) throw new Error(lowered.diagnostics.map(({ message }) => message).join('\n'));
  return lowered.value;
}

/** The longest way through the chains of a restore file, as far as it is rules. */
function longestWay(text: string): readonly string[] {
  const leads = new Map<string, Set<string>>();
  let table = '';
  for (const line of text.split('\n')) {
    if (line.startsWith('*')) table = line;
    const [, chain, further = ''] = /^-A (\S+) .*-[jg] (TSNET-\S+)$/.exec(line) ?? [];
    if (chain === undefined) continue;
    const key = `${table} ${chain}`;
    leads.set(key, (leads.get(key) ?? new Set()).add(`${table} ${further}`));
  }
  const known = new Map<string, readonly string[]>();
  const from = (chain: string): readonly string[] => {
    const before = known.get(chain);
    if (before) return before;
    const ways = [...(leads.get(chain) ?? [])].map(from);
    const way = [chain, ...ways.reduce((one, other) => (other.length > one.length ? other : one), [])];
    known.set(chain, way);
    return way;
  };
  return [...leads.keys()].map(from).reduce((one, other) => (other.length > one.length ? other : one), []);
}

test.each(['ip', 'ip6'] as const)(
  'while two generations of %s are asked, no way through them is too long',
  (family) => {
    const way = longestWay(
      `${printSwap(generation('a', family), undefined).text}${printSwap(generation('b', family), footprintOf(generation('a', family))).text}`,
    );
    expect(way.length).toBeGreaterThan(10);
    expect(way.length <= MOST ? [] : way).toEqual([]);
  },
);
