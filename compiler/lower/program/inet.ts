import { goTo, inSet, jump, notInSet, verdict } from '../../../dsl/ruleset/nodes';
import type { Chain } from '../../../dsl/ruleset/tree';
import { forward } from './forward';
import { admission, fromHost, toHost } from './host';
import { type Modules, when } from './modules';
import { destinations, sources } from './nat';
import { base, chain, iifname, oifname, rule, toLoopback } from './parts';

/** The chains of packets, in the order in which a packet meets them. */
export function inetChains(modules: Modules): Chain[] {
  return [
    chain('screen', [rule(inSet(iifname, 'bridges'), toLoopback, goTo('refuse'))], base('filter', 'prerouting', -300)),
    ...when(modules.has('admission') || modules.has('limit') || modules.has('host policy'), () => admission(modules)),
    ...destinations(),
    ...when(modules.has('host policy') || modules.has('isolated'), () => fromHost(modules)),
    ...toHost(modules),
    ...forward(modules),
    ...refuse(modules),
    ...sources(modules),
  ];
}

function refuse(modules: Modules): Chain[] {
  return [
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
  ];
}
