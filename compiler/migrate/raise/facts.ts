import { type Address, contains, formatAddress, formatPrefix, type Prefix } from '../../../dsl/core/address';
import type { PortRange } from '../../../dsl/core/port';
import type { Rule } from '../../../dsl/ruleset/tree';

/** What rules tell of a network, as far as they were read. */
export interface NetworkFacts {
  /** Its bridge, or its subnet where the rules do not speak of a bridge. */
  readonly key: string;
  readonly bridge: string | undefined;
  name: string | undefined;
  readonly subnets: Prefix[];
  readonly snat: Address[];
  /** The families whose traffic leaves with the host's address. */
  readonly masqueraded: Set<4 | 6>;
  icc: boolean;
  /** The ways that are shut to all addresses but its own. */
  readonly shut: Set<'in' | 'out'>;
  /** Whether both are: one alone is somebody's edit, and no internal network. */
  internal: boolean;
  /** Whether everyone reaches its containers by their own addresses. */
  open: boolean;
  /** Whether a rule has dropped all that comes from elsewhere, so that those after it say nothing. */
  closed: boolean;
  /** Whether other networks are kept away before any port is opened. */
  isolated: boolean;
  /** Whether containers of other networks reach this one's. */
  reached: boolean;
  /** Whether rules let its containers through one by one, so that no other gets anywhere. */
  listed: boolean;
  /** Rules that speak of it, in the order in which they were met, for the comment. */
  readonly told: Set<Rule>;
}

export interface PublishFacts {
  readonly rule: Rule;
  readonly network: NetworkFacts;
  readonly hostAddress: Address | undefined;
  readonly protocol: string;
  readonly hostPort: PortRange;
  readonly to: Address;
  readonly port: PortRange;
}

/** A port of a container that a rule lets others in to. */
export interface OpeningFacts {
  readonly rule: Rule;
  readonly network: NetworkFacts;
  /** The only source; undefined: all that are not of the network. */
  readonly from: Address | undefined;
  readonly to: Address;
  readonly protocol: string;
  readonly ports: readonly PortRange[];
}

/** Rules that are understood, and what they are about: they are taken out when all of that is raised. */
export interface Understood {
  readonly rule: Rule;
  readonly about: readonly NetworkFacts[];
  /** The promise of this program that does its work; undefined where the network or publish itself does. */
  readonly instead?: Instead;
}

/** Rules that have no counterpart, because something else does what they are for. */
export type Instead = 'hairpin' | 'proxy-source' | 'link-reply' | 'raw' | 'checksum' | 'marks';

/** All that was read, before it is decided what of it can be said as intent. */
export class Facts {
  readonly networks = new Map<string, NetworkFacts>();
  readonly publishes: PublishFacts[] = [];
  readonly openings: OpeningFacts[] = [];
  readonly understood: Understood[] = [];
  /** Names of containers, by address. */
  readonly names = new Map<string, string>();
  /** Containers of which more than their ports is known, by address. */
  readonly containers = new Map<string, { readonly address: Address; readonly network: NetworkFacts }>();
  /** Chains that are about one network each. */
  readonly chains = new Map<string, NetworkFacts>();

  /** Networks by subnets of theirs that are not their key. */
  readonly halves = new Map<string, NetworkFacts>();

  known(key: string): NetworkFacts | undefined {
    return this.networks.get(key) ?? this.halves.get(key);
  }

  network(key: string, bridge: string | undefined): NetworkFacts {
    const known = this.known(key);
    if (known) return known;
    const made: NetworkFacts = {
      key,
      bridge,
      name: bridge,
      subnets: [],
      snat: [],
      masqueraded: new Set(),
      icc: true,
      shut: new Set(),
      internal: false,
      open: false,
      closed: false,
      isolated: false,
      reached: false,
      listed: false,
      told: new Set(),
    };
    this.networks.set(key, made);
    return made;
  }

  /** The network that an address is of: by its subnet, or because a rule says so. */
  networkOf(address: Address): NetworkFacts | undefined {
    const all = [...this.networks.values()];
    return (
      all.find(({ subnets }) => subnets.some((prefix) => contains(prefix, address))) ??
      this.containers.get(formatAddress(address))?.network ??
      this.openings.find(({ to }) => formatAddress(to) === formatAddress(address))?.network
    );
  }

  subnet(network: NetworkFacts, prefix: Prefix): boolean {
    const known = network.subnets.find(({ family }) => family === prefix.family);
    if (known) return formatPrefix(known) === formatPrefix(prefix);
    network.subnets.push(prefix);
    return true;
  }

  understand(rule: Rule, about: readonly NetworkFacts[], instead?: Instead): void {
    for (const network of about) network.told.add(rule);
    this.understood.push(instead ? { rule, about, instead } : { rule, about });
  }
}
