import { acceptIn, connections, type End, end, iperfIn } from '../connect';
import { folder, newClient, newHost, Ours } from '../hosts';
import { portsIntentOf } from '../intent';
import { interleaved, type Measured, run } from '../measure';
import { fill, type Peer, peersOf } from '../peers';
import { type Line, type Plot, type Row, times } from '../result';

const [PLAIN, OURS, ONE] = ['no rules at all', 'tsnet', 'tsnet, 1 port'];
const FIRST = 10_000;

interface Way {
  readonly name: string;
  /** Where its server runs, with so many ports published. */
  prepare(ports: number): { readonly server: string; readonly end: End };
  undo(): void;
}

/** New connections through the last of many published ports, and the throughput of one. */
export const latency: Row = {
  title: 'connections',
  async measure(quick) {
    const counts = quick ? [1, 1000] : [1, 100, 1000, 10_000];
    const ways = waysOf();
    const found = new Map<number, Measured>();
    let flow: Measured | undefined;
    for (const ports of counts) {
      const ready = ways.map((way) => ({ name: way.name, ...way.prepare(ports) }));
      const servers = [];
      for (const { server } of ready) servers.push(await acceptIn(server));
      const rounds = quick ? 5 : 25;
      const measured = await interleaved(
        ready.map((way) => ({ name: way.name, run: () => latencyOf(way.end) })),
        rounds,
      );
      found.set(ports, measured);
      for (const server of servers) await end(server);
      if (ports === counts.at(-1)) flow = await throughput(ready, quick);
      for (const way of ways) way.undo();
    }
    const most = counts.at(-1) ?? 0;
    const names = ways.map(({ name }) => name);
    return { lines: linesOf(found, most, flow, names), plots: [plotOf(found, names)] };
  },
};

function latencyOf(to: End) {
  const wall = connections(to, 400, 100);
  return { wall, cpu: wall };
}

async function throughput(
  ready: readonly { name: string; server: string; end: End }[],
  quick: boolean,
): Promise<Measured> {
  const servers = [];
  for (const { server } of ready) servers.push(await iperfIn(server));
  const measured = await interleaved(
    ready.map(({ name, end: to }) => ({
      name,
      run: () => {
        const printed = run(['iperf3', '--client', to.address, '--port', String(to.port), '--time', '1', '--json'], {
          host: to.client,
        });
        const { end: total } = JSON.parse(printed) as { end: { sum_received: { bits_per_second: number } } };
        return { wall: total.sum_received.bits_per_second / 1e9, cpu: 0 };
      },
    })),
    quick ? 2 : 7,
  );
  for (const server of servers) await end(server);
  return measured;
}

function waysOf(): Way[] {
  return [plain(), ours(ONE, () => 1), ours(OURS, (ports) => ports), ...peersOf(newHost, folder).map(peerWay)];
}

function plain(): Way {
  const host = newHost('plain');
  const client = newClient(host);
  run(['ip', 'netns', 'add', 'plain-c']);
  run(['ip', 'link', 'add', 'plain-br', 'type', 'bridge'], { host });
  run(['ip', 'link', 'add', 'plain-v', 'type', 'veth', 'peer', 'name', 'eth0', 'netns', 'plain-c'], { host });
  const words = [
    'address add 10.77.0.1/16 dev plain-br',
    'link set plain-v master plain-br',
    'link set plain-v up',
    'link set plain-br up',
  ];
  for (const line of words) run(['ip', ...line.split(' ')], { host });
  for (const line of [
    'link set lo up',
    'address add 10.77.0.2/16 dev eth0',
    'link set eth0 up',
    'route add default via 10.77.0.1',
  ])
    run(['ip', ...line.split(' ')], { host: 'plain-c' });
  const to = { server: 'plain-c', end: { client, address: '10.77.0.2', port: 80 } };
  return { name: PLAIN, prepare: () => to, undo: () => undefined };
}

function ours(name: string, portsOf: (ports: number) => number): Way {
  const label = name === OURS ? 'om' : 'oo';
  const own = new Ours(newHost(label));
  const client = newClient(own.host);
  return {
    name,
    prepare: (ports) => {
      const published = portsOf(ports);
      own.apply(portsIntentOf(published, label, name === OURS ? '10.78.0.0/16' : '10.79.0.0/16'));
      const record = JSON.parse(run(['cat', `${own.state}/containers/${label}-c.json`])) as {
        sandbox: { namespace: string };
      };
      return { server: record.sandbox.namespace, end: { client, address: '192.0.2.1', port: FIRST + published - 1 } };
    },
    undo: () => undefined,
  };
}

/** The container is the last that was added, so its rules come last. */
function peerWay(peer: Peer): Way {
  const client = newClient(peer.how.host ?? '');
  let [filled, last] = [1, 0];
  peer.add(0);
  return {
    name: peer.name,
    prepare: (ports) => {
      if (ports - 1 > filled) {
        fill(peer, filled, ports - 1);
        filled = ports - 1;
      }
      last = ports - 1;
      if (last > 0) peer.add(last);
      return { server: peer.namespace(last), end: { client, address: '192.0.2.1', port: FIRST + last } };
    },
    undo: () => {
      if (last > 0) peer.remove(last);
    },
  };
}

function linesOf(
  found: ReadonlyMap<number, Measured>,
  most: number,
  flow: Measured | undefined,
  names: readonly string[],
): Line[] {
  const measured = found.get(most);
  if (!measured || !flow) return [];
  const us = (name: string) => `${measured.median(name).toFixed(0)} µs`;
  const what = `a new connection through the last of ${most.toLocaleString('en')} published ports, p50`;
  const line = (other: string, target: string, limit: number | undefined): Line => {
    const ratio = measured.ratio(OURS, other);
    return {
      what,
      ours: us(OURS),
      others: `${other}: ${us(other)}`,
      ratio: times(ratio),
      target,
      met: limit === undefined ? undefined : ratio <= limit,
    };
  };
  const gbit = (name: string) => `${flow.median(name).toFixed(1)} Gbit/s`;
  const share = flow.ratio(OURS, PLAIN);
  return [
    line(ONE, 'at most 1.15×', 1.15),
    line(PLAIN, 'at most 1.3×', 1.3),
    ...names.filter((name) => ![PLAIN, OURS, ONE].includes(name)).map((name) => line(name, '', undefined)),
    ...names
      .filter((name) => name !== OURS)
      .map(
        (name): Line => ({
          what: `throughput of one stream, ${most.toLocaleString('en')} published ports`,
          ours: gbit(OURS),
          others: `${name}: ${gbit(name)}`,
          ratio: name === PLAIN ? `${(share * 100).toFixed(1)} %` : times(flow.ratio(OURS, name)),
          target: name === PLAIN ? 'at least 97 %' : '',
          met: name === PLAIN ? share >= 0.97 : undefined,
        }),
      ),
  ];
}

function plotOf(found: ReadonlyMap<number, Measured>, names: readonly string[]): Plot {
  return {
    file: 'connections.svg',
    title: 'A new connection through the last published port, p50',
    x: 'published ports',
    y: 'µs',
    series: names
      .filter((name) => name !== ONE)
      .map((name) => ({
        name,
        points: [...found].map(([ports, measured]) => [ports, measured.median(name)] as const),
      })),
  };
}
