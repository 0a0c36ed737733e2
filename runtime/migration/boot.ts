import type { Host } from '../host/port';

/** Something that loads iptables' rules when the host boots. */
export interface Restorer {
  readonly name: string;
  /** The file that it reads. */
  readonly path: string;
  /** What keeps it from doing so. */
  readonly mend: string;
}

type Files = Pick<Host, 'readFile' | 'listDirectory'>;

/** Where systemd, and an init of System V or OpenRC, say what is started. */
const WANTED = ['multi-user', 'network-pre', 'basic', 'sysinit', 'network', 'network-online'].map(
  (target) => `/etc/systemd/system/${target}.target.wants`,
);
const RUNLEVELS = ['/etc/runlevels/default', '/etc/runlevels/boot'];
const SYSTEM_V = ['S', '2', '3', '5'].map((level) => `/etc/rc${level}.d`);

interface Service {
  readonly name: string;
  readonly services: readonly string[];
  /** What it restores, where there is such a file. */
  readonly files: readonly string[];
  readonly mend: (service: string) => string;
}

const disable = (service: string) => `systemctl disable ${service}`;

const SERVICES: readonly Service[] = [
  {
    name: 'netfilter-persistent',
    services: ['netfilter-persistent', 'iptables-persistent'],
    files: ['/etc/iptables/rules.v4', '/etc/iptables/rules.v6', '/etc/iptables/ipsets'],
    mend: disable,
  },
  {
    name: 'iptables.service',
    services: ['iptables', 'ip6tables', 'ipset'],
    files: [
      '/etc/sysconfig/iptables',
      '/etc/sysconfig/ip6tables',
      '/etc/sysconfig/ipset',
      '/etc/iptables/iptables.rules',
      '/etc/iptables/ip6tables.rules',
      '/etc/ipset.conf',
      '/etc/iptables/rules-save',
      '/etc/iptables/rules6-save',
      '/var/lib/iptables/rules-save',
      '/var/lib/ip6tables/rules-save',
    ],
    mend: (service) => `systemctl disable ${service} (OpenRC: rc-update del ${service})`,
  },
  { name: 'ufw', services: ['ufw'], files: ['/etc/ufw/user.rules', '/etc/ufw/user6.rules'], mend: disable },
  { name: 'firewalld', services: ['firewalld'], files: ['/etc/firewalld/direct.xml'], mend: disable },
  { name: 'ferm', services: ['ferm'], files: ['/etc/ferm/ferm.conf'], mend: disable },
  {
    name: 'Shorewall',
    services: ['shorewall', 'shorewall6'],
    files: ['/etc/shorewall/rules', '/etc/shorewall6/rules'],
    mend: disable,
  },
];

/** Places of scripts of one's own, and what in them loads rules. */
const SCRIPTS = [
  '/etc/rc.local',
  '/etc/network/interfaces',
  '/etc/network/if-pre-up.d',
  '/etc/network/if-up.d',
  '/etc/NetworkManager/dispatcher.d',
  '/etc/networkd-dispatcher/routable.d',
  '/etc/local.d',
];
const LOADS = /^(?!\s*#).*\b(ip6?tables(-legacy|-nft)?(-restore)?|ipset)\b/m;

/** What brings the old rules back at the next boot. */
export function restorersOf(host: Files): readonly Restorer[] {
  return [
    ...SERVICES.flatMap((service) => servicesIn(service, host)),
    ...SCRIPTS.flatMap((path) => scriptsIn(path, host)),
  ];
}

function servicesIn({ name, services, files, mend }: Service, host: Files): Restorer[] {
  const started = services.filter((service) => isStarted(service, host));
  const there = files.filter((path) => (read(path, host) ?? '').trim() !== '');
  const [first] = started;
  if (first === undefined) return [];
  const path = there.join(', ') || `the service ${first}`;
  return [{ name, path, mend: started.map(mend).join(' && ') }];
}

function isStarted(service: string, host: Files): boolean {
  return (
    WANTED.some((directory) => host.listDirectory(directory).includes(`${service}.service`)) ||
    RUNLEVELS.some((directory) => host.listDirectory(directory).includes(service)) ||
    SYSTEM_V.some((directory) =>
      host.listDirectory(directory).some((file) => /^S\d\d/.test(file) && file.slice(3) === service),
    )
  );
}

function scriptsIn(path: string, host: Files): Restorer[] {
  const inside = listed(path, host).map((file) => `${path}/${file}`);
  return (inside.length > 0 ? inside : [path])
    .filter((file) => LOADS.test(read(file, host) ?? ''))
    .map((file) => ({ name: 'a script', path: file, mend: `take the lines with iptables out of ${file}` }));
}

/** A place that is a file, or closed to us, has nothing in it. */
function listed(path: string, host: Files): readonly string[] {
  try {
    return host.listDirectory(path);
  } catch {
    return [];
  }
}

function read(path: string, host: Files): string | undefined {
  try {
    return host.readFile(path);
  } catch {
    return undefined;
  }
}
