import type { Address, Prefix } from '../../../dsl/core/address';
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
  notInSet,
  prefixExpression,
  symbol,
  text,
  verdict,
} from '../../../dsl/ruleset/nodes';
import type { Chain, Expression } from '../../../dsl/ruleset/tree';
import { type Modules, when } from './modules';
import { base, chain, dport, each, FAMILIES, iifname, l4proto, oifname, rule, toThisHost } from './parts';

const isNew = match(ct('state'), '==', flags('new'));

/** Who may open a connection to the host and its published ports: looked at before the address is translated. */
export function admission(modules: Modules): Chain[] {
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

/** What the host itself sends to containers. */
export function fromHost(modules: Modules): Chain[] {
  return [
    chain(
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
    ),
  ];
}

const LINK_LOCAL: Prefix = {
  family: 6,
  address: (0xfe80n << 112n) as Extract<Address, { family: 6 }>['value'],
  length: 10,
};

/** What reaches the host itself. */
export function toHost(modules: Modules): Chain[] {
  return [
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
  ];
}
