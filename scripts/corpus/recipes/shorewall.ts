import type { Recipe } from '../recipe';

/** A sample configuration that its own package brings, with our interfaces. */
const sample = (program: 'shorewall' | 'shorewall6', name: string, change = '') => `
samples=/usr/share/doc/${program}/examples/${name}
cp $samples/* /etc/${program}/
gunzip -f /etc/${program}/*.gz 2>/dev/null || true
sed -i 's/^STARTUP_ENABLED=.*/STARTUP_ENABLED=Yes/; s/^LOAD_HELPERS_ONLY=.*/LOAD_HELPERS_ONLY=No/; s/^MODULE_SUFFIX=.*/MODULE_SUFFIX=ko/' /etc/${program}/${program}.conf
ip link add eth2 type veth peer name wire2; ip link set wire2 up; ip link set eth2 up
ip address add 10.1.1.1/24 dev eth2
${change}
${program} start`;

export const SHOREWALL: Recipe = {
  software: 'shorewall',
  packages: ['shorewall', 'shorewall6', 'ipset'],
  entries: [
    { name: 'universal', script: sample('shorewall', 'Universal') },
    { name: 'one-interface', script: sample('shorewall', 'one-interface') },
    { name: 'two-interfaces', script: sample('shorewall', 'two-interfaces') },
    { name: 'three-interfaces', script: sample('shorewall', 'three-interfaces') },
    {
      name: 'two-interfaces-rules',
      script: sample(
        'shorewall',
        'two-interfaces',
        `cat >> /etc/shorewall/rules <<'RULES'
SSH(ACCEPT) net:203.0.113.0/24 $FW
DNAT net loc:192.168.1.20:80 tcp 8080
DNAT- net 192.168.1.20 udp 1000:1010
REDIRECT loc 3128 tcp www - !192.168.1.20
ACCEPT:info net $FW tcp 25 - - 10/min:5
ACCEPT net $FW tcp 8443 - - s:1/min:5
DROP net:~02-00-00-00-00-07 $FW
REJECT loc net tcp 25
ACCEPT net $FW icmp 8
ACCEPT net:198.51.100.1-198.51.100.9 $FW udp 514
ACCEPT net $FW tcp 4000 1024: - - - 0x1/0xff
Limit:none:SSHA,3,60 net $FW tcp 22
dropInvalid net all tcp
Ping(ACCEPT) net loc:192.168.1.20
AllowICMPs(ACCEPT) net all
RULES
cat >> /etc/shorewall/blrules <<'RULES'
DROP net:203.0.113.66 all
WHITELIST net:203.0.113.67 all
RULES
cat >> /etc/shorewall/stoppedrules <<'RULES'
ACCEPT eth1 -
RULES
cat >> /etc/shorewall/mangle <<'RULES'
MARK(1):P 192.168.1.0/24 0.0.0.0/0 tcp 80
MARK(2/0xf):F eth1 0.0.0.0/0 udp 53
CONNMARK(4):P 0.0.0.0/0 0.0.0.0/0 tcp 443
RESTORE:P 0.0.0.0/0 0.0.0.0/0 all - - - 0
SAVE:T 0.0.0.0/0 0.0.0.0/0
TTL(+1):F 192.168.1.9
DSCP(EF):F 0.0.0.0/0 0.0.0.0/0 udp 5060
TOS(Minimize-Delay):P 0.0.0.0/0 0.0.0.0/0 tcp 22
RULES
cat >> /etc/shorewall/conntrack <<'RULES'
NOTRACK:P eth0 - udp 53
CT:helper:ftp:PO - - tcp 21
RULES
sed -i 's/^CLAMPMSS=.*/CLAMPMSS=Yes/; s/^ACCOUNTING=.*/ACCOUNTING=Yes/; s/^LOG_LEVEL=.*/LOG_LEVEL=debug/' /etc/shorewall/shorewall.conf`,
      ),
    },
    {
      name: 'macros',
      script: sample(
        'shorewall',
        'one-interface',
        `for macro in AMQP Amanda DNS FTP HTTPS IMAP IPsec L2TP NTP OpenVPN PPtP SMB SNMP SIP Squid Syslog Telnet Trcrt VNC VRRP Web; do
  echo "$macro(ACCEPT) net \\$FW"; done >> /etc/shorewall/rules`,
      ),
    },
    {
      name: 'optimize-none',
      script: sample(
        'shorewall',
        'three-interfaces',
        "sed -i 's/^OPTIMIZE=.*/OPTIMIZE=0/' /etc/shorewall/shorewall.conf",
      ),
    },
    {
      name: 'optimize-all',
      script: sample(
        'shorewall',
        'three-interfaces',
        "sed -i 's/^OPTIMIZE=.*/OPTIMIZE=All/' /etc/shorewall/shorewall.conf",
      ),
    },
    { name: 'shorewall6-universal', script: sample('shorewall6', 'Universal') },
    { name: 'shorewall6-one-interface', script: sample('shorewall6', 'one-interface') },
    { name: 'shorewall6-two-interfaces', script: sample('shorewall6', 'two-interfaces') },
    { name: 'shorewall6-three-interfaces', script: sample('shorewall6', 'three-interfaces') },
    { name: 'stopped', script: `${sample('shorewall', 'two-interfaces')}\nshorewall stop` },
  ],
};
