import { formatAddress } from '../../../../dsl/core/address';
import type { Name } from '../../../../dsl/core/names';
import type { Intent, IntentDocument } from '../../../../dsl/intent/model';
import { NO_LEASES, resolve } from '../../../../dsl/intent/resolve';
import { bridgeName, linkLocalOf, vethName } from '../../../../dsl/intent/resolve/device-names';
import { intentSchema } from '../../../../dsl/intent/schema';
import type { Container } from '../../../../dsl/intent/topology';

const intentOf = (document: IntentDocument): Intent => intentSchema.parse(document);
const front = { name: 'front', subnets: ['172.17.0.0/16', 'fd00:17::/64'] };
const inFront = (name: string, more: object = {}) => ({ name, networks: [{ network: 'front', ...more }] });

function endpointsOf(container: Container | undefined) {
  return container?.mode.kind === 'bridged' ? container.mode.endpoints : [];
}

function addressesOf(container: Container | undefined): string[] {
  return endpointsOf(container).flatMap(({ addresses }) => addresses.map(({ address }) => formatAddress(address)));
}

describe('resolve', () => {
  test('fills in the gateway, the bridge and the next free addresses around the written ones', () => {
    const { topology } = resolve(
      intentOf({
        networks: [front],
        containers: [inFront('a'), inFront('b', { addresses: ['172.17.0.3'] }), inFront('c')],
      }),
      NO_LEASES,
    );
    expect(topology.networks[0]?.subnets.map(({ gateway }) => formatAddress(gateway))).toEqual([
      '172.17.0.1',
      'fd00:17::1',
    ]);
    expect(topology.networks[0]?.bridge).toBe('tn-front');
    expect(topology.containers.map(addressesOf)).toEqual([
      ['172.17.0.2', 'fd00:17::2'],
      ['172.17.0.3', 'fd00:17::3'],
      ['172.17.0.4', 'fd00:17::4'],
    ]);
    expect(endpointsOf(topology.containers[1])[0]?.mac).toBe('02:42:ac:11:00:03');
  });

  test('a container keeps its leased address and port when the ones before it are gone', () => {
    const both = intentOf({ networks: [front], containers: [inFront('a'), { ...inFront('b'), publish: ['80'] }] });
    const first = resolve(both, NO_LEASES);
    const second = resolve(
      intentOf({ networks: [front], containers: [{ ...inFront('b'), publish: ['80'] }] }),
      first.leases(),
    );
    expect(addressesOf(second.topology.containers[0])).toEqual(addressesOf(first.topology.containers[1]));
    expect(second.leases().ports).toEqual(new Map([['b/80/tcp', 32768]]));
    expect([...second.leases().addresses.keys()].every((key) => key.startsWith('b/'))).toBe(true);
  });

  test('a full subnet is a problem that names it', () => {
    const tiny = { name: 'front', subnets: ['10.0.0.0/30'] };
    const { problems } = resolve(intentOf({ networks: [tiny], containers: [inFront('a'), inFront('b')] }), NO_LEASES);
    expect(problems.map(({ problem, path }) => [problem.code, path])).toEqual([
      ['TN2111', ['containers', 1, 'networks', 0]],
    ]);
  });

  test('the default route comes from the first network that is not internal, a written gateway before it', () => {
    const networks = [
      { name: 'in', subnets: ['10.1.0.0/24'], internal: true },
      { name: 'front', subnets: ['10.2.0.0/24'] },
      { name: 'back', subnets: ['10.3.0.0/24'] },
    ];
    const attached = (more: object) =>
      intentOf({
        networks,
        containers: [{ name: 'a', networks: [{ network: 'in' }, { network: 'front' }, { network: 'back', ...more }] }],
      });
    const gateways = (intent: Intent) =>
      endpointsOf(resolve(intent, NO_LEASES).topology.containers[0]).map((one) => one.gateways.map(formatAddress));
    expect(gateways(attached({}))).toEqual([[], ['10.2.0.1'], []]);
    expect(gateways(attached({ gateways: ['10.3.0.254'] }))).toEqual([[], [], ['10.3.0.254']]);
  });

  test("a publish leads to both families, and a network's publish-address narrows it", () => {
    const publishing = (network: object) =>
      resolve(
        intentOf({ networks: [{ ...front, ...network }], containers: [{ ...inFront('a'), publish: ['8080:80'] }] }),
        NO_LEASES,
      ).topology.containers[0]?.publishes.map(({ hostAddress, targets }) => [
        hostAddress && formatAddress(hostAddress),
        targets.map(formatAddress),
      ]);
    expect(publishing({})).toEqual([[undefined, ['172.17.0.2', 'fd00:17::2']]]);
    expect(publishing({ publishAddresses: ['127.0.0.1'] })).toEqual([['127.0.0.1', ['172.17.0.2']]]);
  });

  test('device names fit the kernel, and long ones stay apart', () => {
    const long = 'a-very-long-name-indeed' as Name;
    expect(bridgeName(long)).toHaveLength(15);
    expect(vethName(long, 0)).toHaveLength(15);
    expect(bridgeName(long)).not.toBe(bridgeName(`${long}s` as Name));
    expect(linkLocalOf('02:42:ac:11:00:03' as never)).toBe('fe80::42:acff:fe11:3');
  });
});
