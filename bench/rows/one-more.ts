import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { bareWork } from '../floor';
import { folder, newHost, Ours, written } from '../hosts';
import { intentOf, lastNetwork } from '../intent';
import {
  type Candidate,
  interleaved,
  type Measured,
  median,
  peakOf,
  run,
  type Sample,
  TSNET,
  timed,
  within,
} from '../measure';
import { fill, type Peer, peersOf } from '../peers';
import { type Line, ms, type Plot, type Result, type Row, times } from '../result';

/** What one container more costs beside others: a command, a file, a call, and other programs. */
export const oneMore: Row = {
  title: 'one container more',
  measure: (quick) => measureAll([0, quick ? 200 : 1000], peersOf(newHost, folder), quick ? 3 : 7, 'one-more.svg'),
};

/** The same beside ten times as many, where nobody else is waited for. */
export const tenThousand: Row = {
  title: 'one container more among ten thousand',
  measure: (quick) => measureAll([0, quick ? 400 : 10_000], [], quick ? 3 : 7, 'ten-thousand.svg'),
};

async function measureAll(
  counts: readonly number[],
  peers: readonly Peer[],
  rounds: number,
  file: string,
): Promise<Result> {
  const found: Found[] = [];
  for (const count of counts) found.push(await measureAt(count, peers, rounds));
  return {
    lines: found.flatMap((one, index) => linesOf(one, index === 0 ? undefined : found[0])),
    plots: [plotOf(found, file)],
    notes: peers.length > 0 ? NOTES : [],
  };
}

const NOTES = [
  'Peers at 1,000: the rules of the containers before are loaded as the program itself writes them, their devices are left out, which favours them. CNI plugins: `bridge`, then `portmap`, with addresses given.',
  'The floor: `ip -batch` outside, `ip -netns -batch` inside, and `nft add element`, three processes, beside so many bare containers.',
];

interface Found {
  readonly count: number;
  readonly measured: Measured;
  readonly called: Readonly<Record<'add' | 'remove' | 'floor', readonly Sample[]>>;
  readonly peers: readonly Peer[];
  readonly megabytes: { readonly first: number; readonly more: number };
  /** Files of the state that `run` opens. */
  readonly opened: number | undefined;
}

async function measureAt(count: number, peers: readonly Peer[], rounds: number): Promise<Found> {
  const ours = new Ours(newHost(`ours${count}`));
  const network = lastNetwork(count);
  const [before, after] = ['before', 'after'].map((name) => `${name}-${count}`);
  const more = written(`${after}`, intentOf(count, `container more { network ${network}; publish 60000:80 }\n`));
  const all = written(`${before}`, intentOf(count));
  const apply = (file: string) => [...TSNET, 'apply', file];
  const peak = (file: string) => Math.round(peakOf(apply(file), ours.how));
  const megabytes = { first: peak(all), more: peak(more) };
  ours.tsnet('rm', 'more');
  // The first one is added to make the chains, one more to make all that a first one of many makes.
  for (const peer of peers) {
    if (count === 0) peer.add(0);
    else fill(peer, 1, count);
  }
  const add = ['run', '-d', '--net', network, '--name', 'more', '-p', '60000:80', '--', 'sleep', '600'];
  const candidates: Candidate[] = [
    { name: 'node', run: () => timed([process.execPath, '-e', '0']) },
    { name: 'run', run: () => ours.tsnet(...add) },
    { name: 'rm', run: () => ours.tsnet('rm', 'more') },
    { name: 'apply', run: () => timed(apply(more), ours.how), after: () => void ours.tsnet('rm', 'more') },
    { name: 'compile', run: () => timed([...TSNET, 'compile', '-o', '/dev/null', more]) },
    ...peers.map((peer) => ({ name: peer.name, run: () => peer.add(count + 1), after: () => peer.remove(count + 1) })),
  ];
  const measured = await interleaved(candidates, rounds);
  return {
    count,
    measured,
    called: await calls(ours, count, network, rounds),
    peers,
    megabytes,
    opened: opensOf(ours, network),
  };
}

async function calls(ours: Ours, count: number, network: string, rounds: number): Promise<Found['called']> {
  let floor = '-';
  if (count <= 1000) {
    floor = newHost(`floor${count}`);
    const ruleset = run([...TSNET, 'compile', written('floor', intentOf(count))]);
    within(floor, () => bareWork(count, ruleset));
  }
  const script = [
    process.execPath,
    require.resolve('ts-node/dist/bin.js'),
    '--swc',
    join(__dirname, '..', 'library.ts'),
  ];
  const printed = run([...script, ours.state, network, floor, String(rounds)], ours.how);
  // The next host's are named alike.
  if (count <= 1000)
    run(['ip', '-force', '-batch', '-'], {
      input: Array.from({ length: count }, (_, at) => `netns delete bare-${at}\n`).join(''),
    });
  return JSON.parse(printed);
}

/** How many files of the state a `run` opens; undefined without strace. */
function opensOf(ours: Ours, network: string): number | undefined {
  const strace = ['/usr/bin/strace'].find((path) => existsSync(path));
  if (!strace) return undefined;
  const log = join(folder, 'opens');
  const command = [...TSNET, 'run', '-d', '--net', network, '--name', 'traced', '-p', '60002:80', '--', 'true'];
  run([strace, '-f', '-e', 'trace=openat', '-o', log, ...command], ours.how);
  ours.tsnet('rm', 'traced');
  const opened = readFileSync(log, 'utf8').matchAll(/openat\([^"]*"([^"]*)"/g);
  return new Set([...opened].flatMap(([, path = '']) => (path.startsWith(ours.state) ? [path] : []))).size;
}

function linesOf({ count, measured, called, peers, megabytes, opened }: Found, none: Found | undefined): Line[] {
  const there = count.toLocaleString('en');
  const [started, node, applied, compiled] = ['run', 'node', 'apply', 'compile'].map((name) =>
    measured.median(name),
  ) as [number, number, number, number];
  const cpu = (name: string) => ms(measured.median(name, 'cpu'));
  const [call, floor] = [median(called.add.map(({ wall }) => wall)), median(called.floor.map(({ wall }) => wall))];
  const lines: Line[] = [
    {
      what: `\`tsnet run -d -p\`, ${there} there`,
      ours: `${ms(started)} (${cpu('run')} of processor time)`,
      others: none
        ? `0 there: ${ms(none.measured.median('run'))} (${ms(none.measured.median('run', 'cpu'))})`
        : `\`node -e 0\`: ${ms(node)} (${cpu('node')})`,
      ratio: none
        ? times(started / none.measured.median('run'))
        : `+ ${ms(started - node)} (+ ${ms(measured.median('run', 'cpu') - measured.median('node', 'cpu'))} of processor time)`,
      target: none ? 'at most 1.5×' : 'at most + 60 ms',
      met: none ? started <= 1.5 * none.measured.median('run') : started - node <= 60,
    },
    {
      what: `\`tsnet rm\`, ${there} there`,
      ours: `${ms(measured.median('rm'))} (${cpu('rm')} of processor time)`,
      others: none ? `0 there: ${ms(none.measured.median('rm'))}` : '',
      ratio: none ? times(measured.median('rm') / none.measured.median('rm')) : '',
      target: '',
      met: undefined,
    },
    {
      what: `\`tsnet apply\` of a file with one more, ${there} there`,
      ours: `${ms(applied)} (${cpu('apply')} of processor time)`,
      others: `\`tsnet compile\` of it: ${ms(compiled)} (${cpu('compile')})`,
      ratio: `+ ${ms(applied - compiled)}`,
      target: count >= 10_000 ? 'at most + 150 ms' : '',
      met: count >= 10_000 ? applied - compiled <= 150 : undefined,
    },
  ];
  for (const { name } of peers) {
    const other = measured.median(name);
    const others = `${name}: ${ms(other)} (${cpu(name)})`;
    const faster = (what: string, own: number): Line => ({
      what: `${what}, ${there} there`,
      ours: ms(own),
      others,
      ratio: times(own / other),
      target: count < 1000 ? '' : 'faster',
      met: count < 1000 ? undefined : own < other,
    });
    lines.push(faster('`tsnet run -d -p`', started), faster('`tsnet apply` of a file with one more', applied));
  }
  const removed = median(called.remove.map(({ wall }) => wall));
  lines.push({
    what: `a call in a process that runs, ${there} there`,
    ours: `${ms(call)}; to remove it ${ms(removed)}`,
    others: called.floor.length > 0 ? `floor: ${ms(floor)}` : '',
    ratio: called.floor.length > 0 ? times(call / floor) : '',
    target: called.floor.length > 0 ? 'at most 2×' : '',
    met: called.floor.length > 0 ? call <= 2 * floor : undefined,
  });
  if (opened !== undefined)
    lines.push({
      what: `files of the state that \`tsnet run\` opens, ${there} there`,
      ours: String(opened),
      others: none?.opened === undefined ? '' : `0 there: ${none.opened}`,
      ratio: '',
      target: '',
      met: undefined,
    });
  if (count >= 10_000)
    lines.push({
      what: `memory of \`tsnet apply\`, ${there} there`,
      ours: `${megabytes.more} MB with one more; ${megabytes.first} MB from nothing`,
      others: '',
      ratio: '',
      target: 'at most 300 MB',
      met: Math.max(megabytes.more, megabytes.first) <= 300,
    });
  return lines;
}

function plotOf(found: readonly Found[], file: string): Plot {
  const names = [...new Set(found.flatMap(({ peers }) => peers.map(({ name }) => name)))];
  const curve = (name: string, of: (one: Found) => number | undefined) => ({
    name,
    points: found.flatMap((one) => {
      const value = of(one);
      return value === undefined ? [] : [[one.count, value] as const];
    }),
  });
  return {
    file,
    title: 'One container more, with a published port (whole process)',
    x: 'containers there',
    y: 'ms',
    series: [
      curve('tsnet run', ({ measured }) => measured.median('run')),
      curve('tsnet apply', ({ measured }) => measured.median('apply')),
      curve('a call in a process that runs', ({ called }) => median(called.add.map(({ wall }) => wall))),
      ...names.map((name) =>
        curve(name, ({ measured, peers }) =>
          peers.some((one) => one.name === name) ? measured.median(name) : undefined,
        ),
      ),
    ],
  };
}
