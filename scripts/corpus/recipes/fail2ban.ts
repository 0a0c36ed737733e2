import type { Recipe } from '../recipe';

/** A server whose jails are given addresses to ban. */
const server = (jails: string, bans: string) => ({
  files: { '/etc/fail2ban/jail.d/corpus.local': jails, '/var/log/auth.log': '', '/var/log/other.log': '' },
  script: `
rm -f /etc/fail2ban/jail.d/defaults-debian.conf
mkdir -p /run/fail2ban
iptables -A INPUT -i lo -j ACCEPT
iptables -A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
iptables -A INPUT -p tcp --dport 22 -j ACCEPT
iptables -P INPUT DROP
fail2ban-client start
sleep 1
${bans}
sleep 1`,
});

const jail = (name: string, action: string, more = '') => `[${name}]
enabled = true
filter = sshd
backend = polling
logpath = /var/log/auth.log
bantime = 600
allowipv6 = auto
action = ${action}
${more}
`;

const BANS = (name: string) => `for address in 203.0.113.5 203.0.113.6 198.51.100.77 2001:db8::bad; do
  fail2ban-client set ${name} banip $address
done`;

export const FAIL2BAN: Recipe = {
  software: 'fail2ban',
  packages: ['fail2ban', 'ipset', 'python3-systemd'],
  entries: [
    { name: 'iptables', ...server(jail('ssh', 'iptables[name=ssh, port=ssh, protocol=tcp]'), BANS('ssh')) },
    {
      name: 'iptables-multiport',
      ...server(
        jail('web', 'iptables-multiport[name=web, port="http,https,8080:8090", protocol=tcp]'),
        `${BANS('web')}\nfail2ban-client set web unbanip 203.0.113.6`,
      ),
    },
    { name: 'iptables-allports', ...server(jail('all', 'iptables-allports[name=recidive]'), BANS('all')) },
    {
      name: 'iptables-new',
      ...server(jail('new', 'iptables-new[name=new, port=ssh, protocol=tcp, blocktype=DROP]'), BANS('new')),
    },
    {
      name: 'ipset',
      ...server(
        jail('set', 'iptables-ipset-proto6[name=set, port="ssh,sftp", protocol=tcp]') +
          jail('whole', 'iptables-ipset-proto6-allports[name=whole]'),
        `${BANS('set')}\n${BANS('whole')}`,
      ),
    },
    {
      name: 'recent',
      ...server(jail('rc', 'iptables-xt_recent-echo[name=rc]'), ''),
    },
    {
      name: 'several',
      ...server(
        jail('ssh', 'iptables[name=ssh, port=ssh]') +
          jail('mail', 'iptables-multiport[name=mail, port="smtp,465,submission,imap,imaps", protocol=tcp]') +
          jail('dns', 'iptables-multiport[name=dns, port=domain, protocol=udp, blocktype=DROP]') +
          jail('everything', 'iptables-multiport-log[name=log, port=ssh, protocol=tcp]'),
        `${BANS('ssh')}\n${BANS('mail')}\n${BANS('dns')}\n${BANS('everything')}`,
      ),
    },
  ],
};
