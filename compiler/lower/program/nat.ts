import {
  concat,
  field,
  goTo,
  inSet,
  match,
  namedMap,
  prefixExpression,
  text,
  verdict,
} from '../../../dsl/ruleset/nodes';
import type { Chain, Expression, Statement } from '../../../dsl/ruleset/tree';
import { type Modules, when } from './modules';
import {
  base,
  chain,
  dport,
  each,
  LOOPBACK,
  l4proto,
  oifname,
  rule,
  toLoopback,
  toLoopback6,
  toThisHost,
  translated,
} from './parts';

/** Where published ports lead. */
export function destinations(): Chain[] {
  return [
    chain(
      'prerouting',
      [rule(toLoopback, verdict('return')), rule(toThisHost, goTo('publish'))],
      base('nat', 'prerouting', -100),
    ),
    chain(
      'output',
      [rule(toLoopback6, verdict('return')), rule(toThisHost, goTo('publish'))],
      base('nat', 'output', -100),
    ),
    chain('publish', [
      ...each(({ family, daddr, digit }) => [dnat(family, concat(daddr, l4proto, dport), `publish_at${digit}`)]),
      ...each(({ family, digit }) => [dnat(family, concat(l4proto, dport), `publish${digit}`)]),
    ]),
  ];
}

function dnat(family: 'ip' | 'ip6', key: Expression, map: string): Statement {
  return { kind: 'dnat', family, address: { kind: 'map', key, map: namedMap(map) }, flags: [] };
}

/** The addresses that connections leave with, and those whose answers have to come back through the host. */
export function sources(modules: Modules): Chain[] {
  return [
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
