import { types } from '../../../dsl/ruleset/nodes';
import type { NamedSet } from '../../../dsl/ruleset/tree';
import { type Modules, when } from './modules';
import { eachSet, FAMILIES, set } from './parts';

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
