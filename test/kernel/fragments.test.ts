import { PUT_TOGETHER_AT } from '../../compiler/meaning/journey';
import { execute } from '../support/lab';

const chain = (name: string, priority: number) =>
  `chain ${name} { type filter hook prerouting priority ${priority}; ip frag-off & 0x1fff != 0 counter; }\n`;

const RULES = `table ip t {
${chain('before', PUT_TOGETHER_AT - 1)}${chain('there', PUT_TOGETHER_AT)}${chain('behind', PUT_TOGETHER_AT + 1)}
chain input { type filter hook input priority 0; ct state new counter; }
}
`;

/** Three fragments of one datagram, from the host to itself. */
const SEND =
  'use Socket; socket(my $s, PF_INET, SOCK_DGRAM, 17); send($s, "x" x 4000, 0, pack_sockaddr_in(5000, inet_aton("127.0.0.1")));';

test('where conntrack is in use fragments come to chains before it as they are, and whole to others', () => {
  const script = 'ip link set lo up mtu 1500 && nft -f - && perl -e "$1" && sleep 0.2 && nft --json list ruleset';
  const { stdout, stderr } = execute('unshare', ['--net', 'sh', '-c', script, 'sh', SEND], RULES);
  expect(stderr).toBe('');
  const { nftables } = JSON.parse(stdout) as {
    nftables: { rule?: { chain: string; expr: { counter?: { packets: number } }[] } }[];
  };
  const counted = nftables.flatMap(({ rule }) =>
    rule ? [[rule.chain, rule.expr.find(({ counter }) => counter)?.counter?.packets]] : [],
  );
  expect(Object.fromEntries(counted)).toEqual({ before: 2, there: 0, behind: 0, input: 1 });
});
