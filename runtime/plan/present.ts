import type { HostOp, Observation } from '../host/port';
import type { Step } from './step';
import type { Wanted, WantedBridge, WantedSandbox } from './wanted';

/** What was made and is still as it was made; the rest of it, others have changed or taken away. */
export interface Present {
  readonly devices: Wanted;
  /** Host ends that are there, but not as they should be: to be made again. */
  readonly broken: ReadonlySet<string>;
  /** What has to be done before all else. */
  readonly steps: readonly Step[];
}

/** Holds what was recorded against what is seen, so that a plan starts from the host as it is. */
export function presentOf(recorded: Wanted, seen: Observation, sysctl: (key: string) => string | undefined): Present {
  const links = new Map(seen.links.map((link) => [link.name, link]));
  const namespaces = new Set(seen.namespaces);
  const bridges = recorded.bridges.flatMap((bridge): WantedBridge[] => {
    const link = links.get(bridge.name);
    if (link?.kind !== 'bridge') return [];
    return [
      {
        ...bridge,
        mac: link.mac,
        mtu: bridge.mtu === null ? null : link.mtu,
        addresses: bridge.addresses.filter((address) => link.addresses.includes(address)),
        sysctls: bridge.sysctls.map(({ key, value }) => ({ key, value: sysctl(key) ?? value })),
      },
    ];
  });
  const kept = recorded.sandboxes.filter(({ namespace }) => namespaces.has(namespace));
  const lost = recorded.sandboxes.filter(({ namespace }) => !namespaces.has(namespace));
  const endpoints = kept.flatMap((sandbox) => sandbox.endpoints);
  const broken = endpoints.filter(({ veth, bridge }) => links.get(veth)?.master !== bridge);
  const left = lost.flatMap((sandbox) => sandbox.endpoints).filter(({ veth }) => links.has(veth));
  const down = [
    ...bridges.map(({ name }) => name),
    ...endpoints.filter((one) => !broken.includes(one)).map(({ veth }) => veth),
  ].filter((name) => links.get(name)?.up === false);
  return {
    devices: { bridges, sandboxes: kept.map((sandbox) => asGuarded(sandbox, seen)), sysctls: recorded.sysctls },
    broken: new Set(broken.map(({ veth }) => veth)),
    steps: [
      ...left.map(({ veth }) =>
        mend('prepare', `delete ${veth}, whose namespace is gone`, { op: 'link.remove', name: veth }),
      ),
      ...down.map((name) => mend('activate', `bring ${name} up again`, { op: 'link.up', name })),
    ],
  };
}

/** A guard that was taken away is put there again by whoever compares what is with what is wanted. */
function asGuarded(sandbox: WantedSandbox, { guarded }: Observation): WantedSandbox {
  if (!guarded) return sandbox;
  const endpoints = sandbox.endpoints.map((one) => ({ ...one, guarded: one.guarded && guarded.has(one.veth) }));
  return { ...sandbox, endpoints };
}

/** Nobody wants a mend undone. */
function mend(phase: Step['phase'], title: string, op: HostOp): Step {
  return { phase, title, do: op, undo: [] };
}
