import type { XtFamily } from '../../tables';
import { BOTH, type Module, means, wrong } from '../module';

const REJECTS: Readonly<Record<XtFamily, Readonly<Record<string, string>>>> = {
  ip: {
    'icmp-net-unreachable': 'net-unreachable',
    'net-unreach': 'net-unreachable',
    'icmp-host-unreachable': 'host-unreachable',
    'host-unreach': 'host-unreachable',
    'icmp-port-unreachable': 'port-unreachable',
    'port-unreach': 'port-unreachable',
    'icmp-proto-unreachable': 'prot-unreachable',
    'proto-unreach': 'prot-unreachable',
    'icmp-net-prohibited': 'net-prohibited',
    'net-prohib': 'net-prohibited',
    'icmp-host-prohibited': 'host-prohibited',
    'host-prohib': 'host-prohibited',
    'icmp-admin-prohibited': 'admin-prohibited',
    'admin-prohib': 'admin-prohibited',
  },
  ip6: {
    'icmp6-no-route': 'no-route',
    'no-route': 'no-route',
    'icmp6-adm-prohibited': 'admin-prohibited',
    'adm-prohibited': 'admin-prohibited',
    'icmp6-addr-unreachable': 'addr-unreachable',
    'addr-unreach': 'addr-unreachable',
    'icmp6-port-unreachable': 'port-unreachable',
    'port-unreach': 'port-unreachable',
    'icmp6-policy-fail': 'policy-fail',
    'policy-fail': 'policy-fail',
    'icmp6-reject-route': 'reject-route',
    'reject-route': 'reject-route',
  },
};

const TCP = 6;

export const REJECT: Module = {
  name: 'REJECT',
  families: BOTH,
  options: { '--reject-with': { values: 1 } },
  final: true,
  tables: ['filter'],
  hooks: ['INPUT', 'FORWARD', 'OUTPUT'],
  read(options, { family, protocol }) {
    const how = options.value('--reject-with');
    if (how === undefined) return means({ kind: 'reject' });
    if (how === 'tcp-reset' || how === 'tcp-rst')
      return protocol === TCP
        ? means({ kind: 'reject', with: { kind: 'tcp reset' } })
        : wrong('`--reject-with tcp-reset` needs `-p tcp`', options.find('--reject-with')?.span);
    const names = REJECTS[family];
    const name = Object.keys(names).find((one) => one === how) ?? Object.keys(names).find((one) => one.startsWith(how));
    const code = name === undefined ? undefined : names[name];
    if (code === undefined) return wrong(`\`${how}\` is no way to reject`);
    return means({ kind: 'reject', with: { kind: family === 'ip' ? 'icmp' : 'icmpv6', code } });
  },
};
