import { PROGRAM } from '../../../dsl/core/origin';
import { concat, ct, flags, goTo, inSet, match, notInSet, symbol, verdict } from '../../../dsl/ruleset/nodes';
import type { Chain, Rule, Statement } from '../../../dsl/ruleset/tree';
import { type Modules, when } from './modules';
import { base, chain, dport, each, FAMILIES, iifname, l4proto, oifname, rule, translated } from './parts';

/** Traffic that belongs to a connection already let through goes on; what conntrack cannot place does not. */
function known(): Rule {
  const verdicts = { established: 'accept', related: 'accept', invalid: 'drop' } as const;
  const elements = Object.entries(verdicts).map(([state, kind]) => ({
    key: symbol(state),
    data: { kind },
    origin: PROGRAM,
  }));
  return rule({ kind: 'vmap', key: ct('state'), map: { kind: 'anonymous', elements } });
}

/** What goes through the host, to containers and from them. */
export function forward(modules: Modules): Chain[] {
  const denied = (direction: 'deny' | 'allow', to: Statement): Rule[] =>
    FAMILIES.flatMap(({ digit, saddr, daddr }) => [
      rule(inSet(concat(saddr, daddr), `${direction}${digit}`), to),
      rule(inSet(concat(saddr, daddr, l4proto, dport), `${direction}_port${digit}`), to),
    ]);
  return [
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
    chain('to_container', [
      // A connection by a publish that was taken away since is a new one.
      ...each(({ daddr, digit }) => [
        match(ct('state'), '==', flags('established')),
        translated,
        match(ct('direction'), '==', symbol('original')),
        notInSet(concat(daddr, l4proto, dport), `published${digit}`),
        goTo('new_to_container'),
      ]),
      known(),
      rule(goTo('new_to_container')),
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
      known(),
      ...when(modules.has('policy'), () => denied('deny', goTo('refuse'))),
      rule(verdict('accept')),
    ]),
  ];
}
