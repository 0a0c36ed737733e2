import type { Recipe } from '../recipe';

const EXAMPLES = '/usr/share/doc/ferm/examples';
const example = (file: string) => ({
  name: file.replace(/\.ferm$/, ''),
  script: `test -e ${EXAMPLES}/${file} || gunzip -k ${EXAMPLES}/${file}.gz
ferm ${EXAMPLES}/${file}`,
});

const config = (name: string, text: string) => ({
  name,
  files: { '/etc/ferm/corpus.conf': text },
  script: 'ferm /etc/ferm/corpus.conf',
});

export const FERM: Recipe = {
  software: 'ferm',
  packages: ['ferm'],
  entries: [
    { name: 'debian-default', script: 'ferm /etc/ferm/ferm.conf' },
    ...['ipv6.ferm', 'webserver.ferm', 'workstation.ferm', 'dsl_router.ferm'].map(example),
    config(
      'functions',
      `@def $OUTER = eth0;
@def $INNER = (eth1 eth2);
@def &FORWARD($proto, $port, $host) = {
  table filter chain FORWARD interface $OUTER daddr $host proto $proto dport $port ACCEPT;
  table nat chain PREROUTING interface $OUTER daddr 198.51.100.10 proto $proto dport $port DNAT to $host;
}
domain (ip ip6) table filter {
  chain INPUT {
    policy DROP;
    mod state state INVALID DROP;
    mod state state (ESTABLISHED RELATED) ACCEPT;
    interface lo ACCEPT;
    proto tcp dport (ssh 25 80 443) @subchain { mod limit limit 5/s limit-burst 10 ACCEPT; LOG log-prefix "too many: "; DROP; }
    proto udp dport 33434:33523 REJECT;
  }
  chain FORWARD policy DROP;
  chain OUTPUT policy ACCEPT;
}
domain ip {
  &FORWARD(tcp, http, 192.168.1.20);
  &FORWARD(tcp, smtp, 192.168.1.21);
  &FORWARD((tcp udp), domain, 192.168.1.22);
  table nat chain POSTROUTING saddr 192.168.1.0/24 outerface $OUTER MASQUERADE;
  table mangle chain FORWARD interface $INNER proto tcp tcp-flags (SYN RST) SYN TCPMSS clamp-mss-to-pmtu;
  table raw chain PREROUTING saddr @ipfilter((10.0.0.0/8 172.16.0.0/12 2001:db8::/32)) interface $OUTER DROP;
  table filter chain INPUT {
    proto icmp icmp-type (echo-request echo-reply destination-unreachable) ACCEPT;
    saddr ! 192.168.1.2 proto tcp dport 8080 DROP;
    mod connlimit connlimit-above 4 connlimit-mask 24 proto tcp syn DROP;
    mod recent name "ssh" update seconds 60 hitcount 4 proto tcp dport 22 DROP;
    proto tcp mod multiport destination-ports (135 137:139 445) DROP;
    mod comment comment "last word" REJECT reject-with icmp-admin-prohibited;
  }
}
`,
    ),
  ],
};
