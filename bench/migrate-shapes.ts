/** Dumps of as many rules as wanted, as different kinds of hosts have them. */
export const SHAPES: Readonly<Record<string, (rules: number) => string>> = {
  server: (rules) =>
    table(
      'filter',
      ['INPUT DROP', 'FORWARD DROP', 'OUTPUT ACCEPT'],
      [],
      [
        '-A INPUT -i lo -j ACCEPT',
        '-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
        ...many(rules - 3, (n) => {
          const from = `${10 + (n % 180)}.${(n >> 3) % 256}.${n % 256}.0/24`;
          return `-A INPUT -s ${from} -p ${n % 4 === 0 ? 'udp -m udp' : 'tcp -m tcp'} --dport ${1000 + ((n * 7) % 20000)} -m comment --comment "service ${n % 97}" -j ACCEPT`;
        }),
        '-A INPUT -m limit --limit 5/min -j LOG --log-prefix "dropped: "',
      ],
    ),
  blacklist: (rules) =>
    table(
      'filter',
      ['INPUT ACCEPT', 'FORWARD ACCEPT', 'OUTPUT ACCEPT'],
      ['f2b-sshd'],
      [
        '-A INPUT -p tcp -m multiport --dports 22 -j f2b-sshd',
        ...many(
          rules - 2,
          (n) =>
            `-A f2b-sshd -s ${address(n)}/32 -j ${n % 1000 === 999 ? 'DROP' : 'REJECT --reject-with icmp-port-unreachable'}`,
        ),
        '-A f2b-sshd -j RETURN',
      ],
    ),
  'kube-proxy': (rules) => {
    const services = Math.max(1, Math.floor(rules / 6));
    const chains = many(services, (n) => [`KUBE-SVC-${key(n)}`, `KUBE-SEP-A${key(n)}`, `KUBE-SEP-B${key(n)}`]).flat();
    return table(
      'nat',
      ['PREROUTING ACCEPT', 'INPUT ACCEPT', 'OUTPUT ACCEPT', 'POSTROUTING ACCEPT'],
      ['KUBE-SERVICES', 'KUBE-MARK-MASQ', 'KUBE-POSTROUTING', ...chains],
      [
        '-A PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES',
        '-A OUTPUT -m comment --comment "kubernetes service portals" -j KUBE-SERVICES',
        '-A POSTROUTING -m comment --comment "kubernetes postrouting rules" -j KUBE-POSTROUTING',
        '-A KUBE-MARK-MASQ -j MARK --set-xmark 0x4000/0x4000',
        '-A KUBE-POSTROUTING -m mark ! --mark 0x4000/0x4000 -j RETURN',
        '-A KUBE-POSTROUTING -j MASQUERADE',
        ...many(services, (n) => {
          const [svc, a, b] = chains.slice(n * 3, n * 3 + 3);
          return [
            `-A KUBE-SERVICES -d 10.96.${(n >> 8) % 256}.${n % 256}/32 -p tcp -m comment --comment "ns/svc-${n}:http cluster IP" -m tcp --dport 80 -j ${svc}`,
            `-A ${svc} -m comment --comment "ns/svc-${n}:http" -m statistic --mode random --probability 0.50000000000 -j ${a}`,
            `-A ${svc} -m comment --comment "ns/svc-${n}:http" -j ${b}`,
            `-A ${a} -s 10.244.${(n >> 7) % 256}.${(n * 2) % 256}/32 -j KUBE-MARK-MASQ`,
            `-A ${a} -p tcp -m tcp -j DNAT --to-destination 10.244.${(n >> 7) % 256}.${(n * 2) % 256}:8080`,
            `-A ${b} -p tcp -m tcp -j DNAT --to-destination 10.244.${(n >> 7) % 256}.${(n * 2 + 1) % 256}:8080`,
          ];
        }).flat(),
      ],
    );
  },
  nested: (rules) => {
    const chains = many(Math.max(1, Math.floor(rules / 10)), (n) => `zone-${n}`);
    return table('filter', ['INPUT DROP', 'FORWARD DROP', 'OUTPUT ACCEPT'], chains, [
      // Eight deep: nft follows fifteen jumps, legacy iptables any number.
      ...chains.filter((_, n) => n % 8 === 0).map((chain) => `-A FORWARD -j ${chain}`),
      ...chains.flatMap((chain, n) => [
        `-A ${chain} -i eth${n % 8} -p icmp -m icmp --icmp-type 8 -j ACCEPT`,
        ...many(
          7,
          (k) =>
            `-A ${chain} -s 10.${n % 256}.${k}.0/24 -d 10.${k}.${n % 256}.0/24 -p tcp -m multiport --dports ${80 + k},${8000 + (n % 1000)} -j ${k % 3 === 0 ? 'DROP' : 'ACCEPT'}`,
        ),
        (n + 1) % 8 !== 0 && n + 1 < chains.length
          ? `-A ${chain} -i eth${n % 8} -j ${chains[n + 1]}`
          : `-A ${chain} -i eth${n % 8} -j DROP`,
        `-A ${chain} -s 172.16.${n % 256}.0/24 -j RETURN`,
      ]),
    ]);
  },
};

function table(name: string, policies: readonly string[], chains: readonly string[], rules: readonly string[]): string {
  return [
    `*${name}`,
    ...policies.map((one) => `:${one} [0:0]`),
    ...chains.map((one) => `:${one} - [0:0]`),
    ...rules,
    'COMMIT',
    '',
  ].join('\n');
}

function many<T>(count: number, of: (n: number) => T): T[] {
  return Array.from({ length: Math.max(0, count) }, (_, n) => of(n));
}

function address(n: number): string {
  const spread = (n * 2_654_435_761) % 0xdfff_ffff;
  return [24, 16, 8, 0].map((shift) => (spread >>> shift) & 255).join('.');
}

function key(n: number): string {
  return n.toString(36).toUpperCase().padStart(6, '0');
}
