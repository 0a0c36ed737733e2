import { compareOnce, compareRules, type Told } from '../support/agreement';
import { Kernel } from '../support/kernel';

let kernel: Kernel;
beforeAll(() => {
  kernel = new Kernel();
});
afterAll(() => kernel.close());

test('random rulesets: the model says of every packet what the kernel did', async () => {
  const counts = { packets: 0, disagreements: [] as unknown[] };
  for (let seed = 1; counts.packets < 1000; seed++) {
    const { compared, disagreements } = await compareOnce(kernel, seed, 40);
    counts.packets += compared;
    counts.disagreements.push(...disagreements);
  }
  expect(counts.disagreements).toEqual([]);
});

const PACKET: Told = {
  id: 1,
  family: 4,
  in: 'eth0',
  source: '10.127.0.1',
  destination: '198.51.100.1',
  kind: 'udp',
  sourcePort: 40000,
  destinationPort: 53,
  detail: 0,
  established: false,
  reply: false,
};

/** What the model once said otherwise than the kernel. */
const PAST: readonly (readonly [what: string, tool: 'nft' | 'iptables', text: string, packet: Partial<Told>])[] = [
  [
    'before conntrack there is no connection whose mark could be set',
    'nft',
    `table inet rules {
  chain early {
    type filter hook prerouting priority -300; policy accept;
    ct mark set 2
  }
  chain forward {
    type filter hook forward priority 0; policy accept;
    meta mark set ct mark
  }
}`,
    {},
  ],
  [
    'the first bytes of an ICMP message are its type and code, also to who asks for a port',
    'nft',
    `table inet rules {
  chain forward {
    type filter hook forward priority 0; policy accept;
    th sport < 30000 drop
  }
}`,
    { kind: 'icmp', detail: 8 },
  ],
  [
    '`continue` from a verdict map leads on in the same rule',
    'nft',
    `table inet rules {
  map leads {
    type inet_service : verdict
    elements = { 53 : continue }
  }
  chain forward {
    type filter hook forward priority 0; policy accept;
    udp dport vmap @leads meta mark set 4
  }
}`,
    {},
  ],
  [
    'a packet of the host to itself is tracked when it comes in: `notrack` is too late',
    'iptables',
    `*raw
:PREROUTING ACCEPT [0:0]
-A PREROUTING -j CT --notrack
COMMIT
*filter
:INPUT ACCEPT [0:0]
-A INPUT -m conntrack --ctstate NEW -j REJECT
COMMIT
`,
    { in: undefined, source: '10.0.0.1', destination: '10.0.1.1' },
  ],
  [
    'of two chains of one priority the one that was made last is asked first',
    'nft',
    `table inet rules {
  chain first {
    type filter hook forward priority 0; policy accept;
    meta mark 1 drop
  }
  chain second {
    type filter hook forward priority 0; policy accept;
    meta mark set 1
  }
}`,
    {},
  ],
  [
    'a packet that is passed on has one hop less when it is asked for',
    'nft',
    `table inet rules {
  chain forward {
    type filter hook forward priority 0; policy accept;
    ip ttl 63 reject
  }
}`,
    {},
  ],
  [
    'a connection without a helper has none that could be another',
    'nft',
    `table inet rules {
  chain forward {
    type filter hook forward priority 0; policy accept;
    ct helper != "ftp" drop
  }
}`,
    {},
  ],
  [
    "a connection's protocol is that of its first packet",
    'iptables',
    `*filter
:FORWARD ACCEPT [0:0]
-A FORWARD -m conntrack --ctproto 17 -j REJECT
COMMIT
`,
    {},
  ],
  [
    'a packet that is passed on has no sender whose user could be asked for',
    'nft',
    `table inet rules {
  chain forward {
    type filter hook forward priority 0; policy accept;
    meta skuid 0 drop
  }
}`,
    {},
  ],
  [
    'what is no TCP has no option of TCP: it is missing',
    'nft',
    `table inet rules {
  chain forward {
    type filter hook forward priority 0; policy accept;
    tcp option maxseg missing drop
  }
}`,
    {},
  ],
  [
    'an address of IPv6 that the host has is one for a single interface too',
    'iptables',
    `*filter
:INPUT ACCEPT [0:0]
-A INPUT -m addrtype --dst-type UNICAST -j REJECT
COMMIT
`,
    { family: 6, source: 'fd64::1', destination: 'fd00:1::1' },
  ],
  [
    'an echo request has an identifier, other messages have none',
    'nft',
    `table inet rules {
  chain forward {
    type filter hook forward priority 0; policy accept;
    icmp id >= 0 drop
  }
}`,
    { kind: 'icmp', detail: 13 },
  ],
  [
    'a chain of type nat stands where translation does, whatever its priority',
    'nft',
    `table inet rules {
  chain before {
    type filter hook prerouting priority -75; policy accept;
    ip daddr 10.0.1.50 drop
  }
  chain translation {
    type nat hook prerouting priority -50; policy accept;
    dnat ip to 10.0.1.50
  }
}`,
    { sourcePort: 41001 },
  ],
  [
    'chains of type nat are told apart by their priorities among each other',
    'nft',
    `table inet rules {
  chain first {
    type nat hook prerouting priority 50; policy accept;
    dnat ip to 10.0.1.50
  }
  chain second {
    type nat hook prerouting priority -60; policy accept;
    dnat ip to 198.51.100.9
  }
}`,
    { sourcePort: 41002 },
  ],
  [
    'what the host sends to itself is known to conntrack when it comes in',
    'nft',
    `table inet rules {
  chain early {
    type filter hook prerouting priority -300; policy accept;
    iifname "lo" ct state new drop
  }
  chain late {
    type filter hook input priority 0; policy accept;
    ct state new meta mark set 1
  }
}`,
    { in: undefined, source: '10.0.0.1', destination: '10.0.1.1' },
  ],
  [
    'what the host sends to itself is not translated once more when it comes in',
    'nft',
    `table inet rules {
  chain translation {
    type nat hook prerouting priority -100; policy accept;
    udp dport 53 redirect to :5353
  }
  chain input {
    type filter hook input priority 0; policy accept;
    udp dport 53 drop
  }
}`,
    { in: undefined, source: '10.0.0.1', destination: '10.0.1.1' },
  ],
  [
    'who asks what follows an extension header that is not there asks in vain',
    'nft',
    `table inet rules {
  chain forward {
    type filter hook forward priority 0; policy accept;
    dst nexthdr udp drop
  }
}`,
    { family: 6, source: 'fd64::1', destination: 'fd99::1', more: { extension: 'hbh' } },
  ],
  [
    'a set has what was just added',
    'nft',
    `table inet rules {
  set seen {
    type ipv4_addr
    flags dynamic
    size 10
  }
  chain forward {
    type filter hook forward priority 0; policy accept;
    add @seen { ip saddr }
    ip saddr @seen drop
  }
}`,
    {},
  ],
];

test.each(PAST)('%s', async (_, tool, text, packet) => {
  const shot = { ...PACKET, ...packet };
  const { compared, disagreements, refused } = await compareRules(
    kernel,
    { tool: tool === 'iptables' && shot.family === 6 ? 'ip6tables' : tool, family: shot.family, text: `${text}\n` },
    [shot],
  );
  expect({ compared, disagreements, refused }).toEqual({ compared: 1, disagreements: [], refused: undefined });
});
