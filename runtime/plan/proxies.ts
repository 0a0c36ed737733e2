import type { HostOp } from '../host/port';
import type { Phase, Step } from './step';
import type { Wanted } from './wanted';

interface Proxy {
  readonly bridge: string;
  readonly address: string;
}

/**
 * On an isolated port neighbours are found through the host, which has to know whom to answer for (IPv6). `first` comes
 * before a bridge is replaced, `next` after it.
 */
export function planProxies(before: Wanted, after: Wanted, madeAnew: ReadonlySet<string>) {
  const old = proxiesOf(before);
  const now = proxiesOf(after);
  const moved = ({ bridge }: Proxy) => madeAnew.has(bridge);
  const key = ({ bridge, address }: Proxy) => `${bridge} ${address}`;
  const [were, are] = [new Set(old.map(key)), new Set(now.map(key))];
  return {
    first: old.filter(moved).map((one) => proxyStep('prepare', one, 'stop')),
    next: now.filter((one) => moved(one) || !were.has(key(one))).map((one) => proxyStep('prepare', one, 'start')),
    last: old.filter((one) => !moved(one) && !are.has(key(one))).map((one) => proxyStep('retire', one, 'stop')),
  };
}

function proxiesOf({ sandboxes }: Wanted): Proxy[] {
  return sandboxes
    .flatMap(({ endpoints }) => endpoints)
    .filter(({ isolated }) => isolated)
    .flatMap(({ bridge, addresses }) =>
      addresses
        .filter((address) => address.includes(':'))
        .map((address) => ({ bridge, address: address.replace(/\/.*$/, '') })),
    );
}

function proxyStep(phase: Phase, { bridge, address }: Proxy, action: 'start' | 'stop'): Step {
  const start: HostOp = { op: 'neighbour.proxy', name: bridge, address };
  const stop: HostOp = { op: 'neighbour.unproxy', name: bridge, address };
  const title = `${action} answering for ${address} on ${bridge}`;
  if (phase === 'retire') return { phase, title, do: stop, undo: 'irreversible' };
  return action === 'start'
    ? { phase, title, do: start, undo: [stop] }
    : { phase, title, do: stop, undo: [stop, start] };
}
