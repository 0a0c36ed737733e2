import type { Address, Prefix } from '../../dsl/core/address';
import { PROGRAM } from '../../dsl/core/origin';
import type { DataType } from '../../dsl/ruleset/data-type';
import {
  anonymousSet,
  concat,
  ct,
  field,
  flags,
  goTo,
  inSet,
  jump,
  match,
  namedMap,
  notInSet,
  number,
  prefixExpression,
  symbol,
  text,
  types,
  verdict,
} from '../../dsl/ruleset/nodes';
import type { BaseChain, Chain, Expression, NamedSet, Rule, SetFlag, Statement, Verdict } from '../../dsl/ruleset/tree';

/**
 * The fixed program: every chain and rule tsnet loads, over sets and maps that hold what the intent says. The number of
 * rules depends on the modules in use, never on how many networks, containers, ports or links there are.
 */

export const TABLE = 'tsnet';

/** Parts of the program that are there only when an intent needs them. */
export type Module =
  | 'admission'
  | 'limit'
  | 'host policy'
  | 'policy'
  | 'internal'
  | 'isolated'
  | 'routed'
  | 'snat'
  | 'log';
export type Modules = ReadonlySet<Module>;

const oifname = field('meta oifname');
const iifname = field('meta iifname');
const l4proto = field('meta l4proto');
const dport = field('th dport');

/** What differs between the two families, so that each rule is written once. */
const FAMILIES = [
  {
    digit: 4,
    family: 'ip',
    address: 'ipv4_addr' as DataType,
    saddr: field('ip saddr'),
    daddr: field('ip daddr'),
    echo: match(field('icmp type'), '==', symbol('echo-request')),
  },
  {
    digit: 6,
    family: 'ip6',
    address: 'ipv6_addr' as DataType,
    saddr: field('ip6 saddr'),
    daddr: field('ip6 daddr'),
    echo: match(field('icmpv6 type'), '==', symbol('echo-request')),
  },
] as const;

function rule(...statements: readonly Statement[]): Rule {
  return { statements, origin: PROGRAM };
}

/** One rule a family. */
function each(of: (family: (typeof FAMILIES)[number]) => readonly Statement[]): Rule[] {
  return FAMILIES.map((family) => rule(...of(family)));
}

function chain(name: string, rules: readonly Rule[], base?: BaseChain): Chain {
  return base ? { name, base, rules, origin: PROGRAM } : { name, rules, origin: PROGRAM };
}

function base(type: BaseChain['type'], hook: BaseChain['hook'], priority: number): BaseChain {
  return { type, hook, priority, policy: 'accept' };
}

function set(name: string, comment: string, key: readonly DataType[], flags: readonly SetFlag[] = []): NamedSet {
  return { name, key: types(...key), flags, comment, elements: [], origin: PROGRAM };
}

function eachSet(of: (address: DataType, digit: 4 | 6) => NamedSet): NamedSet[] {
  return FAMILIES.map(({ address, digit }) => of(address, digit));
}

function when<T>(condition: boolean, parts: () => readonly T[]): readonly T[] {
  return condition ? parts() : [];
}

const LOOPBACK: Prefix = { family: 4, address: 0x7f000000 as Extract<Address, { family: 4 }>['value'], length: 8 };
const toLoopback = match(field('ip daddr'), '==', prefixExpression(LOOPBACK));
const toThisHost = match({ kind: 'fib', keys: ['daddr'], result: 'type' }, '==', symbol('local'));
const translated = match(ct('status'), '==', flags('dnat'));
const isNew = match(ct('state'), '==', flags('new'));

/** Traffic that belongs to a connection already let through goes on; what conntrack cannot place does not. */
function known(established: Verdict): Statement {
  const verdicts = { established, related: { kind: 'accept' }, invalid: { kind: 'drop' } } as const;
  const elements = Object.entries(verdicts).map(([state, data]) => ({ key: symbol(state), data, origin: PROGRAM }));
  return { kind: 'vmap', key: ct('state'), map: { kind: 'anonymous', elements } };
}

export function inetSets(modules: Modules): NamedSet[] {
  return [
    set('bridges', 'the bridge of every network', ['ifname']),
    set('peers', 'from . to: interfaces whose hosts reach each other', ['ifname', 'ifname']),
    ...eachSet((address, digit) => set(`gateway${digit}`, 'bridge . its own address', ['ifname', address])),
    ...eachSet((address, digit) => set(`gateways${digit}`, 'the own addresses of all bridges', [address])),
    ...eachSet((address, digit) => ({
      ...set(`publish${digit}`, 'host port, on every address : container', ['inet_proto', 'inet_service']),
      data: { kind: 'value', type: types(address, 'inet_service') },
    })),
    ...eachSet((address, digit) => ({
      ...set(`publish_at${digit}`, 'host address and port : container', [address, 'inet_proto', 'inet_service']),
      data: { kind: 'value', type: types(address, 'inet_service') },
    })),
    ...eachSet((address, digit) =>
      set(`published${digit}`, 'container ports that a publish leads to', [address, 'inet_proto', 'inet_service']),
    ),
    ...eachSet((address, digit) =>
      set(`masquerade${digit}`, 'subnets that leave with our address', [address], ['interval']),
    ),
    ...eachSet((address, digit) =>
      set(`hairpin${digit}`, 'subnets whose answers have to come back through us', [address, address], ['interval']),
    ),
    ...when(modules.has('admission'), () =>
      FAMILIES.flatMap(({ address, digit }) => [
        set(
          `restricted${digit}`,
          'published for some sources only',
          [address, 'inet_proto', 'inet_service'],
          ['interval'],
        ),
        set(`admitted${digit}`, 'source . published', [address, address, 'inet_proto', 'inet_service'], ['interval']),
      ]),
    ),
    ...when(modules.has('limit'), () =>
      eachSet((address, digit) => ({
        ...set(`limited${digit}`, 'new connections past a rate', [address, 'inet_proto', 'inet_service'], ['interval']),
        limit: { count: 1n, unit: 'packets', per: 'second', over: true, burst: 5n },
      })),
    ),
    ...when(modules.has('host policy'), () =>
      FAMILIES.flatMap(({ address, digit }) => [
        set(`deny_to_host${digit}`, 'sources', [address], ['interval']),
        set(`deny_to_host_port${digit}`, 'source . port', [address, 'inet_proto', 'inet_service'], ['interval']),
        set(`deny_from_host${digit}`, 'targets', [address], ['interval']),
        set(`deny_from_host_port${digit}`, 'target . port', [address, 'inet_proto', 'inet_service'], ['interval']),
      ]),
    ),
    ...when(modules.has('policy'), () =>
      FAMILIES.flatMap(({ address, digit }) => [
        set(`deny${digit}`, 'source . target', [address, address], ['interval']),
        set(
          `deny_port${digit}`,
          'source . target . port',
          [address, address, 'inet_proto', 'inet_service'],
          ['interval'],
        ),
        set(`allow${digit}`, 'source . target', [address, address], ['interval']),
        set(
          `allow_port${digit}`,
          'source . target . port',
          [address, address, 'inet_proto', 'inet_service'],
          ['interval'],
        ),
      ]),
    ),
    ...when(modules.has('isolated'), () => [
      set('isolated', 'bridges whose ports reach each other through the host only', ['ifname']),
    ]),
    ...when(modules.has('internal'), () => [
      set('internal', 'bridges of internal networks', ['ifname']),
      ...eachSet((address, digit) => set(`internal_gateways${digit}`, 'their own addresses', [address])),
    ]),
    ...when(modules.has('routed'), () => [set('routed', 'bridges of routed networks', ['ifname'])]),
    ...when(modules.has('snat'), () =>
      eachSet((address, digit) => ({
        ...set(`snat${digit}`, 'subnet : the address it leaves with', [address], ['interval']),
        data: { kind: 'value', type: types(address) },
      })),
    ),
    ...when(modules.has('log'), () => [set('logged', 'bridges of networks that log their drops', ['ifname'])]),
  ];
}

export function inetChains(modules: Modules): Chain[] {
  const denied = (direction: 'deny' | 'allow', to: Statement): Rule[] =>
    FAMILIES.flatMap(({ digit, saddr, daddr }) => [
      rule(inSet(concat(saddr, daddr), `${direction}${digit}`), to),
      rule(inSet(concat(saddr, daddr, l4proto, dport), `${direction}_port${digit}`), to),
    ]);
  return [
    chain('screen', [rule(inSet(iifname, 'bridges'), toLoopback, goTo('refuse'))], base('filter', 'prerouting', -300)),
    ...when(modules.has('admission') || modules.has('limit') || modules.has('host policy'), () => admission(modules)),
    chain(
      'prerouting',
      [rule(toLoopback, verdict('return')), rule(toThisHost, goTo('publish'))],
      base('nat', 'prerouting', -100),
    ),
    chain('output', [rule(toThisHost, goTo('publish'))], base('nat', 'output', -100)),
    chain('publish', [
      ...each(({ family, daddr, digit }) => [dnat(family, concat(daddr, l4proto, dport), `publish_at${digit}`)]),
      ...each(({ family, digit }) => [dnat(family, concat(l4proto, dport), `publish${digit}`)]),
    ]),
    ...when(modules.has('host policy') || modules.has('isolated'), () => [fromHost(modules)]),
    chain(
      'input',
      [
        rule(inSet(iifname, 'bridges'), goTo('container_to_host')),
        ...when(modules.has('internal'), () =>
          each(({ daddr, digit }) => [
            match(iifname, '!=', text('lo')),
            inSet(daddr, `internal_gateways${digit}`),
            goTo('refuse'),
          ]),
        ),
      ],
      base('filter', 'input', 0),
    ),
    chain('container_to_host', [
      rule(match(ct('state'), '==', anonymousSet(symbol('established'), symbol('related'))), verdict('return')),
      rule(
        match(field('icmpv6 type'), '==', anonymousSet(symbol('nd-neighbor-solicit'), symbol('nd-neighbor-advert'))),
        verdict('accept'),
      ),
      ...each(({ daddr, digit }) => [
        inSet(daddr, `gateways${digit}`),
        notInSet(concat(iifname, daddr), `gateway${digit}`),
        goTo('refuse'),
      ]),
      ...when(modules.has('internal'), () => [
        rule(match(field('ip6 daddr'), '==', prefixExpression(LINK_LOCAL)), verdict('accept')),
        ...each(({ daddr, digit }) => [
          inSet(iifname, 'internal'),
          notInSet(concat(iifname, daddr), `gateway${digit}`),
          goTo('refuse'),
        ]),
      ]),
    ]),
    chain(
      'forward',
      [
        ...when(modules.has('internal'), () => [
          rule(inSet(iifname, 'internal'), notInSet(concat(iifname, oifname), 'peers'), goTo('refuse')),
          rule(inSet(oifname, 'internal'), notInSet(concat(iifname, oifname), 'peers'), goTo('refuse')),
        ]),
        rule(inSet(oifname, 'bridges'), goTo('to_container')),
        rule(inSet(iifname, 'bridges'), goTo('from_container')),
      ],
      base('filter', 'forward', 0),
    ),
    chain('to_container', [rule(known({ kind: 'goto', chain: 'established' })), rule(goTo('new_to_container'))]),
    // A connection by a publish that was taken away since is a new one.
    chain('established', [
      ...each(({ daddr, digit }) => [
        translated,
        match(ct('direction'), '==', symbol('original')),
        notInSet(concat(daddr, l4proto, dport), `published${digit}`),
        goTo('new_to_container'),
      ]),
      rule(verdict('accept')),
    ]),
    chain('new_to_container', [
      ...when(modules.has('policy'), () => denied('deny', goTo('refuse'))),
      ...each(({ daddr, digit }) => [
        translated,
        inSet(concat(daddr, l4proto, dport), `published${digit}`),
        verdict('accept'),
      ]),
      rule(inSet(concat(iifname, oifname), 'peers'), verdict('accept')),
      ...when(modules.has('policy'), () => denied('allow', verdict('accept'))),
      ...when(modules.has('routed'), () => [
        ...each(({ daddr, digit }) => [
          inSet(oifname, 'routed'),
          notInSet(iifname, 'bridges'),
          inSet(concat(daddr, l4proto, dport), `published${digit}`),
          verdict('accept'),
        ]),
        ...each(({ echo }) => [inSet(oifname, 'routed'), notInSet(iifname, 'bridges'), echo, verdict('accept')]),
      ]),
      rule(goTo('refuse')),
    ]),
    chain('from_container', [
      rule(known({ kind: 'accept' })),
      ...when(modules.has('policy'), () => denied('deny', goTo('refuse'))),
      rule(verdict('accept')),
    ]),
    chain('refuse', [
      ...when(modules.has('log'), () => [
        rule(inSet(iifname, 'logged'), jump('log_drop')),
        rule(inSet(oifname, 'logged'), notInSet(iifname, 'logged'), jump('log_drop')),
      ]),
      rule({ kind: 'counter' }, verdict('drop')),
    ]),
    ...when(modules.has('log'), () => [
      chain('log_drop', [
        rule(
          { kind: 'limit', rate: { count: 10n, unit: 'packets', per: 'second', over: false, burst: 20n } },
          { kind: 'log', prefix: 'tsnet drop: ', flags: [] },
        ),
      ]),
    ]),
    chain(
      'postrouting',
      [
        rule(match(oifname, '==', text('lo')), verdict('return')),
        rule(inSet(oifname, 'bridges'), goTo('into_network')),
        ...when(modules.has('snat'), () =>
          each(({ family, saddr, digit }) => [
            { kind: 'snat', family, address: { kind: 'map', key: saddr, map: namedMap(`snat${digit}`) }, flags: [] },
          ]),
        ),
        ...each(({ saddr, digit }) => [inSet(saddr, `masquerade${digit}`), { kind: 'masquerade', flags: [] }]),
      ],
      base('nat', 'postrouting', 100),
    ),
    chain('into_network', [
      rule(match(field('ip saddr'), '==', prefixExpression(LOOPBACK)), { kind: 'masquerade', flags: [] }),
      ...each(({ saddr, daddr, digit }) => [
        translated,
        inSet(concat(saddr, daddr), `hairpin${digit}`),
        { kind: 'masquerade', flags: [] },
      ]),
    ]),
  ];
}

const LINK_LOCAL: Prefix = {
  family: 6,
  address: (0xfe80n << 112n) as Extract<Address, { family: 6 }>['value'],
  length: 10,
};

function dnat(family: 'ip' | 'ip6', key: Expression, map: string): Statement {
  return { kind: 'dnat', family, address: { kind: 'map', key, map: namedMap(map) }, flags: [] };
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

/** Who may open a connection to the host and its published ports: looked at before the address is translated. */
function admission(modules: Modules): Chain[] {
  const published = (daddr: Expression) => concat(daddr, l4proto, dport);
  return [
    chain('admission', [rule(isNew, toThisHost, jump('admit'))], base('filter', 'prerouting', -140)),
    chain('admit', [
      ...when(modules.has('host policy'), () =>
        FAMILIES.flatMap(({ saddr, digit }) => [
          rule(inSet(saddr, `deny_to_host${digit}`), goTo('refuse')),
          rule(inSet(concat(saddr, l4proto, dport), `deny_to_host_port${digit}`), goTo('refuse')),
        ]),
      ),
      ...when(modules.has('admission'), () =>
        each(({ saddr, daddr, digit }) => [
          inSet(published(daddr), `restricted${digit}`),
          notInSet(concat(saddr, daddr, l4proto, dport), `admitted${digit}`),
          goTo('refuse'),
        ]),
      ),
      ...when(modules.has('limit'), () =>
        each(({ daddr, digit }) => [inSet(published(daddr), `limited${digit}`), goTo('refuse')]),
      ),
    ]),
  ];
}

function fromHost(modules: Modules): Chain {
  return chain(
    'host_output',
    [
      // What is routed back to the bridge it came from makes the kernel tell of a shorter way, which there is not.
      ...when(modules.has('isolated'), () => [
        rule(match(field('icmp type'), '==', symbol('redirect')), inSet(oifname, 'isolated'), verdict('drop')),
        rule(match(field('icmpv6 type'), '==', symbol('nd-redirect')), inSet(oifname, 'isolated'), verdict('drop')),
      ]),
      ...when(modules.has('host policy'), () =>
        FAMILIES.flatMap(({ daddr, digit }) => [
          rule(isNew, inSet(daddr, `deny_from_host${digit}`), goTo('refuse')),
          rule(isNew, inSet(concat(daddr, l4proto, dport), `deny_from_host_port${digit}`), goTo('refuse')),
        ]),
      ),
    ],
    base('filter', 'output', 0),
  );
}

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

/** The target of a neighbour advertisement (RFC 4861 section 4.4); nft 1.0.6 has no name for it. */
const ND_TARGET: Expression = { kind: 'payload', base: 'th', offset: 64, bits: 128 };

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
