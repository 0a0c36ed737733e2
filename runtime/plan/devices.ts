import type { HostOp } from '../host/port';
import { planProxies } from './proxies';
import { doneFor, type Phase, type Step } from './step';
import {
  BRIDGE_DEFAULTS,
  type Wanted,
  type WantedBridge,
  type WantedEndpoint,
  type WantedSandbox,
  type WantedSysctl,
} from './wanted';

export interface DeviceContext {
  /** What a setting is now, to put it back. */
  sysctl(key: string): string | undefined;
  /** Host ends that have to be made again. */
  readonly broken: ReadonlySet<string>;
}

/** The steps from the devices that were made to those that are wanted; what stays the same is not touched. */
export function planDevices(before: Wanted, after: Wanted, context: DeviceContext): Step[] {
  const macs: BridgeMacs = new Map([...before.bridges, ...after.bridges].map(({ name, mac }) => [name, mac]));
  const bridges = pair(before.bridges, after.bridges, ({ name }) => name);
  const sandboxes = pair(before.sandboxes, after.sandboxes, ({ namespace }) => namespace);
  const changedBridges = new Set(
    bridges.changed.filter(([old, now]) => needsNewBridge(old, now)).map(([old]) => old.name),
  );
  const stays = (endpoint: WantedEndpoint, other: WantedEndpoint | undefined) =>
    other !== undefined &&
    same(apartFromPort(endpoint), apartFromPort(other)) &&
    !changedBridges.has(endpoint.bridge) &&
    !context.broken.has(endpoint.veth);
  const staying = [...sandboxes.changed, ...sandboxes.kept].map(([old, now]) => ({
    old,
    now,
    leaving: old.endpoints.filter(
      (one) =>
        !stays(
          one,
          now.endpoints.find(({ veth }) => veth === one.veth),
        ),
    ),
    coming: now.endpoints.filter(
      (one) =>
        !stays(
          one,
          old.endpoints.find(({ veth }) => veth === one.veth),
        ),
    ),
  }));
  const ports = staying.flatMap(({ old, now, coming }) =>
    now.endpoints
      .filter((one) => !coming.includes(one))
      .flatMap((one) => adjustPort(now, old.endpoints.find(({ veth }) => veth === one.veth) ?? one, one, macs)),
  );
  const madeAnew = new Set([...changedBridges, ...bridges.added.map(({ name }) => name)]);
  const proxies = planProxies(before, after, madeAnew);
  return [
    ...after.sysctls.flatMap((one) => setSysctl(one, context)),
    ...proxies.first,
    // Ports leave before their bridge is replaced, so that an undo, which goes backwards, finds the bridge again.
    ...staying.flatMap(({ old, leaving }) =>
      leaving.flatMap((one) => doneFor('container', old.container, disconnect(old, one, macs))),
    ),
    ...sandboxes.removed.flatMap((old) =>
      old.endpoints
        .filter(({ bridge }) => changedBridges.has(bridge))
        .flatMap((one) => doneFor('container', old.container, disconnect(old, one, macs))),
    ),
    ...bridges.added.flatMap((bridge) => doneFor('network', bridge.network, addBridge(bridge))),
    ...bridges.changed.flatMap(([old, now]) =>
      doneFor('network', now.network, changedBridges.has(old.name) ? replaceBridge(old, now) : adjustBridge(old, now)),
    ),
    ...bridges.removed.flatMap((bridge) => doneFor('network', bridge.network, removeBridge(bridge))),
    ...sandboxes.added.flatMap((sandbox) =>
      doneFor('container', sandbox.container, [
        ...addNamespace(sandbox),
        ...addEndpoints(sandbox, sandbox.endpoints, macs),
      ]),
    ),
    ...staying.flatMap(({ now, coming }) => doneFor('container', now.container, addEndpoints(now, coming, macs))),
    ...proxies.next,
    ...ports,
    ...sandboxes.removed.flatMap((sandbox) => doneFor('container', sandbox.container, [removeNamespace(sandbox)])),
    ...proxies.last,
  ];
}

interface Paired<T> {
  readonly added: readonly T[];
  readonly removed: readonly T[];
  readonly changed: readonly (readonly [T, T])[];
  readonly kept: readonly (readonly [T, T])[];
}

function pair<T>(before: readonly T[], after: readonly T[], key: (item: T) => string): Paired<T> {
  const old = new Map(before.map((item) => [key(item), item]));
  const now = new Set(after.map(key));
  const both = after.flatMap((item) => {
    const other = old.get(key(item));
    return other === undefined ? [] : [[other, item] as const];
  });
  return {
    added: after.filter((item) => !old.has(key(item))),
    removed: before.filter((item) => !now.has(key(item))),
    changed: both.filter(([a, b]) => !same(a, b)),
    kept: both.filter(([a, b]) => same(a, b)),
  };
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function step(phase: Phase, title: string, op: HostOp, undo: readonly HostOp[] | 'irreversible'): Step {
  return { phase, title, do: op, undo };
}

function setSysctl({ key, value }: WantedSysctl, { sysctl }: DeviceContext, phase: Phase = 'prepare'): Step[] {
  const old = sysctl(key);
  if (old === value) return [];
  const undo: HostOp[] = old === undefined ? [] : [{ op: 'sysctl.set', key, value: old }];
  return [step(phase, `set ${key.replaceAll('/', '.')} to ${value}`, { op: 'sysctl.set', key, value }, undo)];
}

function addBridge(bridge: WantedBridge): Step[] {
  const { name, mac, mtu, addresses, sysctls } = bridge;
  return [
    step('prepare', `add bridge ${name}`, { op: 'bridge.add', name, mac, mtu }, [{ op: 'link.remove', name }]),
    ...addresses.map((address) =>
      step('prepare', `add address ${address} to ${name}`, { op: 'address.add', name, address }, [
        { op: 'address.remove', name, address },
      ]),
    ),
    // The undo of the bridge takes them along.
    ...sysctls
      .filter(({ key, value }) => value !== defaultOf(key))
      .map(({ key, value }) =>
        step('prepare', `set ${key.replaceAll('/', '.')} to ${value}`, { op: 'sysctl.set', key, value }, []),
      ),
    step('activate', `bring ${name} up`, { op: 'link.up', name }, [{ op: 'link.down', name }]),
  ];
}

function defaultOf(key: string): string | undefined {
  return BRIDGE_DEFAULTS[key.slice(key.lastIndexOf('/') + 1)];
}

function removeBridge({ name }: WantedBridge): Step[] {
  return [step('retire', `delete bridge ${name}`, { op: 'link.remove', name }, 'irreversible')];
}

function needsNewBridge(old: WantedBridge, now: WantedBridge): boolean {
  return old.mac !== now.mac || old.mtu !== now.mtu;
}

/** The old bridge has to go before the new one of its name comes; its undo is to make it again. */
function replaceBridge(old: WantedBridge, now: WantedBridge): Step[] {
  const remove: HostOp = { op: 'link.remove', name: old.name };
  const again = addBridge(old).map((one) => one.do);
  return [step('prepare', `delete bridge ${old.name}`, remove, [remove, ...again]), ...addBridge(now)];
}

function adjustBridge(old: WantedBridge, now: WantedBridge): Step[] {
  const { name } = now;
  const sysctls = now.sysctls.flatMap(({ key, value }) => {
    const before = old.sysctls.find((one) => one.key === key)?.value ?? defaultOf(key) ?? value;
    return before === value
      ? []
      : [
          step('prepare', `set ${key.replaceAll('/', '.')} to ${value}`, { op: 'sysctl.set', key, value }, [
            { op: 'sysctl.set', key, value: before },
          ]),
        ];
  });
  return [
    ...sysctls,
    ...old.addresses
      .filter((address) => !now.addresses.includes(address))
      .map((address) =>
        step(
          'retire',
          `delete address ${address} from ${name}`,
          { op: 'address.remove', name, address },
          'irreversible',
        ),
      ),
    ...now.addresses
      .filter((address) => !old.addresses.includes(address))
      .map((address) =>
        step('prepare', `add address ${address} to ${name}`, { op: 'address.add', name, address }, [
          { op: 'address.remove', name, address },
        ]),
      ),
  ];
}

function addNamespace({ namespace, container, endpoints }: WantedSandbox): Step[] {
  const veths = endpoints.map(({ veth }) => veth);
  return [
    step('prepare', `add namespace of ${container}`, { op: 'namespace.add', namespace }, [
      { op: 'namespace.remove', namespace, veths },
    ]),
    ...(endpoints.length === 0
      ? [step('prepare', `bring lo of ${container} up`, { op: 'sandbox.prepare', namespace, interfaces: [] }, [])]
      : []),
  ];
}

function removeNamespace({ namespace, container, endpoints }: WantedSandbox): Step {
  const veths = endpoints.map(({ veth }) => veth);
  return step(
    'retire',
    `delete namespace of ${container}`,
    { op: 'namespace.remove', namespace, veths },
    'irreversible',
  );
}

function addEndpoints(
  { container, namespace }: WantedSandbox,
  endpoints: readonly WantedEndpoint[],
  macs: BridgeMacs,
): Step[] {
  if (endpoints.length === 0) return [];
  return [
    ...endpoints.flatMap((endpoint) => {
      const { veth, bridge, mtu, guarded, mac, interface: peer } = endpoint;
      const op: HostOp = { op: 'veth.add', name: veth, bridge, mtu, namespace, peer, mac };
      return [
        step('prepare', `connect ${container} to ${bridge} (${veth})`, op, [{ op: 'link.remove', name: veth }]),
        ...(guarded ? [guardPort(endpoint, macs)] : []),
      ];
    }),
    step(
      'prepare',
      `give ${container} its addresses`,
      { op: 'sandbox.prepare', namespace, interfaces: endpoints.map(insideOf) },
      [],
    ),
    ...endpoints.map(({ veth }) =>
      step('activate', `bring ${veth} up`, { op: 'link.up', name: veth }, [{ op: 'link.down', name: veth }]),
    ),
    step(
      'activate',
      `bring ${container} up`,
      {
        op: 'sandbox.up',
        namespace,
        interfaces: endpoints.map((one) => one.interface),
        gateways: endpoints.flatMap((one) => one.gateways.map((gateway) => ({ interface: one.interface, gateway }))),
      },
      [],
    ),
  ];
}

/** What makes an endpoint's inside as it should be, whatever has become of it. */
export function inwardSteps({ container, namespace }: WantedSandbox, endpoint: WantedEndpoint): Step[] {
  const { interface: name, gateways } = endpoint;
  return doneFor('container', container, [
    step(
      'activate',
      `give ${container} its addresses again`,
      { op: 'sandbox.prepare', namespace, interfaces: [insideOf(endpoint)] },
      [],
    ),
    step(
      'activate',
      `bring ${name} of ${container} up again`,
      {
        op: 'sandbox.up',
        namespace,
        interfaces: [name],
        gateways: gateways.map((gateway) => ({ interface: name, gateway })),
      },
      [],
    ),
  ]);
}

function insideOf({ interface: name, addresses }: WantedEndpoint) {
  return { name, ipv6: addresses.some((address) => address.includes(':')), addresses };
}

/** An endpoint that changes goes before its successor comes, for they share names; its undo makes it again. */
function disconnect(sandbox: WantedSandbox, endpoint: WantedEndpoint, macs: BridgeMacs): Step[] {
  const remove: HostOp = { op: 'link.remove', name: endpoint.veth };
  const again = addEndpoints(sandbox, [endpoint], macs).map((one) => one.do);
  const title = `disconnect ${sandbox.container} from ${endpoint.bridge} (${endpoint.veth})`;
  return [step('prepare', title, remove, [remove, ...again])];
}

/** Undone, the port is gone, or not guarded as before. */
function guardPort(endpoint: WantedEndpoint, macs: BridgeMacs, before?: WantedEndpoint): Step {
  const { veth } = endpoint;
  const undo: HostOp = before?.guarded ? guardOp(before, macs) : { op: 'port.unguard', name: veth };
  return step('prepare', `guard ${veth}`, guardOp(endpoint, macs), [undo]);
}

type BridgeMacs = ReadonlyMap<string, string>;

function guardOp({ veth, mac, addresses, isolated, bridge }: WantedEndpoint, macs: BridgeMacs): HostOp {
  return { op: 'port.guard', name: veth, mac, addresses, onlyTo: isolated ? (macs.get(bridge) ?? null) : null };
}

function apartFromPort(endpoint: WantedEndpoint): object {
  return { ...endpoint, isolated: undefined, guarded: undefined };
}

/**
 * Who speaks with whom directly changes with the rules, and with the guards; what a container knew of its neighbours is
 * wrong from then on.
 */
function adjustPort({ namespace }: WantedSandbox, old: WantedEndpoint, now: WantedEndpoint, macs: BridgeMacs): Step[] {
  const { veth } = now;
  const forget: HostOp = { op: 'sandbox.forget', namespace, interface: now.interface };
  const unguard: HostOp = { op: 'port.unguard', name: veth };
  const turned = now.isolated !== old.isolated;
  return [
    ...(now.guarded && (!old.guarded || turned) ? [guardPort(now, macs, old)] : []),
    ...(!now.guarded && old.guarded ? [step('retire', `guard ${veth} no longer`, unguard, 'irreversible')] : []),
    ...(turned
      ? [step('activate', `let the container behind ${veth} look for its neighbours anew`, forget, [forget])]
      : []),
  ];
}
