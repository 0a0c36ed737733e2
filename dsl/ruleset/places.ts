import type { Header } from './fields';
import type { ChainType, Hook, Statement, TableFamily } from './tree';

const IP_HOOKS: readonly Hook[] = ['prerouting', 'input', 'forward', 'output', 'postrouting'];

const IP_CHAINS: Readonly<Record<ChainType, readonly Hook[]>> = {
  filter: IP_HOOKS,
  nat: ['prerouting', 'input', 'output', 'postrouting'],
  route: ['output'],
};

/** The hooks that chains of a type can have in a family (nft(8), chains); the kernel refuses others, `nft -c` does not. */
const HOOKS: Readonly<Record<TableFamily, Readonly<Record<ChainType, readonly Hook[]>>>> = {
  ip: IP_CHAINS,
  ip6: IP_CHAINS,
  inet: { ...IP_CHAINS, filter: [...IP_HOOKS, 'ingress'] },
  bridge: { filter: IP_HOOKS, nat: [], route: [] },
  arp: { filter: ['input', 'output'], nat: [], route: [] },
  netdev: { filter: ['ingress', 'egress'], nat: [], route: [] },
};

export function hooksOf(family: TableFamily, type: ChainType): readonly Hook[] {
  return HOOKS[family][type];
}

/** The base chains below which a statement works. */
export interface Places {
  readonly types: readonly ChainType[];
  readonly hooks: readonly Hook[];
}

const ANY_TYPE: readonly ChainType[] = ['filter', 'nat', 'route'];

/** Where the kernel takes a statement; undefined when it takes it everywhere. */
export function placesOf(statement: Statement['kind'], family: TableFamily): Places | undefined {
  switch (statement) {
    case 'dnat':
    case 'redirect':
      return { types: ['nat'], hooks: ['prerouting', 'output'] };
    case 'snat':
      return { types: ['nat'], hooks: ['postrouting', 'input'] };
    case 'masquerade':
      return { types: ['nat'], hooks: ['postrouting'] };
    case 'tproxy':
      return { types: ANY_TYPE, hooks: ['prerouting'] };
    case 'synproxy':
      return { types: ANY_TYPE, hooks: ['input', 'forward'] };
    case 'reject':
      return { types: ANY_TYPE, hooks: REJECT_HOOKS[family] };
    default:
      return undefined;
  }
}

const REJECT_HOOKS: Readonly<Record<TableFamily, readonly Hook[]>> = {
  ip: ['prerouting', 'input', 'forward', 'output'],
  ip6: ['prerouting', 'input', 'forward', 'output'],
  inet: ['prerouting', 'input', 'forward', 'output', 'ingress'],
  bridge: ['prerouting', 'input'],
  arp: [],
  netdev: ['ingress'],
};

/** Whether a packet that a family's chains see can have a header. */
export function canHave(family: TableFamily, header: Header): boolean {
  switch (header) {
    case 'ip':
      return family !== 'ip6' && family !== 'arp';
    case 'ip6':
      return family !== 'ip' && family !== 'arp';
    case 'arp':
      return family === 'arp' || family === 'bridge' || family === 'netdev';
    case 'ether':
    case 'vlan':
      return true;
    default:
      return family !== 'arp';
  }
}
