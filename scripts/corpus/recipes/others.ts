import type { Recipe } from '../recipe';

export const ARNO: Recipe = {
  software: 'arno-iptables-firewall',
  packages: ['arno-iptables-firewall', 'ipset'],
  entries: [
    {
      name: 'gateway',
      files: {
        '/etc/arno-iptables-firewall/conf.d/50corpus.conf': `EXT_IF="eth0"
INT_IF="eth1"
EXT_IF_DHCP_IP=0
OPEN_TCP="22 80 443"
OPEN_UDP="53 123"
OPEN_IP="50"
OPEN_ICMP=1
HOST_OPEN_TCP="203.0.113.7,203.0.113.8~8080"
HOST_DENY_TCP="203.0.113.0/24~25"
INTERNAL_NET="192.168.1.0/24"
NAT=1
NAT_INTERNAL_NET="192.168.1.0/24"
NAT_FORWARD_TCP="8080>192.168.1.20~80 203.0.113.0/24~2222>192.168.1.21~22"
NAT_FORWARD_UDP="5060>192.168.1.22"
LAN_OPEN_TCP="22 53"
LAN_OPEN_UDP="53 67"
LAN_INET_DENY_TCP="25"
BLOCK_HOSTS="203.0.113.66 198.51.100.66"
IPV6_SUPPORT=1
SET_MSS=1
TTL_INC=1
`,
      },
      script: 'arno-iptables-firewall start || true',
    },
    {
      name: 'server',
      files: {
        '/etc/arno-iptables-firewall/conf.d/50corpus.conf': `EXT_IF="eth0"
OPEN_TCP="22 25 80 110 143 443 993 995 5000:5100"
OPEN_UDP="53"
REJECT_TCP="113"
DENY_TCP_NOLOG="135 445"
SSH_LIMIT=1
IPV6_SUPPORT=1
DROP_PRIVATE_ADDRESSES=1
`,
      },
      script: 'arno-iptables-firewall start || true',
    },
  ],
};

const firehol = (config: string) => ({
  files: { '/etc/firehol/firehol.conf': `version 6\n${config}` },
  script:
    "sed -i 's/^START_FIREHOL=.*/START_FIREHOL=YES/' /etc/default/firehol || true\nfirehol start </dev/null || { cat /var/log/firehol* /tmp/firehol* 2>/dev/null; false; }",
});

export const FIREHOL: Recipe = {
  software: 'firehol',
  packages: ['firehol', 'ipset', 'procps', 'kmod'],
  entries: [
    { name: 'client', ...firehol('interface any world\n  client all accept\n') },
    {
      name: 'server',
      ...firehol(`ipv4 interface eth0 internet src not "10.0.0.0/8 192.168.0.0/16" dst 198.51.100.10
  protection strong 10/sec 10
  policy drop
  server "ssh http https dns smtp" accept
  server custom rtp udp/10000:10100 any accept
  server ping accept with limit 5/sec 10
  server ident reject with tcp-reset
  client all accept
`),
    },
    {
      name: 'router',
      ...firehol(`ipv4 masquerade eth0
dnat4 to 192.168.1.20:80 inface eth0 proto tcp dport 8080
redirect4 to 3128 inface eth1 proto tcp dport 80 dst not 192.168.1.1
tcpmss auto eth0
mark4 1 PREROUTING inface eth1 proto tcp dport 443
interface eth1 lan
  policy reject
  server "dns dhcp ssh ntp" accept
  client "ping" accept
interface eth0 wan
  protection strong
  ipv4 server ssh accept src "203.0.113.0/24 198.51.100.0/24"
  client all accept
router lan2wan inface eth1 outface eth0
  route all accept
router wan2lan inface eth0 outface eth1
  ipv4 server http accept dst 192.168.1.20
  client "smtp ftp" reject log "no mail"
`),
    },
  ],
};

export const URUK: Recipe = {
  software: 'uruk',
  packages: ['uruk'],
  entries: [
    {
      name: 'server',
      script: `cat > /etc/uruk/rc <<'CONF'
version=20190121
interfaces=eth0
ips_eth0='default'
ip_eth0_default=198.51.100.10
ip6_eth0_default=2001:db8:1::10
net_eth0_default=198.51.100.0/24
net6_eth0_default=2001:db8:1::/64
services_eth0_default_tcp='ssh www local'
ports_eth0_default_tcp_ssh=ssh
sources_eth0_default_tcp_ssh='192.0.2.0/24 203.0.113.0/24'
sources6_eth0_default_tcp_ssh='2001:db8::/32'
ports_eth0_default_tcp_www='http https'
sources_eth0_default_tcp_www=0.0.0.0/0
sources6_eth0_default_tcp_www=::/0
ports_eth0_default_tcp_local=1024:
sources_eth0_default_tcp_local=198.51.100.0/24
loglevel=low
CONF
uruk`,
    },
  ],
};

export const PYROMAN: Recipe = {
  software: 'pyroman',
  packages: ['pyroman'],
  entries: [
    {
      name: 'base',
      script: 'pyroman --no-act >/dev/null 2>&1 || true\npyroman --safe </dev/null || pyroman || true',
    },
  ],
};

export const APF: Recipe = {
  software: 'apf',
  packages: ['apf-firewall', 'procps', 'kmod', 'wget'],
  entries: [
    {
      name: 'server',
      script: `sed -i 's/^DEVEL_MODE=.*/DEVEL_MODE="0"/; s/^IFACE_IN=.*/IFACE_IN="eth0"/; s/^IFACE_OUT=.*/IFACE_OUT="eth0"/; s/^SET_MONOKERN=.*/SET_MONOKERN="1"/; s/^IG_TCP_CPORTS=.*/IG_TCP_CPORTS="22,25,80,443,3000_3500"/; s/^IG_UDP_CPORTS=.*/IG_UDP_CPORTS="53"/; s/^EGF=.*/EGF="1"/; s/^DLIST_.*=.*/#/' /etc/apf-firewall/conf.apf
sed -i 's/^RUN=.*/RUN="yes"/' /etc/default/apf-firewall
echo 203.0.113.66 >> /etc/apf-firewall/deny_hosts.rules
echo 'd=22:s=203.0.113.0/24' >> /etc/apf-firewall/allow_hosts.rules
apf-firewall -s || apf -s || true`,
    },
  ],
};

export const FWSNORT: Recipe = {
  software: 'fwsnort',
  packages: ['fwsnort', 'wget', 'sysvinit-utils', 'kmod'],
  entries: [
    {
      name: 'signatures',
      script: `mkdir -p /etc/fwsnort/snort_rules
cat > /etc/fwsnort/snort_rules/corpus.rules <<'RULES'
alert tcp $EXTERNAL_NET any -> $HTTP_SERVERS $HTTP_PORTS (msg:"WEB shell"; flow:to_server,established; content:"/bin/sh"; nocase; sid:1000001; rev:1;)
alert tcp $EXTERNAL_NET any -> $HOME_NET 21 (msg:"FTP site exec"; flow:to_server,established; content:"SITE"; nocase; content:"EXEC"; nocase; distance:1; sid:1000002; rev:1;)
alert udp $EXTERNAL_NET any -> $HOME_NET 53 (msg:"DNS bytes"; content:"|00 00 FC|"; offset:14; depth:20; sid:1000003; rev:1;)
alert icmp $EXTERNAL_NET any -> $HOME_NET any (msg:"ICMP ttl"; itype:8; ttl:1; sid:1000004; rev:1;)
alert tcp $EXTERNAL_NET any -> $HOME_NET any (msg:"SCAN flags"; flags:SF; dsize:>10; sid:1000005; rev:1;)
alert ip any any -> any any (msg:"IP proto"; ip_proto:103; sid:1000006; rev:1;)
RULES
fwsnort --no-ipt-sync --no-addresses --ipt-drop || fwsnort --no-ipt-sync
sh /var/lib/fwsnort/fwsnort.sh || sh /etc/fwsnort/fwsnort.sh`,
    },
  ],
};

export const LIBVIRT: Recipe = {
  software: 'libvirt',
  packages: ['libvirt-daemon-system', 'libvirt-clients', 'dnsmasq-base', 'libvirt-daemon-driver-qemu', 'dmidecode'],
  entries: [
    {
      name: 'networks',
      script: `mkdir -p /run/libvirt /run/dbus
rm -rf /etc/libvirt/qemu/networks
libvirtd -d || true
for try in $(seq 100); do virsh -c network:///system uri 2>/dev/null && break; sleep 0.1; done
net() { echo "$1" > /tmp/net.xml; virsh -c network:///system net-create /tmp/net.xml || virsh -c qemu:///system net-create /tmp/net.xml; }
net "<network><name>default</name><bridge name='virbr0'/><forward/><ip address='192.168.122.1' netmask='255.255.255.0'><dhcp><range start='192.168.122.2' end='192.168.122.254'/></dhcp></ip></network>"
net "<network><name>routed</name><bridge name='virbr1'/><forward mode='route' dev='eth0'/><ip address='192.168.123.1' netmask='255.255.255.0'/></network>"
net "<network><name>isolated</name><bridge name='virbr2'/><ip address='192.168.124.1' netmask='255.255.255.0'/></network>"
net "<network><name>ports</name><bridge name='virbr3'/><forward mode='nat'><nat><address start='198.51.100.20' end='198.51.100.25'/><port start='2000' end='3000'/></nat></forward><ip address='192.168.125.1' netmask='255.255.255.0'/></network>"
net "<network ipv6='yes'><name>six</name><bridge name='virbr4'/><forward mode='nat'><nat ipv6='yes'/></forward><ip address='192.168.126.1' netmask='255.255.255.0'/><ip family='ipv6' address='fd00:126::1' prefix='64'/></network>"
net "<network><name>open</name><bridge name='virbr5'/><forward mode='open'/><ip address='192.168.127.1' netmask='255.255.255.0'/></network>"
net "<network><name>tftp</name><bridge name='virbr6'/><forward/><ip address='192.168.128.1' netmask='255.255.255.0'><tftp root='/srv'/><dhcp><range start='192.168.128.2' end='192.168.128.9'/></dhcp></ip></network>"`,
    },
  ],
};

export const SSHGUARD: Recipe = {
  software: 'sshguard',
  packages: ['sshguard'],
  entries: [
    {
      name: 'documented',
      // As its manual says to set it up for iptables.
      script: `for tool in iptables ip6tables; do
  $tool -N sshguard
  $tool -A INPUT -j sshguard
  $tool -A INPUT -m multiport -p tcp --destination-ports 21,22,110,143 -j sshguard
done
iptables -I sshguard -s 203.0.113.5 -j DROP
iptables -I sshguard -s 203.0.113.0/28 -j DROP
ip6tables -I sshguard -s 2001:db8::/64 -j DROP`,
    },
  ],
};
