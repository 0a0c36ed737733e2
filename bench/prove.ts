/**
 * How long `tsnet prove` takes for two dumps that differ in one rule, and for two that do the same in another order, by
 * their number of rules; and `tsnet why` by the number of containers. Whole commands, less what Node takes to start.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const PROGRAM = join(__dirname, '../dist/cli/main.js');
const RUNS = 3;

function pseudoRandom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return (state >> 8) % below;
  };
}

interface Taken {
  readonly ms: number;
  readonly cpuMs: number;
  readonly megabytes: number;
}

/** The quickest of some runs: what else the machine does only makes one slower. */
function taken(args: readonly string[]): Taken {
  const runs = Array.from({ length: RUNS }, (): Taken => {
    const start = performance.now();
    const { stderr } = spawnSync('/usr/bin/time', ['-f', '%U %S %M', process.execPath, ...args], { encoding: 'utf8' });
    const ms = performance.now() - start;
    const [user = 0, system = 0, kilobytes = 0] = (stderr.trimEnd().split('\n').at(-1) ?? '').split(' ').map(Number);
    return { ms, cpuMs: 1000 * (user + system), megabytes: kilobytes / 1000 };
  });
  return runs.reduce((best, one) => (one.cpuMs < best.cpuMs ? one : best));
}

function line(what: string, { ms, cpuMs, megabytes }: Taken, node: Taken): void {
  const [whole, cpu] = [ms - node.ms, cpuMs - node.cpuMs].map(Math.round);
  process.stdout.write(`${what.padEnd(36)} ${whole} ms, of the processor ${cpu} ms, ${Math.round(megabytes)} MB\n`);
}

function dumps(count: number): { readonly one: string; readonly other: string; readonly turned: string } {
  const below = pseudoRandom(7);
  const rules = Array.from({ length: count }, () => {
    const from = `10.${below(64)}.${below(256)}.0/24`;
    const to = `172.16.${below(32)}.${below(256)}`;
    const port = 1 + below(2000);
    return `-A FORWARD -s ${from} -d ${to} -p ${below(2) ? 'tcp' : 'udp'} --dport ${port} -j ${below(4) ? 'ACCEPT' : 'DROP'}`;
  });
  const changed = rules.findIndex((rule, index) => index >= count / 2 && rule.endsWith('ACCEPT'));
  const text = (lines: readonly string[]) => `*filter\n:FORWARD DROP\n${lines.join('\n')}\nCOMMIT\n`;
  const accepts = rules.filter((rule) => rule.endsWith('ACCEPT'));
  return {
    one: text(rules),
    other: text(rules.with(changed, (rules[changed] ?? '').replace(/--dport \d+/, '--dport 2001'))),
    turned: text([...rules.filter((rule) => rule.endsWith('DROP')), ...accepts]),
  };
}

function intent(containers: number): string {
  const networks = Array.from({ length: 40 }, (_, at) => `network n${at} { subnet 10.${at}.0.0/16 }`);
  const all = Array.from(
    { length: containers },
    (_, at) => `container c${at} { network n${at % 40}; publish ${20000 + at}:80 }`,
  );
  return `${[...networks, ...all].join('\n')}\n`;
}

const folder = mkdtempSync(join(tmpdir(), 'tsnet-bench-'));
try {
  const node = taken(['-e', '0']);
  const [one, other, third] = ['one.rules', 'other.rules', 'third.rules'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  for (const count of [500, 1000, 2000, 5000, 10000]) {
    const texts = dumps(count);
    writeFileSync(one, texts.one);
    writeFileSync(other, texts.other);
    writeFileSync(third, texts.turned);
    line(`prove, ${count} rules, one other`, taken([PROGRAM, 'prove', one, other]), node);
    line(`prove, ${count} rules, another order`, taken([PROGRAM, 'prove', one, third]), node);
  }
  const file = join(folder, 'big.tsnet');
  for (const count of [100, 1000, 10000]) {
    writeFileSync(file, intent(count));
    line(
      `why, ${count} containers`,
      taken([PROGRAM, 'why', '-f', file, 'from', 'outside', 'to', 'host', 'tcp', '20007']),
      node,
    );
  }
} finally {
  rmSync(folder, { recursive: true });
}
