import type { Address } from '../../../dsl/core/address';
import {
  anonymousSet,
  concat,
  field,
  goTo,
  inSet,
  jump,
  match,
  notInSet,
  number,
  symbol,
  verdict,
} from '../../../dsl/ruleset/nodes';
import type { Chain, Expression, NamedSet, Rule, Statement } from '../../../dsl/ruleset/tree';
import { type Modules, when } from './modules';
import { base, chain, iifname, rule, set } from './parts';

/** The target of a neighbour advertisement (RFC 4861 section 4.4); nft 1.0.6 has no name for it. */
const ND_TARGET: Expression = { kind: 'payload', base: 'th', offset: 64, bits: 128 };

/** Frames from a container's port: heard only with the addresses that are its own, and never as a router. */
export function bridgeSets(modules: Modules): NamedSet[] {
  return [
    set('guarded', 'the host ends of all containers', ['ifname']),
    set('guard4', 'port . MAC . address', ['ifname', 'ether_addr', 'ipv4_addr']),
    set('guard6', 'port . MAC . address', ['ifname', 'ether_addr', 'ipv6_addr']),
    ...when(modules.has('isolated'), () => [
      set('apart', 'ports that reach each other through the host only', ['ifname']),
      set('host_mac', "port . its bridge's MAC", ['ifname', 'ether_addr']),
    ]),
    {
      ...set('neighbour6', 'port . address it may answer for', []),
      key: { kind: 'typeof', expressions: [iifname, ND_TARGET] },
    },
  ];
}

/** What only routers and DHCP servers say. */
const NEVER_FROM_A_CONTAINER: readonly Rule[] = [
  rule(match(field('icmp type'), '==', symbol('redirect')), goTo('refuse')),
  rule(match(field('udp sport'), '==', anonymousSet(number(67), number(547))), goTo('refuse')),
  rule(
    match(field('icmpv6 type'), '==', anonymousSet(symbol('nd-router-advert'), symbol('nd-redirect'))),
    goTo('refuse'),
  ),
];

const BEFORE_IT_HAS_AN_ADDRESS: readonly Statement[] = [
  match(field('ip6 saddr'), '==', { kind: 'ipv6', value: 0n as Extract<Address, { family: 6 }>['value'] }),
  match(field('icmpv6 type'), '==', anonymousSet(symbol('nd-neighbor-solicit'), symbol('mld2-listener-report'))),
];

export function bridgeChains(modules: Modules): Chain[] {
  const source = field('ether saddr');
  return [
    chain(
      'prerouting',
      [
        ...when(modules.has('isolated'), () => [rule(inSet(iifname, 'apart'), jump('only_to_host'))]),
        rule(inSet(iifname, 'guarded'), goTo('guard')),
      ],
      base('filter', 'prerouting', -300),
    ),
    ...when(modules.has('isolated'), () => apart()),
    chain('guard', [
      ...NEVER_FROM_A_CONTAINER,
      rule(inSet(concat(iifname, source, field('ip saddr')), 'guard4'), verdict('accept')),
      rule(
        inSet(concat(iifname, source, field('arp saddr ip')), 'guard4'),
        inSet(concat(iifname, field('arp saddr ether'), field('arp saddr ip')), 'guard4'),
        verdict('accept'),
      ),
      rule(
        match(field('icmpv6 type'), '==', symbol('nd-neighbor-advert')),
        notInSet(concat(iifname, ND_TARGET), 'neighbour6'),
        goTo('refuse'),
      ),
      rule(inSet(concat(iifname, source, field('ip6 saddr')), 'guard6'), verdict('accept')),
      rule(...BEFORE_IT_HAS_AN_ADDRESS, verdict('accept')),
      rule(goTo('refuse')),
    ]),
    chain('refuse', [rule({ kind: 'counter' }, verdict('drop'))]),
  ];
}

/**
 * Ports that reach each other through the host only: they speak to it alone, or ask all for an address, which it answers,
 * and nobody else hears. Not the kernel's isolated ports: these drop what bridge netfilter translated too.
 */
function apart(): Chain[] {
  const toAll = match(field('meta pkttype'), '==', anonymousSet(symbol('broadcast'), symbol('multicast')));
  return [
    chain('only_to_host', [
      rule(inSet(concat(iifname, field('ether daddr')), 'host_mac'), verdict('return')),
      rule(toAll, match(field('ether type'), '==', symbol('arp')), verdict('return')),
      rule(
        toAll,
        match(
          field('icmpv6 type'),
          '==',
          anonymousSet(symbol('nd-neighbor-solicit'), symbol('nd-router-solicit'), symbol('mld2-listener-report')),
        ),
        verdict('return'),
      ),
      rule(goTo('refuse')),
    ]),
    chain('between', [rule(inSet(iifname, 'apart'), toAll, verdict('drop'))], base('filter', 'forward', -300)),
  ];
}
