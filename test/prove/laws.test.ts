import { evaluate, type Facts } from '../../compiler/evaluate/evaluate';
import { FIELD_ORDER } from '../../compiler/meaning/fields';
import { JOURNEYS, type Journey } from '../../compiler/meaning/journey';
import type { Names } from '../../compiler/meaning/names';
import { namesOf, type Program, programsOf } from '../../compiler/meaning/program';
import { compare } from '../../compiler/prove/compare';
import { readDump } from '../../compiler/targets/iptables/read';
import { randomly } from '../support/random';

const MATCHES = [
  '-p tcp --dport 80',
  '-p tcp --dport 80:90',
  '-p udp --dport 53',
  '-p tcp ! --dport 80',
  '-p icmp --icmp-type echo-request',
  '-s 10.0.0.0/8',
  '-d 10.0.0.1',
  '-d 10.0.0.2',
  '! -s 10.0.0.0/9',
  '-i eth0',
  '-i eth+',
  '! -i eth1',
  '-m conntrack --ctstate NEW',
  '-m conntrack --ctstate ESTABLISHED,RELATED',
  '-m conntrack --ctstate DNAT',
  '-m mark --mark 1',
  '-m mark --mark 2/3',
  '-m mark ! --mark 0x1/0x1',
  '-m connmark --mark 1',
  '-p tcp --syn',
  '-p tcp -m multiport --dports 80,443',
  '-m addrtype --dst-type LOCAL',
  '-p tcp -m multiport --ports 80,90',
];
const TARGETS: Record<string, readonly string[]> = {
  filter: ['ACCEPT', 'DROP', 'REJECT', 'RETURN', 'one', 'two', 'LOG --log-prefix a'],
  mangle: [
    'ACCEPT',
    'MARK --set-mark 1',
    'MARK --set-xmark 2/3',
    'MARK --or-mark 4',
    'CONNMARK --save-mark',
    'CONNMARK --restore-mark',
    'one',
    'RETURN',
  ],
  nat: ['DNAT --to-destination 10.0.0.1', 'DNAT --to-destination 10.0.0.2:80', 'ACCEPT', 'RETURN', 'one'],
};
const CHAINS: Record<string, readonly string[]> = {
  filter: ['FORWARD', 'INPUT', 'OUTPUT'],
  mangle: ['PREROUTING', 'FORWARD'],
  nat: ['PREROUTING'],
};

/** Tables as lists of lines, so that one line can be changed. */
function dump(below: (below: number) => number): string[] {
  const lines: string[] = [];
  for (const table of ['mangle', 'nat', 'filter']) {
    lines.push(
      `*${table}`,
      ...(CHAINS[table] ?? []).map((chain) => `:${chain} ${table === 'filter' && below(2) ? 'DROP' : 'ACCEPT'}`),
      ':one -',
      ':two -',
    );
    for (let count = below(9); count > 0; count--) lines.push(rule(table, below));
    lines.push('COMMIT');
  }
  return lines;
}

/** iptables takes an option once, and one that is cut short (`--dport` beside `--dports`) for the other. */
function sharesOption(one: string, other: string): boolean {
  const options = (text: string) => text.split(' ').filter((word) => /^-/.test(word) && !['-p', '-m'].includes(word));
  return options(one).some((first) =>
    options(other).some((second) => first.startsWith(second) || second.startsWith(first)),
  );
}

function rule(table: string, below: (below: number) => number): string {
  const chains = [...(CHAINS[table] ?? []), 'one', 'two'];
  const chain = chains[below(chains.length)] as string;
  const drawn = Array.from({ length: below(3) }, () => MATCHES[below(MATCHES.length)] as string);
  const matches = drawn.filter((match, index) => !drawn.slice(0, index).some((other) => sharesOption(match, other)));
  const protocols = new Set(matches.map((match) => /-p \w+/.exec(match)?.[0]).filter((one) => one !== undefined));
  const kept = protocols.size > 1 ? matches.slice(0, 1) : matches;
  const targets = (TARGETS[table] ?? []).filter(
    (target) => !(chain === 'two' && /one|two/.test(target)) && !(chain === 'one' && target === 'one'),
  );
  const wanted = targets[below(targets.length)] as string;
  const port = wanted.includes(':80') && !kept.some((match) => match.includes('-p tcp'));
  return `-A ${chain} ${kept.join(' ').replace(/-p tcp(.*)-p tcp/, '-p tcp$1')} -j ${port ? 'ACCEPT' : wanted}`;
}

function programs(one: readonly string[], other: readonly string[]): readonly [Program, Program] | undefined {
  const read = [one, other].map((lines) => readDump({ name: 'rules', text: `${lines.join('\n')}\n` }, 'ip'));
  const tables = read.flatMap((outcome) => (outcome.ok ? [{ tables: outcome.value }] : []));
  const [first, second] = tables;
  if (!first || !second)
    throw new Error(
      JSON.stringify(read.map((outcome) => !outcome.ok && outcome.diagnostics.map(({ message }) => message))),
    );
  const names = namesOf([first, second]);
  return programsOf([first, second], 'ip', names);
}

const INTERFACES = ['lo', 'eth0', 'eth1', 'eth2', 'wlan0'];

const VALUES: Record<string, readonly number[]> = {
  'ct.state': [0, 1, 2, 3, 4],
  saddr: [0x0a000001, 0x0a800001, 0xc0000201],
  daddr: [0x0a000001, 0x0a000002, 0xc0000201],
  l4proto: [1, 6, 17],
  dport: [53, 80, 85, 90, 443],
  sport: [80, 90, 1000],
  'icmp type': [0, 8],
  'fib daddr type': [1, 2],
};

function packet(below: (below: number) => number, names: Names): Map<string, number> {
  const facts = new Map<string, number>();
  for (const field of FIELD_ORDER) {
    if (/^(!|ether|fragment|saddr6|daddr6|fib saddr)/.test(field)) continue;
    const values = VALUES[field];
    if (values) facts.set(field, values[below(values.length)] as number);
    else if (field === 'iif' || field === 'oif')
      facts.set(field, names.numberOf(INTERFACES[below(INTERFACES.length)] as string));
    else if (/^(mark|ct mark)\.[0-3]$|^tcp flags|^ct\.status\.5$|^ct\.direction$/.test(field))
      facts.set(field, below(2));
  }
  if (facts.get('ct.state') === 3) facts.set('ct.status.5', 0).set('ct.direction', 0);
  return facts;
}

function fate(program: Program, packet: Facts, journey: Journey): string {
  // Nothing comes in by an interface that the host sends, and nothing leaves that it keeps.
  const facts = new Map(packet);
  if (journey === 'output') facts.set('iif', 0);
  if (journey === 'input') facts.set('oif', 0);
  const walk = evaluate(program, facts, JOURNEYS[journey][0], () =>
    journey === 'input' ? { kind: 'input' } : { kind: 'forward', oif: facts.get('oif') ?? 0 },
  );
  const accepted = walk.verdict === 'accept';
  const seen = walk.observations.filter(({ what }) => accepted || what !== 'nat').map(({ text }) => text);
  const state = walk.read('ct.state');
  const marks = [0, 1, 2, 3].map((bit) => [
    accepted ? walk.read(`mark.${bit}`) : 0,
    state === 0 || state === 4 ? 0 : walk.read(`ct mark.${bit}`),
  ]);
  const routed = [0, 1, 2, 3].map((bit) => walk.readWhenRouted(`mark.${bit}`));
  return JSON.stringify([walk.verdict, walk.text, seen, marks, routed]);
}

const OPTIONS = { ignore: new Set<never>(), cap: 500_000, most: 1 };

test('what is called equal no packet tells apart, and what is called different its packet does', () => {
  const counts = { equal: 0, different: 0, packets: 0 };
  for (let seed = 1; seed <= 400; seed++) {
    const below = randomly(seed * 7919);
    const lines = dump(below);
    const places = lines.flatMap((line, index) => (line.startsWith('-A') ? [index] : []));
    const place = places[below(Math.max(1, places.length))];
    if (place === undefined) continue;
    const table =
      lines
        .slice(0, place)
        .findLast((line) => line.startsWith('*'))
        ?.slice(1) ?? 'filter';
    const changed = below(3) === 0 ? lines.toSpliced(place, 1) : lines.with(place, rule(table, below));
    const pair = programs(lines, changed);
    if (!pair) continue;
    const [first, second] = pair;
    const result = compare(first, second, OPTIONS);
    if (result.kind === 'different') {
      counts.different++;
      const [difference] = result.differences;
      if (difference) {
        const fates = [first, second].map((program) => fate(program, difference.facts, difference.journey));
        expect({
          seed,
          same: fates[0] === fates[1],
          difference: fates[0] === fates[1] ? { difference, fates, lines, changed } : undefined,
        }).toEqual({ seed, same: false });
      }
    } else {
      counts.equal++;
      for (let index = 0; index < 60; index++) {
        const facts = packet(below, first.names);
        for (const journey of Object.keys(JOURNEYS) as Journey[]) {
          counts.packets++;
          const fates = [first, second].map((program) => fate(program, facts, journey));
          expect({
            seed,
            fate: fates[0],
            lines: fates[0] === fates[1] ? '' : [...lines, '=>', ...changed].join('\n'),
          }).toEqual({ seed, fate: fates[1], lines: '' });
        }
      }
    }
  }
  expect(counts.equal).toBeGreaterThan(50);
  expect(counts.different).toBeGreaterThan(100);
});
