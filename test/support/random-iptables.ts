import { MACS } from './kernel';
import { oneOf, type Random } from './random';
import type { Addresses } from './random-rules';

export function iptablesText(below: Random, family: 4 | 6, addresses: Addresses): string {
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
    'CONNMARK --save-mark --nfmask 0x3 --ctmask 0x6',
    'CONNMARK --set-mark 5/7',
    'CONNMARK --and-mark 6',
    'LOG --log-prefix seen',
    'NFLOG --nflog-group 3',
  ];
  const chains = ['ACCEPT', 'DROP', 'RETURN', 'one', 'two'];
  const tables: readonly { name: string; chains: readonly (readonly [string, readonly string[]])[] }[] = [
    {
      name: 'raw',
      chains: [
        ['PREROUTING', [...chains, 'CT --notrack', ...marks]],
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
            `DNAT --to-destination ${oneOf(below, targets)} --random`,
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
      '--tcp-flags ALL NONE',
      '-m multiport ! --dports 80,443',
      '-m multiport --sports 20000:30000',
      '-m conntrack --ctorigdstport 80',
    ],
    udp: [
      '--dport 53',
      `${not()}--dport 53`,
      '-m multiport --dports 53,80:90',
      '--sport 53',
      '-m conntrack --ctorigdstport 53',
    ],
    icmp: [
      '--icmp-type any',
      '--icmp-type 8/1',
      '--icmp-type 0',
      '--icmp-type echo-request',
      `${not()}--icmp-type echo-reply`,
    ],
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
    `-m length ${not()}--length 0:60`,
    '-m length --length 60:100',
    family === 4 ? '-m ttl --ttl-gt 63' : '-m hl --hl-gt 63',
    family === 4 ? `-m ttl ${not()}--ttl-eq 64` : `-m hl ${not()}--hl-eq 64`,
    `-m dscp ${not()}--dscp 8`,
    '-m dscp --dscp-class EF',
    `-m pkttype ${not()}--pkt-type unicast`,
    `-m addrtype ${not()}--src-type LOCAL`,
    '-m addrtype --dst-type UNICAST',
    `-m iprange ${not()}--src-range ${clients[0]}-${clients[2]}`,
    `-m connmark --mark 2/6`,
    '-m mark --mark 1/5',
    '-m conntrack --ctstate SNAT',
    `-m conntrack ${not()}--ctstate NEW,ESTABLISHED`,
    '-m conntrack --ctproto 17',
    `-m conntrack ${not()}--ctorigdst ${servers[0]}`,
    `-m conntrack --ctorigsrc ${oneOf(below, blocks)}`,
    '-m conntrack --ctstatus CONFIRMED',
    `-m conntrack ${not()}--ctstatus SEEN_REPLY`,
    '-m conntrack --ctdir ORIGINAL',
    '-m limit --limit 10000/second --limit-burst 10000',
    '-m comment --comment any',
    ...(/PRE|INPUT|FORWARD/.test(chain) ? [`-m mac ${not()}--mac-source ${MACS.eth0}`] : []),
    ...(chain === 'OUTPUT' ? ['-m owner --uid-owner 0', '-m owner ! --uid-owner 0', '-m owner --uid-owner 5-9'] : []),
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
