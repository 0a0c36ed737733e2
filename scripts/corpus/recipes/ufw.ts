import type { Recipe } from '../recipe';

const on = (script: string) => `${script}\nufw --force enable`;

export const UFW: Recipe = {
  software: 'ufw',
  packages: ['ufw'],
  entries: [
    { name: 'default', script: on('') },
    { name: 'default-nft', script: on('ufw allow ssh'), tools: 'nft' },
    {
      name: 'server',
      script: on(`ufw default deny incoming
ufw default allow outgoing
ufw limit ssh comment 'slow down who guesses'
ufw allow http
ufw allow 443/tcp
ufw allow proto udp from any to any port 60000:61000
ufw allow from 10.0.0.0/8 to any port 5432 proto tcp
ufw deny from 203.0.113.66
ufw reject out 25/tcp
ufw allow in on eth1 to any port 53
ufw allow proto tcp from 192.168.1.0/24 to any port 80,443,8080:8090`),
    },
    {
      name: 'router',
      script: on(`ufw default deny routed
ufw route allow in on eth1 out on eth0
ufw route allow in on eth0 out on eth1 to 192.168.1.20 port 443 proto tcp
ufw route limit in on eth0 to 192.168.1.21 port 22 proto tcp
ufw route deny in on eth1 out on eth0 to 10.0.0.0/8
ufw route reject out on eth0 from 192.168.1.66
ufw allow in on eth1 from 192.168.1.0/24`),
    },
    {
      name: 'applications',
      files: {
        '/etc/ufw/applications.d/web':
          '[Web]\ntitle=Web server\ndescription=Both ports\nports=80,443/tcp\n\n[Games]\ntitle=Games\ndescription=Many\nports=27000:27100/udp|27015,27036/tcp\n',
      },
      script: on(`ufw allow Web
ufw limit from 198.51.100.0/24 to any app Games
ufw deny out to 203.0.113.0/24 app Web`),
    },
    ...(['low', 'medium', 'high', 'full'] as const).map((level) => ({
      name: `logging-${level}`,
      script: on(`ufw logging ${level}\nufw allow log 22/tcp\nufw deny log-all 23/tcp`),
    })),
    { name: 'logging-off', script: on('ufw logging off\nufw allow 22/tcp') },
    {
      name: 'ipv4-only',
      script: on(`sed -i 's/^IPV6=.*/IPV6=no/' /etc/default/ufw
ufw allow 22/tcp
ufw allow from 2001:db8::/32 || true
ufw allow to 224.0.0.251 port 5353 proto udp
ufw allow proto esp from any to any
ufw allow proto ah from 198.51.100.7
ufw allow proto gre from 198.51.100.8 || true
ufw allow proto igmp from 198.51.100.9 || true`),
    },
    {
      name: 'nat',
      script: on(`sed -i 's/^DEFAULT_FORWARD_POLICY=.*/DEFAULT_FORWARD_POLICY="ACCEPT"/' /etc/default/ufw
cat >> /etc/ufw/before.rules <<'RULES'
*nat
:PREROUTING ACCEPT [0:0]
:POSTROUTING ACCEPT [0:0]
-A PREROUTING -i eth0 -p tcp --dport 8080 -j DNAT --to-destination 192.168.1.20:80
-A PREROUTING -i eth0 -p tcp -m multiport --dports 6881:6889,51413 -j DNAT --to-destination 192.168.1.30
-A POSTROUTING -s 192.168.1.0/24 -o eth0 -j MASQUERADE
COMMIT
*mangle
:FORWARD ACCEPT [0:0]
-A FORWARD -p tcp -m tcp --tcp-flags SYN,RST SYN -j TCPMSS --clamp-mss-to-pmtu
COMMIT
RULES
ufw allow 8080/tcp`),
    },
  ],
};
