import { oneOf, type Random } from './random';

/** A ruleset to be loaded with one of the tools, and addresses that it and the packets for it speak of. */
export interface RandomRules {
  readonly tool: 'nft' | 'iptables' | 'ip6tables';
  readonly family: 4 | 6;
  readonly text: string;
  readonly addresses: Addresses;
}

export interface Addresses {
  /** Behind eth0. */
  readonly clients: readonly string[];
  /** Behind eth1. */
  readonly servers: readonly string[];
  readonly local: readonly string[];
  /** What packets are translated to. */
  readonly targets: readonly string[];
  readonly blocks: readonly string[];
}

/** `batch` keeps the connections of one ruleset apart from those of the others. */
export function randomRules(below: Random, batch: number): RandomRules {
  const family = below(3) === 0 ? 6 : 4;
  const addresses = family === 4 ? ipv4Addresses(batch) : ipv6Addresses(batch);
  const tool = below(2) === 0 ? 'nft' : family === 4 ? 'iptables' : 'ip6tables';
  const text = tool === 'nft' ? nftText(below, family, addresses) : iptablesText(below, family, addresses);
  return { tool, family, text, addresses };
}

function ipv4Addresses(batch: number): Addresses {
  const [a, b] = [64 + (batch % 60), Math.floor(batch / 60) % 200];
  return {
    clients: [`10.${a}.${b}.1`, `10.${a}.${b}.130`, `10.${a}.${b}.7`],
    servers: [`198.${a}.${b}.1`, `198.${a}.${b}.130`, `198.${a}.${b}.7`],
    local: ['10.0.0.1', '10.0.1.1'],
    targets: ['10.0.1.50', '10.0.0.1', `198.${a}.${b}.50`, `10.${a}.${b}.50`],
    blocks: [`10.${a}.${b}.0/25`, `198.${a}.${b}.128/25`, '10.0.0.0/8', '198.0.0.0/8', `10.${a}.${b}.0/29`],
  };
}

function ipv6Addresses(batch: number): Addresses {
  const a = (batch % 60000).toString(16);
  return {
    clients: [`fd64:${a}::1`, `fd64:${a}::8000:1`, `fd64:${a}::7`],
    servers: [`fd99:${a}::1`, `fd99:${a}::8000:1`, `fd99:${a}::7`],
    local: ['fd00::1', 'fd00:1::1'],
    targets: ['fd00:1::50', 'fd00::1', `fd99:${a}::50`, `fd64:${a}::50`],
    blocks: [`fd64:${a}::/97`, `fd99:${a}::8000:0/97`, 'fd64::/16', 'fd99::/16', `fd64:${a}::/125`],
  };
}

interface BaseChain {
  readonly name: string;
  readonly head: string;
  readonly statements: readonly string[];
}

const COMMON = ['accept', 'return', 'jump one', 'jump two', 'goto one', 'counter', 'continue'];
const MARKS = [
  'meta mark set 1',
  'meta mark set meta mark or 4',
  'meta mark set meta mark and 3',
  'meta mark set meta mark xor 6',
  'meta mark set ct mark',
  'ct mark set meta mark',
  'ct mark set 2',
];

function nftText(below: Random, family: 4 | 6, addresses: Addresses): string {
  const ip = family === 4 ? 'ip' : 'ip6';
  const { targets } = addresses;
  const wrapped = (address: string) => (family === 4 ? address : `[${address}]`);
  const reject = [
    'reject',
    family === 4 ? 'reject with icmp type admin-prohibited' : 'reject with icmpv6 type addr-unreachable',
    'reject with icmpx type host-unreachable',
    'meta l4proto tcp reject with tcp reset',
  ];
  const dnat = [
    `dnat ${ip} to ${oneOf(below, targets)}`,
    `meta l4proto { tcp, udp } dnat ${ip} to ${wrapped(oneOf(below, targets))}:${oneOf(below, [80, 8080])}`,
    `dnat ${ip} to ${ip} daddr map { ${addresses.servers[0]} : ${oneOf(below, targets)}, ${addresses.local[0]} : ${oneOf(below, targets)} }`,
    `dnat ${ip} to meta l4proto . th dport map { tcp . 80 : ${oneOf(below, targets)} . 8080, udp . 53 : ${oneOf(below, targets)} . 53 }`,
  ];
  const redirect = family === 4 ? ['redirect', 'meta l4proto tcp redirect to :8080'] : [];
  const bases: readonly BaseChain[] = [
    {
      name: 'raw_pre',
      head: 'filter hook prerouting priority -300',
      statements: [...COMMON, 'drop', 'notrack', ...MARKS.slice(0, 4)],
    },
    { name: 'mangle_pre', head: 'filter hook prerouting priority -150', statements: [...COMMON, 'drop', ...MARKS] },
    {
      name: 'nat_pre',
      head: 'nat hook prerouting priority -100',
      statements: ['accept', 'return', 'jump one', 'counter', ...dnat, ...dnat, ...redirect],
    },
    { name: 'late_pre', head: 'filter hook prerouting priority 0', statements: [...COMMON, 'drop', ...MARKS] },
    { name: 'input', head: 'filter hook input priority 0', statements: [...COMMON, 'drop', ...reject, ...MARKS] },
    {
      name: 'forward',
      head: 'filter hook forward priority 0',
      statements: [...COMMON, 'drop', 'drop', ...reject, ...MARKS],
    },
    { name: 'forward_late', head: 'filter hook forward priority 10', statements: [...COMMON, 'drop', ...reject] },
    { name: 'output', head: 'filter hook output priority 0', statements: [...COMMON, 'drop', ...reject, ...MARKS] },
    { name: 'nat_out', head: 'nat hook output priority -100', statements: ['accept', 'return', ...dnat] },
    {
      name: 'nat_post',
      head: 'nat hook postrouting priority 100',
      statements: ['accept', 'return', 'jump one', 'masquerade', `snat ${ip} to ${oneOf(below, addresses.targets)}`],
    },
    { name: 'mangle_post', head: 'filter hook postrouting priority -150', statements: [...COMMON, 'drop', ...MARKS] },
  ];
  const chosen = bases.filter(() => below(2) === 0);
  const chains = chosen.map(({ name, head, statements }) => {
    const policy = head.startsWith('filter') && below(4) === 0 ? 'drop' : 'accept';
    const rules = Array.from({ length: below(6) }, () => {
      const matches = nftMatches(below, family, addresses, name);
      return `    ${[...matches, nftVerdict(below, oneOf(below, statements))].join(' ')}`;
    });
    return `  chain ${name} {\n    type ${head}; policy ${policy};\n${rules.join('\n')}\n  }`;
  });
  const inner = (name: string, statements: readonly string[]) => {
    const rules = Array.from({ length: below(5) }, () => {
      const matches = nftMatches(below, family, addresses, name);
      return `    ${[...matches, nftVerdict(below, oneOf(below, statements))].join(' ')}`;
    });
    return `  chain ${name} {\n${rules.join('\n')}\n  }`;
  };
  const two = inner('two', ['accept', 'drop', 'return', 'counter', 'continue', ...MARKS]);
  const one = inner('one', ['accept', 'drop', 'return', 'jump two', 'goto two', 'counter', ...MARKS]);
  const set = `  set known { type ${family === 4 ? 'ipv4_addr' : 'ipv6_addr'}; flags interval; elements = { ${disjoint(addresses)} } }`;
  const pairs = `  set pairs { type ${family === 4 ? 'ipv4_addr' : 'ipv6_addr'} . inet_service; elements = { ${addresses.servers.map((address, at) => `${address} . ${[80, 53, 443][at]}`).join(', ')} } }`;
  const leads = `  map leads { type inet_service : verdict; elements = { 80 : accept, 53 : ${oneOf(below, ['drop', 'continue', 'jump two'])}, 443 : ${oneOf(below, ['accept', 'goto two', 'return'])} } }`;
  return `table inet rules {\n${[set, pairs, two, leads, one, ...chains].join('\n')}\n}\n`;
}

function disjoint({ clients, servers, blocks }: Addresses): string {
  return [blocks[1], clients[1], clients[2], servers[0]].join(', ');
}

function nftVerdict(below: Random, statement: string): string {
  return below(8) === 0 && statement !== 'notrack' && !/nat|reject|masq|redirect/.test(statement)
    ? `counter ${statement}`.replace('counter counter', 'counter')
    : statement;
}

function nftMatches(
  below: Random,
  family: 4 | 6,
  { clients, servers, local, blocks }: Addresses,
  chain: string,
): string[] {
  const ip = family === 4 ? 'ip' : 'ip6';
  const late = /input|forward|output|post|late|nat/.test(chain);
  const all = [...clients, ...servers, ...local];
  const matches = [
    'meta l4proto tcp',
    'meta l4proto { tcp, udp }',
    'meta l4proto != udp',
    'tcp dport 80',
    'tcp dport { 80, 443, 8000-8100 }',
    'tcp dport != 80-100',
    'udp dport 53',
    ...(chain === 'two' ? [] : ['udp dport vmap @leads']),
    'th dport 80',
    'th sport < 30000',
    'tcp flags & (syn|ack) == syn',
    'tcp flags syn / syn,ack',
    'tcp flags ack',
    'tcp flags & (fin|syn|rst|ack) != syn',
    'icmp type echo-request',
    'icmpv6 type { echo-request, echo-reply }',
    `${ip} saddr ${oneOf(below, all)}`,
    `${ip} saddr ${oneOf(below, blocks)}`,
    `${ip} saddr != ${oneOf(below, blocks)}`,
    `${ip} daddr { ${oneOf(below, clients)}, ${oneOf(below, servers)} }`,
    `${ip} daddr != ${oneOf(below, all)}`,
    `${ip} daddr ${servers[0]}-${servers[2]}`,
    `${ip} saddr @known`,
    `${ip} daddr != @known`,
    `${ip} daddr . th dport @pairs`,
    `${ip} saddr . ${ip} daddr { ${clients[0]} . ${servers[0]}, ${clients[1]} . ${local[0]} }`,
    'iifname "eth0"',
    'iifname "eth*"',
    'iifname != "eth1"',
    'iifname . meta l4proto { "eth0" . tcp, "eth1" . udp }',
    'meta mark 1',
    'meta mark != 0',
    'meta mark & 4 == 4',
    'meta mark and 0x3 != 0x1',
    'meta mark 1-4',
    'ct state new',
    'ct state established,related',
    'ct state { invalid, untracked }',
    'ct state != established',
    'ct state vmap { invalid : drop, established : accept }',
    'ct direction reply',
    'ct mark 2',
    'fib daddr type local',
    'fib daddr type != { local, broadcast }',
    ...(/nat|one|two/.test(chain) ? [] : ['meta nfproto ipv4']),
    ...(late ? ['ct status dnat', 'ct status & dnat == 0', 'ct status snat'] : []),
    ...(/forward|post|output|nat_out/.test(chain)
      ? ['oifname "eth1"', 'oifname != "eth1"', 'oifname { "eth0", "lo" }']
      : []),
  ];
  const count = below(3);
  const fits = /iifname/.exec(chain)
    ? matches
    : /post|output|nat_out/.test(chain)
      ? matches.filter((match) => chain.includes('post') || !match.includes('iifname'))
      : matches;
  return Array.from({ length: count }, () => oneOf(below, fits));
}

function iptablesText(below: Random, family: 4 | 6, addresses: Addresses): string {
  const { targets } = addresses;
  const wrapped = (address: string) => (family === 4 ? address : `[${address}]`);
  const reject =
    family === 4
      ? ['REJECT', 'REJECT --reject-with icmp-host-prohibited']
      : ['REJECT', 'REJECT --reject-with icmp6-addr-unreachable'];
  const marks = [
    'MARK --set-mark 1',
    'MARK --set-xmark 0x2/0x3',
    'MARK --or-mark 4',
    'MARK --and-mark 3',
    'MARK --xor-mark 6',
    'CONNMARK --save-mark',
    'CONNMARK --restore-mark',
    'CONNMARK --set-xmark 0x2/0xff',
    'CONNMARK --restore-mark --nfmask 0x1 --ctmask 0x3',
  ];
  const chains = ['ACCEPT', 'DROP', 'RETURN', 'one', 'two'];
  const tables: readonly { name: string; chains: readonly (readonly [string, readonly string[]])[] }[] = [
    {
      name: 'raw',
      chains: [
        ['PREROUTING', [...chains, 'CT --notrack']],
        ['OUTPUT', chains],
      ],
    },
    {
      name: 'mangle',
      chains: ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'].map(
        (chain) => [chain, [...chains, ...marks, ...marks]] as const,
      ),
    },
    {
      name: 'nat',
      chains: [
        [
          'PREROUTING',
          [
            'ACCEPT',
            'RETURN',
            'one',
            `DNAT --to-destination ${oneOf(below, targets)}`,
            `-p tcp DNAT --to-destination ${wrapped(oneOf(below, targets))}:8080`,
            ...(family === 4 ? ['REDIRECT', '-p tcp REDIRECT --to-ports 8080'] : []),
          ],
        ],
        ['OUTPUT', ['ACCEPT', 'RETURN', `DNAT --to-destination ${oneOf(below, targets)}`]],
        ['POSTROUTING', ['ACCEPT', 'RETURN', 'one', 'MASQUERADE', `SNAT --to-source ${oneOf(below, targets)}`]],
      ],
    },
    {
      name: 'filter',
      chains: ['INPUT', 'FORWARD', 'OUTPUT'].map(
        (chain) => [chain, [...chains, 'DROP', ...reject, '-p tcp REJECT --reject-with tcp-reset', '-g one']] as const,
      ),
    },
  ];
  const lines = tables
    .filter(() => below(3) > 0)
    .flatMap((table) => {
      const builtin = table.chains.map(
        ([chain]) => `:${chain} ${table.name === 'filter' && below(4) === 0 ? 'DROP' : 'ACCEPT'} [0:0]`,
      );
      const rules = Array.from({ length: below(10) }, () => {
        const [chain, wanted] = oneOf(below, table.chains);
        return iptablesRule(below, family, addresses, chain, oneOf(below, wanted));
      });
      const inner = ['one', 'two'].flatMap((chain) =>
        Array.from({ length: below(4) }, () =>
          iptablesRule(
            below,
            family,
            addresses,
            chain,
            oneOf(
              below,
              table.name === 'nat'
                ? ['ACCEPT', 'RETURN']
                : [
                    'ACCEPT',
                    'DROP',
                    'RETURN',
                    ...(chain === 'one' ? ['two'] : []),
                    ...(table.name === 'mangle' ? marks : []),
                  ],
            ),
          ),
        ),
      );
      return [`*${table.name}`, ...builtin, ':one - [0:0]', ':two - [0:0]', ...rules, ...inner, 'COMMIT'];
    });
  return `${lines.join('\n')}\n`;
}

function iptablesRule(
  below: Random,
  family: 4 | 6,
  { clients, servers, local, blocks }: Addresses,
  chain: string,
  target: string,
): string {
  const all = [...clients, ...servers, ...local];
  const proto = /^-p (\w+) (.*)$/.exec(target);
  const protocol = proto?.[1] ?? oneOf(below, ['', '', 'tcp', 'udp', family === 4 ? 'icmp' : 'ipv6-icmp']);
  const not = () => (below(4) === 0 ? '! ' : '');
  const ofProtocol: Record<string, readonly string[]> = {
    tcp: [
      `${not()}--dport 80`,
      '--dport 80:443',
      `${not()}--syn`,
      '--sport 1024:40000',
      '--tcp-flags SYN,ACK SYN',
      '-m multiport --dports 80,443',
      '-m multiport --ports 80,9000:9100',
      `${not()}--tcp-flags ALL ACK`,
    ],
    udp: ['--dport 53', `${not()}--dport 53`, '-m multiport --dports 53,80:90', '--sport 53'],
    icmp: ['--icmp-type echo-request', `${not()}--icmp-type echo-reply`],
    'ipv6-icmp': ['--icmpv6-type echo-request', `${not()}--icmpv6-type echo-reply`],
  };
  const general = [
    `${not()}-s ${oneOf(below, all)}`,
    `${not()}-s ${oneOf(below, blocks)}`,
    `${not()}-d ${oneOf(below, all)}`,
    `${not()}-d ${oneOf(below, blocks)}`,
    `-m iprange --dst-range ${servers[0]}-${servers[2]}`,
    `-m mark ${not()}--mark 1`,
    `-m mark --mark 0x4/0x4`,
    `-m connmark ${not()}--mark 2`,
    `-m conntrack ${not()}--ctstate NEW`,
    '-m conntrack --ctstate ESTABLISHED,RELATED',
    '-m conntrack --ctstate INVALID,UNTRACKED',
    '-m conntrack --ctstate DNAT',
    '-m conntrack --ctstate NEW,SNAT',
    '-m conntrack --ctdir REPLY',
    '-m state --state NEW',
    `-m addrtype ${not()}--dst-type LOCAL`,
    ...(/PRE|INPUT|FORWARD|one/.test(chain) && chain !== 'one'
      ? [`${not()}-i eth0`, '-i eth+', `${not()}-i eth1`]
      : []),
    ...(/POST|OUTPUT|FORWARD/.test(chain) ? [`${not()}-o eth1`, '-o eth+'] : []),
  ];
  // Negation stands before an option, after its match is named.
  const tidy = (text: string) => text.replace(/(-m \w+) ! (--\S+)/, '$1 ! $2');
  const seen = new Set<string>();
  const matches = Array.from({ length: below(3) }, () => oneOf(below, general)).filter((match) => {
    const key = match
      .replace('! ', '')
      .split(' ')
      .slice(0, match.startsWith('-m') ? 2 : 1)
      .join(' ');
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
  const words = [
    `-A ${chain}`,
    protocol === '' ? '' : `-p ${protocol}${below(2) === 0 ? ` ${oneOf(below, ofProtocol[protocol] ?? [''])}` : ''}`,
    ...matches.map(tidy),
    /^-g/.test(target) ? target : `-j ${proto?.[2] ?? target}`,
  ];
  return words.filter((word) => word !== '').join(' ');
}
