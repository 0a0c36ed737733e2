import type { HostOp } from '../host/port';
import type { Phase, Step } from './step';
import type { Wanted } from './wanted';

/** Something a bridge knows about a neighbour, and how that is said to the kernel. */
interface Entry {
  readonly bridge: string;
  /** What there can be but one of. */
  readonly key: string;
  readonly title: string;
  readonly make: HostOp;
  readonly take: HostOp;
}

/**
 * Neighbours that the host answers for or knows beforehand. On an isolated port IPv6 neighbours are found through the
 * host, which has to know whom to answer for; who is behind a locked one, nobody else can tell it. `first` comes before a
 * bridge is replaced, `next` after it.
 */
export function planNeighbours(before: Wanted, after: Wanted, madeAnew: ReadonlySet<string>) {
  const old = entriesOf(before);
  const now = entriesOf(after);
  const moved = ({ bridge }: Entry) => madeAnew.has(bridge);
  const were = new Map(old.map((entry) => [entry.key, entry]));
  const are = new Set(now.map(({ key }) => key));
  const isNew = (entry: Entry) => moved(entry) || JSON.stringify(were.get(entry.key)) !== JSON.stringify(entry);
  return {
    first: old
      .filter(moved)
      .map((entry) => entryStep('prepare', `no longer ${entry.title}`, entry.take, [entry.take, entry.make])),
    next: now.filter(isNew).map((entry) => {
      const replaced = moved(entry) ? undefined : were.get(entry.key);
      return entryStep('prepare', entry.title, entry.make, [entry.take, ...(replaced ? [replaced.make] : [])]);
    }),
    last: old
      .filter((entry) => !moved(entry) && !are.has(entry.key))
      .map((entry) => entryStep('retire', `no longer ${entry.title}`, entry.take, 'irreversible')),
  };
}

function entriesOf({ sandboxes }: Wanted): Entry[] {
  return sandboxes
    .flatMap(({ endpoints }) => endpoints)
    .flatMap(({ bridge, mac, isolated, locked, addresses }) =>
      addresses
        .map((address) => address.replace(/\/.*$/, ''))
        .flatMap((address): Entry[] => [
          ...(isolated && address.includes(':') ? [proxyEntry(bridge, address)] : []),
          ...(locked ? [pinEntry(bridge, address, mac)] : []),
        ]),
    );
}

function proxyEntry(bridge: string, address: string): Entry {
  return {
    bridge,
    key: `proxy ${bridge} ${address}`,
    title: `answer for ${address} on ${bridge}`,
    make: { op: 'neighbour.proxy', name: bridge, address },
    take: { op: 'neighbour.unproxy', name: bridge, address },
  };
}

function pinEntry(bridge: string, address: string, mac: string): Entry {
  return {
    bridge,
    key: `pin ${bridge} ${address}`,
    title: `look for ${address} at ${mac} on ${bridge}`,
    make: { op: 'neighbour.pin', name: bridge, address, mac },
    take: { op: 'neighbour.unpin', name: bridge, address },
  };
}

function entryStep(phase: Phase, title: string, op: HostOp, undo: Step['undo']): Step {
  return { phase, title, do: op, undo };
}
