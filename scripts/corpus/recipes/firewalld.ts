import type { Recipe } from '../recipe';

/** The daemon with the backend that its manual calls iptables; what is said at run time comes by firewall-cmd. */
const daemon = (commands: string) => `
sed -i 's/^FirewallBackend=.*/FirewallBackend=iptables/' /etc/firewalld/firewalld.conf
mkdir -p /run/dbus /var/log
dbus-daemon --system --fork
firewalld --nofork --nopid &
for try in $(seq 100); do firewall-cmd --state && break; sleep 0.1; done
firewall-cmd --zone=public --change-interface=eth0
${commands}`;

export const FIREWALLD: Recipe = {
  software: 'firewalld',
  packages: ['firewalld', 'ipset'],
  entries: [
    { name: 'default', script: daemon('') },
    {
      name: 'services',
      script:
        daemon(`for service in http https dns ntp samba nfs mdns ipsec openvpn; do firewall-cmd --add-service=$service; done
firewall-cmd --add-port=6000-6010/tcp
firewall-cmd --add-port=5000/sctp
firewall-cmd --add-source-port=68/udp
firewall-cmd --add-protocol=gre
firewall-cmd --add-icmp-block=echo-request
firewall-cmd --add-icmp-block-inversion`),
    },
    {
      name: 'gateway',
      script: daemon(`firewall-cmd --zone=external --change-interface=eth0
firewall-cmd --zone=internal --change-interface=eth1
firewall-cmd --zone=external --add-masquerade
firewall-cmd --zone=external --add-forward-port=port=8080:proto=tcp:toport=80:toaddr=192.168.1.20
firewall-cmd --zone=external --add-forward-port=port=2222:proto=tcp:toport=22
firewall-cmd --zone=internal --add-forward
firewall-cmd --zone=trusted --add-source=10.8.0.0/24
firewall-cmd --zone=drop --add-source=203.0.113.0/24
firewall-cmd --zone=block --add-source=2001:db8:bad::/48`),
    },
    {
      name: 'rich-rules',
      script: daemon(`add() { firewall-cmd --add-rich-rule="$1"; }
add 'rule family="ipv4" source address="192.0.2.0/24" service name="ssh" accept'
add 'rule family="ipv4" source NOT address="192.0.2.0/24" port port="3306" protocol="tcp" reject'
add 'rule family="ipv4" source address="198.51.100.66" reject type="icmp-host-prohibited"'
add 'rule family="ipv6" source address="2001:db8::/32" port port="8000-8010" protocol="udp" log prefix="v6 udp " level="info" limit value="3/m" accept'
add 'rule service name="http" log prefix="web" limit value="1/s" audit accept'
add 'rule protocol value="ah" accept'
add 'rule family="ipv4" forward-port port="443" protocol="tcp" to-port="8443" to-addr="192.168.1.30"'
add 'rule family="ipv4" source address="192.168.1.0/24" masquerade'
add 'rule icmp-block name="redirect"'
add 'rule icmp-type name="echo-request" accept limit value="2/s"'
add 'rule family="ipv4" destination address="224.0.0.0/4" drop'
add 'rule priority="-10" family="ipv4" source address="203.0.113.7" mark set="0x10/0xff"'
add 'rule family="ipv4" source mac="02:00:00:00:00:07" drop'
add 'rule tcp-mss-clamp value="pmtu"' || true
add 'rule tcp-mss-clamp value="1400"' || true`),
    },
    {
      name: 'direct',
      script: daemon(`direct() { firewall-cmd --direct "$@"; }
direct --add-rule ipv4 filter INPUT 0 -p tcp --dport 9000 -m limit --limit 10/min -j ACCEPT
direct --add-rule ipv4 filter FORWARD 1 -i eth1 -o eth0 -j ACCEPT
direct --add-rule ipv6 filter INPUT 0 -p icmpv6 --icmpv6-type echo-request -m hl --hl-eq 255 -j ACCEPT
direct --add-chain ipv4 raw blocked
direct --add-rule ipv4 raw PREROUTING 0 -s 203.0.113.0/24 -j blocked
direct --add-rule ipv4 raw blocked 0 -j DROP
direct --add-rule ipv4 nat POSTROUTING 0 -s 10.9.0.0/16 -o eth0 -j SNAT --to-source 198.51.100.10
direct --add-rule ipv4 mangle PREROUTING 0 -p tcp --dport 22 -j TOS --set-tos Minimize-Delay
direct --add-rule ipv4 mangle POSTROUTING 0 -p tcp --tcp-flags SYN,RST SYN -o eth0 -j TCPMSS --clamp-mss-to-pmtu
direct --add-passthrough ipv4 -A FORWARD -p udp --dport 123 -j ACCEPT`),
    },
    {
      name: 'ipsets-and-policies',
      script: daemon(`firewall-cmd --permanent --new-ipset=guests --type=hash:net
firewall-cmd --permanent --ipset=guests --add-entry=10.20.0.0/16
firewall-cmd --permanent --ipset=guests --add-entry=10.21.0.0/16
firewall-cmd --permanent --new-ipset=six --type=hash:net --option=family=inet6
firewall-cmd --permanent --ipset=six --add-entry=2001:db8:7::/48
firewall-cmd --permanent --new-policy out
firewall-cmd --permanent --policy out --add-ingress-zone internal
firewall-cmd --permanent --policy out --add-egress-zone external
firewall-cmd --permanent --policy out --set-target ACCEPT
firewall-cmd --permanent --policy out --add-rich-rule 'rule family="ipv4" destination address="10.0.0.0/8" reject'
firewall-cmd --permanent --new-policy host
firewall-cmd --permanent --policy host --add-ingress-zone ANY
firewall-cmd --permanent --policy host --add-egress-zone HOST
firewall-cmd --permanent --policy host --add-service ssh
firewall-cmd --reload
firewall-cmd --zone=internal --change-interface=eth1
firewall-cmd --zone=home --add-source=ipset:guests
firewall-cmd --zone=work --add-source=ipset:six
firewall-cmd --add-rich-rule='rule family="ipv4" source ipset="guests" port port="631" protocol="tcp" accept'`),
    },
    {
      name: 'log-denied',
      script: daemon(`firewall-cmd --set-log-denied=all
firewall-cmd --zone=dmz --change-interface=eth1`),
    },
    {
      name: 'panic',
      script: daemon('firewall-cmd --panic-on'),
    },
  ],
};
