import { formatPrefix } from '../../../dsl/core/address';
import type { Network } from '../../../dsl/intent/topology';
import type { HostFault } from '../../host/fault';
import type { Command, XtVariant } from '../../host/port';
import { type Drop, dropOf, type ForeignTable, type Probe } from './chains';

/** What lets a network pass at somebody else's place for that, and what takes it back. */
export interface Mend {
  readonly network: string;
  readonly title: string;
  readonly commands: readonly Command[];
  readonly back: readonly Command[];
}

export interface Obstacle {
  readonly fault: HostFault;
  /** Undefined when its owner has no place for that. */
  readonly mend: Mend | undefined;
}

/** What others surely drop of what is forwarded to and from the networks: one for each network and owner. */
export function obstaclesOf(
  networks: readonly Network[],
  tables: readonly ForeignTable[],
  ours: XtVariant | undefined,
): Obstacle[] {
  // In an iptables of our own kind our rules come first, and what they accept nobody else is asked about.
  const asked = tables.filter(({ variant }) => variant === undefined || variant !== ours);
  return networks
    .filter(({ internal }) => !internal)
    .flatMap((network) =>
      asked.flatMap((table): Obstacle[] => {
        const drops = probesOf(network).flatMap(({ probe, way }) => {
          const drop = dropOf(table, probe);
          return drop ? [{ drop, way }] : [];
        });
        const [first] = drops;
        if (!first) return [];
        const ways = [...new Set(drops.map(({ way }) => way))].join(' and ');
        return [obstacle(network, first.drop, ways)];
      }),
    );
}

function probesOf({ bridge, subnets }: Network): { probe: Probe; way: string }[] {
  return subnets.flatMap(({ prefix }) => {
    const subnet = formatPrefix(prefix);
    const { family } = prefix;
    return [
      { way: 'to', probe: { family, in: undefined, out: bridge, from: undefined, to: subnet, translated: true } },
      { way: 'from', probe: { family, in: bridge, out: undefined, from: subnet, to: undefined, translated: false } },
    ];
  });
}

interface Owner {
  readonly name: string;
  is(table: ForeignTable): boolean;
  mend?(network: Network, table: ForeignTable): Omit<Mend, 'network'>;
  hint(network: Network, table: ForeignTable): string;
}

const text = (commands: readonly Command[]) => commands.map((command) => command.join(' ')).join(' && ');

/** The program that changes a table: which of the two kinds the plain name means is the host's choice. */
function programOf({ tool, variant }: ForeignTable): string {
  return variant ? `${tool}-${variant === 'legacy' ? 'legacy' : 'nft'}` : tool;
}

function dockerUser({ bridge }: Network, table: ForeignTable): Omit<Mend, 'network'> {
  const tool = programOf(table);
  const rule = (action: '-I' | '-D', flag: '-i' | '-o'): Command => [
    tool,
    '--wait',
    action,
    'DOCKER-USER',
    flag,
    bridge,
    '-m',
    'comment',
    '--comment',
    'tsnet',
    '-j',
    'ACCEPT',
  ];
  return {
    title: `let ${bridge} pass in DOCKER-USER of ${tool}`,
    commands: [rule('-I', '-i'), rule('-I', '-o')],
    back: [rule('-D', '-i'), rule('-D', '-o')],
  };
}

function firewalldZone({ bridge }: Network): Omit<Mend, 'network'> {
  const change = (action: 'add' | 'remove'): readonly Command[] => [
    ['firewall-cmd', '--zone=trusted', `--${action}-interface=${bridge}`],
    ['firewall-cmd', '--permanent', '--zone=trusted', `--${action}-interface=${bridge}`],
  ];
  return { title: `put ${bridge} into firewalld's zone trusted`, commands: change('add'), back: change('remove') };
}

function ufwRoute({ bridge }: Network): Omit<Mend, 'network'> {
  const route = (...more: readonly string[]): readonly Command[] => [
    ['ufw', 'route', ...more, 'allow', 'in', 'on', bridge],
    ['ufw', 'route', ...more, 'allow', 'out', 'on', bridge],
  ];
  return { title: `let ${bridge} pass in ufw`, commands: route(), back: route('delete') };
}

const OWNERS: readonly Owner[] = [
  {
    name: 'Docker',
    is: ({ chains }) => chains.has('DOCKER-USER'),
    mend: dockerUser,
    hint: (network, table) => text(dockerUser(network, table).commands),
  },
  {
    name: 'ufw',
    is: ({ chains }) => [...chains.keys()].some((chain) => /^ufw6?-/.test(chain)),
    mend: ufwRoute,
    hint: (network) => text(ufwRoute(network).commands),
  },
  {
    name: 'firewalld',
    is: ({ name }) => name === 'inet firewalld',
    mend: firewalldZone,
    hint: (network) => text(firewalldZone(network).commands),
  },
  {
    name: 'libvirt',
    is: ({ name, chains }) => /libvirt/.test(name) || chains.has('LIBVIRT_FWI'),
    hint: ({ bridge }) => `accept ${bridge} before libvirt's rules`,
  },
];

function obstacle(network: Network, { table, by }: Drop, ways: string): Obstacle {
  const owner = OWNERS.find((one) => one.is(table));
  const { bridge } = network;
  const hint =
    owner?.hint(network, table) ??
    (table.tool === 'nft'
      ? `accept ${bridge} before it: nft insert rule ${table.name} ${by.split(':', 1)[0]?.replace('the policy of ', '')} iifname ${bridge} accept, and the same with oifname`
      : `${programOf(table)} -I FORWARD -i ${bridge} -j ACCEPT && ${programOf(table)} -I FORWARD -o ${bridge} -j ACCEPT`);
  const mend = owner?.mend?.(network, table);
  return {
    fault: {
      code: 'TN5010',
      message: `${owner?.name ?? 'another ruleset'} drops what is forwarded ${ways} the network \`${network.name}\`: ${by} (${table.name})`,
      hint: mend ? `${hint}; \`tsnet apply --mend\` does it` : hint,
    },
    mend: mend && { network: network.name, ...mend },
  };
}
