import { type Dump, tablesOfDump } from './dumps';

/** A program whose rules are among those that were read. */
export interface Manager {
  readonly name: string;
  /** Whether it makes its rules again by itself, as soon as it has something to change: a migration would not last. */
  readonly insists: boolean;
  readonly advice: string;
  /** A chain or comment by which it was known. */
  readonly because: string;
}

interface Known extends Omit<Manager, 'because'> {
  readonly chains?: RegExp;
  readonly comments?: RegExp;
}

/** By the chains that they make, or what they write into comments. */
const KNOWN: readonly Known[] = [
  {
    name: 'Docker',
    chains: /^DOCKER(-|$)/,
    insists: true,
    advice:
      'have Docker (29 or later) use nftables: "firewall-backend": "nftables" in /etc/docker/daemon.json, restart it',
  },
  {
    name: 'kube-proxy',
    chains: /^KUBE-(SERVICES|NODEPORTS|POSTROUTING|FORWARD|FIREWALL|MARK-MASQ|PROXY-CANARY|SEP-|SVC-)/,
    insists: true,
    advice: 'run kube-proxy with `--proxy-mode nftables` (Kubernetes 1.33 or later), then restart it',
  },
  {
    name: 'firewalld',
    chains: /^(INPUT|FORWARD|PREROUTING|POSTROUTING|OUTPUT)_(direct|ZONES|POLICIES_pre)/,
    insists: true,
    advice: 'set FirewallBackend=nftables in /etc/firewalld/firewalld.conf, then: firewall-cmd --complete-reload',
  },
  {
    name: 'fail2ban',
    chains: /^(f2b|fail2ban)-/,
    insists: true,
    advice: 'set banaction = nftables in /etc/fail2ban/jail.local, then: systemctl restart fail2ban',
  },
  {
    name: 'libvirt',
    chains: /^LIBVIRT_/,
    insists: true,
    advice: 'set firewall_backend = "nftables" in /etc/libvirt/network.conf (10.4 or later), restart its networks',
  },
  {
    name: 'Podman (netavark)',
    chains: /^NETAVARK[-_]/,
    insists: true,
    advice:
      'set firewall_driver = "nftables" in /etc/containers/containers.conf (netavark 1.10 or later), restart containers',
  },
  {
    name: 'CNI plug-ins',
    chains: /^CNI-/,
    insists: true,
    advice: 'plug-ins from 1.6 on take "backend": "nftables" for portmap and "ipMasqBackend": "nftables" for bridge',
  },
  {
    name: 'Calico',
    chains: /^cali[-:]/,
    insists: true,
    advice: 'set nftablesMode: Enabled in its FelixConfiguration (3.29 or later)',
  },
  {
    name: 'Cilium',
    chains: /^(OLD_)?CILIUM_/,
    insists: true,
    advice: 'Cilium has no nftables mode: leave its rules to iptables',
  },
  {
    name: 'flannel',
    chains: /^FLANNEL-/,
    insists: true,
    advice: 'set "EnableNFTables": true in its net-conf.json (0.26 or later)',
  },
  {
    name: 'Weave Net',
    chains: /^WEAVE(-|$)/,
    insists: true,
    advice: 'Weave Net has no nftables mode: leave its rules to iptables',
  },
  {
    name: 'Tailscale',
    chains: /^ts-(input|forward|postrouting)$/,
    insists: true,
    advice: 'set TS_DEBUG_FIREWALL_MODE=nftables in /etc/default/tailscaled, then: systemctl restart tailscaled',
  },
  {
    name: 'OpenStack Neutron',
    chains: /^neutron-/,
    insists: true,
    advice: 'Neutron drives iptables itself: leave its rules to it',
  },
  {
    name: 'LXD or Incus',
    comments: /generated for (LXD|Incus) /,
    insists: true,
    advice: 'it takes nftables when it starts where no rules of iptables are: restart it after the switch',
  },
  {
    name: 'CrowdSec',
    chains: /^crowdsec/i,
    insists: true,
    advice: 'install crowdsec-firewall-bouncer-nftables in place of the one for iptables',
  },
  {
    name: 'SSHGuard',
    chains: /^sshguard$/,
    insists: true,
    advice: 'set BACKEND to sshg-fw-nft-sets in /etc/sshguard/sshguard.conf, then restart it',
  },
  {
    name: 'miniupnpd',
    chains: /^MINIUPNPD/,
    insists: true,
    advice: 'install miniupnpd-nftables in place of miniupnpd-iptables',
  },
  {
    name: 'tsnet',
    chains: /^TSNET-/,
    insists: true,
    advice: 'move what is applied first: tsnet apply --target nft FILE',
  },
  {
    name: 'ufw',
    chains: /^ufw6?-/,
    insists: false,
    advice: '`ufw` and a boot load its rules again: once the new ones are kept, systemctl disable ufw',
  },
  {
    name: 'Shorewall',
    chains: /^(shorewall|sfilter|smurflog|logdrop|dynamic)$/,
    insists: false,
    advice: '`shorewall` and a boot load its rules again: once the new ones are kept, systemctl disable shorewall',
  },
  {
    name: 'ConfigServer Firewall',
    chains: /^(LOCALINPUT|LOCALOUTPUT|DENYIN|ALLOWIN|LOGDROPIN)$/,
    insists: true,
    advice: 'lfd loads its rules again whenever it blocks somebody: csf --disable',
  },
  {
    name: 'wg-quick',
    comments: /wg-quick\(8\) rule/,
    insists: false,
    advice:
      'it makes its rules when an interface comes up, with nft where no iptables is installed: wg-quick down and up',
  },
];

/** The programs whose rules are in dumps, each once. */
export function managersOf(dumps: readonly Dump[]): readonly Manager[] {
  const tables = dumps.flatMap(({ text }) => tablesOfDump(text));
  const chains = tables.flatMap(({ chains: all }) => [...all.keys()]);
  const rules = tables.flatMap((table) => table.rules).filter((rule) => rule.includes('--comment'));
  return KNOWN.flatMap(({ chains: ofChain, comments, ...manager }): Manager[] => {
    const chain = ofChain && chains.find((name) => ofChain.test(name));
    if (chain !== undefined) return [{ ...manager, because: `chain ${chain}` }];
    const rule = comments && rules.find((text) => comments.test(text));
    return rule === undefined ? [] : [{ ...manager, because: rule }];
  });
}
