import { bareWork } from '../floor';
import { folder, newHost, Ours, written } from '../hosts';
import { intentOf } from '../intent';
import { interleaved, run, TSNET, timedHere, within } from '../measure';
import { fill, type Peer, peersOf } from '../peers';
import { type Line, ms, type Result, type Row, times } from '../result';

/** Many containers from nothing, and all of them taken down again. */
export const first: Row = {
  title: 'the first apply',
  async measure(quick) {
    const count = quick ? 200 : 1000;
    const intent = intentOf(count);
    const ruleset = run([...TSNET, 'compile', written('first', intent)]);
    const [ours, bare] = [new Ours(newHost('first')), newHost('bare')];
    const measured = await interleaved(
      [
        { name: 'ours', run: () => ours.apply(intent) },
        { name: 'down', run: () => ours.tsnet('down'), after: () => settled(ours.host) },
        {
          name: 'bare',
          run: () => timedHere(() => within(bare, () => bareWork(count, ruleset))),
          after: () => clear(bare, count),
        },
      ],
      quick ? 2 : 5,
    );
    const peers = peersOf(newHost, folder).filter(({ name }) => name.startsWith('netavark'));
    const alone = peers.map((peer) => ({ name: peer.name, ms: oneByOne(peer, count) }));
    return result(count, measured, alone);
  },
};

function result(
  count: number,
  measured: Awaited<ReturnType<typeof interleaved>>,
  alone: readonly { readonly name: string; readonly ms: number }[],
): Result {
  const [ours, bare, down] = [measured.median('ours'), measured.median('bare'), measured.median('down')];
  const ratio = measured.ratio('ours', 'bare');
  const what = `${count.toLocaleString('en')} containers with a publish each, from nothing`;
  const lines: Line[] = [
    {
      what,
      ours: `${ms(ours)} (${ms(measured.median('ours', 'cpu'))} of processor time)`,
      others: `bare kernel work: ${ms(bare)} (${ms(measured.median('bare', 'cpu'))})`,
      ratio: `${times(ratio)} (${times(measured.ratio('ours', 'bare', 'cpu'))} of processor time)`,
      target: 'at most 1.5×',
      met: ratio <= 1.5,
    },
    ...alone.map(
      ({ name, ms: wall }): Line => ({
        what,
        ours: ms(ours),
        others: `${name}, one by one: ${ms(wall)}`,
        ratio: times(ours / wall),
        target: 'at most 1/30',
        met: ours / wall <= 1 / 30,
      }),
    ),
    {
      what: 'the same taken down',
      ours: `${ms(down)} (${ms(measured.median('down', 'cpu'))} of processor time)`,
      others: '',
      ratio: '',
      target: 'under 3 s',
      met: down < 3000,
    },
  ];
  const plot = {
    file: 'first.svg',
    title: `${count.toLocaleString('en')} containers from nothing`,
    x: '',
    y: 'seconds',
    series: [
      { name: 'bare kernel work', points: [[0, bare / 1000] as const] },
      { name: 'tsnet apply', points: [[0, ours / 1000] as const] },
      ...alone.map(({ name, ms: wall }) => ({ name, points: [[0, wall / 1000] as const] })),
    ],
  };
  const notes = [
    'Bare kernel work is a loop of the same netlink requests and one load of the ready-made ruleset by libnftables, in a process that runs already (`bench/floor.ts`).',
    'netavark one by one: what a container costs is measured with 0, half and all of the rules there (median of 3 each), and added up along the line between. Its rules are loaded as it writes them; their containers’ devices are left out, which favours it.',
  ];
  return { lines, plots: [plot], notes };
}

/** What `count` containers cost that are added one after the other, ms, by what one costs at 0, half and all of them. */
function oneByOne(peer: Peer, count: number): number {
  const half = Math.floor(count / 2);
  const at = (there: number) => {
    const samples = [there + 1, there + 2, there + 3].map((one) => {
      const { wall } = peer.add(one);
      peer.remove(one);
      return wall;
    });
    return samples.sort((a, b) => a - b)[1] ?? 0;
  };
  peer.add(0);
  const none = at(0);
  fill(peer, 1, half);
  const middle = at(half);
  fill(peer, half, count);
  const all = at(count);
  return (half * (none + middle)) / 2 + ((count - half) * (middle + all)) / 2;
}

function clear(host: string, count: number): Promise<void> {
  const names = Array.from({ length: count }, (_, at) => `netns delete bare-${at}\n`);
  run(['ip', '-batch', '-'], { input: names.join('') });
  for (let at = 0; at <= Math.floor(count / 1000); at++) run(['ip', 'link', 'delete', `bare${at}`], { host });
  return settled(host);
}

/** When the kernel has taken the devices down. */
async function settled(host: string): Promise<void> {
  for (let waits = 0; waits < 200; waits++) {
    const links = run(['ip', '-oneline', 'link', 'show', 'type', 'veth'], { host });
    if (links.trim() === '') return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
