import { ctStateNumber } from '../../compiler/meaning/fields';
import { readDump } from '../../compiler/targets/iptables/read';
import { readRulesetText } from '../../compiler/targets/nft/read/tables';
import { NOBODY } from '../../compiler/world/inhabitants';
import { addressFacts, type Packet } from '../../compiler/world/packet';
import { Programs } from '../../compiler/world/programs';
import { travel } from '../../compiler/world/travel';
import type { Start, Trip } from '../../compiler/world/trip';
import { World } from '../../compiler/world/world';
import { type Address, formatAddress, parseAddress, parsePrefix } from '../../dsl/core/address';
import type { Ruleset } from '../../dsl/ruleset/tree';
import { BEHIND_ETH0, type Fate, HOST, icmpChecksum, type Kernel, MACS, type More, type Shot } from './kernel';
import { oneOf, type Random, randomly } from './random';
import { type RandomRules, randomRules } from './random-rules';

/** A packet of which the model says something else than the kernel. */
export interface Disagreement {
  readonly seed: number;
  readonly rules: string;
  readonly shot: Shot & { readonly established: boolean };
  readonly kernel: Fate;
  readonly model: Fate;
}

const UDP = 17;
const PROTOCOLS = { tcp: 6, udp: UDP } as const;

/** What came of comparing one ruleset; `refused` is what the tool that would not load it, or tsnet that has no words for it, said. */
export interface Compared {
  readonly compared: number;
  readonly disagreements: readonly Disagreement[];
  readonly refused: string | undefined;
}

/** Loads one random ruleset, puts packets into the kernel, and compares what became of them with what the model says. */
export async function compareOnce(kernel: Kernel, seed: number, count: number): Promise<Compared> {
  const below = randomly(seed * 7919 + 17);
  const rules = randomRules(below, seed);
  return compareRules(kernel, rules, randomShots(below, rules, count), seed);
}

export async function compareRules(
  kernel: Kernel,
  rules: Pick<RandomRules, 'tool' | 'family' | 'text'>,
  shots: readonly Told[],
  seed = 0,
): Promise<Compared> {
  const ruleset = rulesetOf(rules);
  if (typeof ruleset === 'string') return { compared: 0, disagreements: [], refused: `tsnet: ${ruleset}` };
  clear(kernel);
  await establish(kernel, shots);
  const refused = kernel.load(rules.tool, rules.text);
  if (refused !== undefined) return { compared: 0, disagreements: [], refused: `${refused}\n${rules.text}` };
  const fates = await kernel.shoot(shots);
  clear(kernel);
  const world = hostWorld();
  const programs = new Programs(ruleset);
  const disagreements = shots.flatMap((shot): Disagreement[] => {
    const model = fateOf(travel(programs, world, packetOf(shot), startOf(shot)), shot);
    const seen = fates.get(shot.id) ?? { verdict: 'drop' };
    return same(model, seen, shot) ? [] : [{ seed, rules: rules.text, shot, kernel: seen, model }];
  });
  return { compared: shots.length, disagreements, refused: undefined };
}

function rulesetOf({ tool, family, text }: Pick<RandomRules, 'tool' | 'family' | 'text'>): Ruleset | string {
  const source = { name: 'rules', text };
  const outcome = tool === 'nft' ? readRulesetText(source) : readDump(source, family === 4 ? 'ip' : 'ip6');
  if (!outcome.ok) return outcome.diagnostics.map(({ message }) => message).join('\n');
  return { tables: outcome.value };
}

const EMPTY: Record<'iptables' | 'ip6tables', string> = {
  iptables: [
    'raw:PREROUTING,OUTPUT',
    'mangle:PREROUTING,INPUT,FORWARD,OUTPUT,POSTROUTING',
    'nat:PREROUTING,INPUT,OUTPUT,POSTROUTING',
    'filter:INPUT,FORWARD,OUTPUT',
  ]
    .map(emptied)
    .join(''),
  ip6tables: [
    'raw:PREROUTING,OUTPUT',
    'mangle:PREROUTING,INPUT,FORWARD,OUTPUT,POSTROUTING',
    'nat:PREROUTING,INPUT,OUTPUT,POSTROUTING',
    'filter:INPUT,FORWARD,OUTPUT',
  ]
    .map(emptied)
    .join(''),
};

function emptied(text: string): string {
  const [table, chains = ''] = text.split(':');
  return `*${table}\n${chains
    .split(',')
    .map((chain) => `:${chain} ACCEPT [0:0]\n`)
    .join('')}COMMIT\n`;
}

function clear(kernel: Kernel): void {
  kernel.load('nft', 'table inet rules\ndelete table inet rules\n');
  for (const tool of ['iptables', 'ip6tables'] as const) kernel.load(tool, EMPTY[tool]);
}

/** A packet, and what conntrack knows of it. */
export type Told = Shot & { readonly established: boolean; readonly reply: boolean };

function randomShots(below: Random, { family, addresses }: RandomRules, count: number): Told[] {
  return Array.from({ length: count }, (_, at): Told => {
    const id = at + 1;
    const kind = oneOf(below, ['tcp', 'tcp', 'udp', 'udp', 'icmp'] as const);
    const way = below(10);
    const source = oneOf(below, addresses.clients);
    const sourcePort = 20000 + id * 7 + (below(2) === 0 ? 20000 : 0);
    const more = moreOf(below, family, kind);
    const common = { id, family, sourcePort, established: false, reply: false, more } as const;
    const port = kind === 'udp' ? oneOf(below, [53, 80, 443]) : oneOf(below, [80, 443, 90, 8080]);
    const types = family === 4 ? [8, 0] : [128, 129];
    const detail = kind === 'tcp' ? oneOf(below, [0x02, 0x02, 0x10, 0x12]) : oneOf(below, types);
    if (way === 0) {
      // A connection that was there before the rules: one way, or the other.
      const server = oneOf(below, addresses.servers);
      const reply = below(2) === 0;
      return reply
        ? {
            ...common,
            kind: 'udp',
            more: moreOf(below, family, 'udp'),
            in: 'eth1',
            source: server,
            destination: source,
            sourcePort: 53,
            destinationPort: sourcePort,
            detail,
            established: true,
            reply,
          }
        : {
            ...common,
            kind: 'udp',
            more: moreOf(below, family, 'udp'),
            in: 'eth0',
            source,
            destination: server,
            destinationPort: 53,
            detail,
            established: true,
            reply,
          };
    }
    if (way === 1)
      return {
        ...common,
        kind,
        in: undefined,
        source: oneOf(below, addresses.local),
        destination: oneOf(below, [...addresses.servers, ...addresses.clients]),
        destinationPort: port,
        detail: kind === 'icmp' ? (types[0] as number) : 0x02,
      };
    if (way === 2)
      return {
        ...common,
        kind,
        in: 'eth1',
        source: oneOf(below, addresses.servers),
        destination: oneOf(below, [...addresses.clients, ...addresses.local]),
        destinationPort: port,
        detail,
      };
    return {
      ...common,
      kind,
      in: 'eth0',
      source,
      destination: oneOf(below, [...addresses.servers, ...addresses.servers, ...addresses.local]),
      destinationPort: port,
      detail,
    };
  });
}

/** Most packets have something unusual about them. */
function moreOf(below: Random, family: 4 | 6, kind: Shot['kind']): More {
  const sometimes = <T>(list: readonly T[], name: keyof More): Partial<Record<keyof More, T>> =>
    below(3) === 0 ? { [name]: oneOf(below, list) } : {};
  return {
    // The half byte before the flow label, which tells packets of IPv6 apart, has to be 0: nft 1.0.6 keys by it too.
    ...sometimes(family === 4 ? [8, 10, 46, 63] : [8, 20, 40], 'dscp'),
    ...(family === 4 ? sometimes([1, 3], 'ecn') : {}),
    ...sometimes([2, 5, 63, 128, 255], 'ttl'),
    ...sometimes([2, 40, 100, 500], 'data'),
    ...(kind === 'icmp' ? sometimes([1, 3], 'code') : {}),
    ...(kind === 'tcp' ? { ...sometimes([536, 1460], 'mss'), ...sometimes([0, 512, 1024], 'window') } : {}),
    ...(family === 6 && below(2) === 0 ? sometimes(['hbh', 'dst'] as const, 'extension') : {}),
  } as More;
}

/** With no rules in the way, both sides of each connection that is to be there are heard. */
async function establish(kernel: Kernel, shots: readonly Told[]): Promise<void> {
  const begun = shots.filter(({ established }) => established);
  if (begun.length === 0) return;
  const turned = ({ source, destination, sourcePort, destinationPort, ...rest }: Told): Told => ({
    ...rest,
    in: rest.in === 'eth0' ? 'eth1' : 'eth0',
    source: destination,
    destination: source,
    sourcePort: destinationPort,
    destinationPort: sourcePort,
  });
  const firsts = begun.map((shot) => (shot.reply ? turned(shot) : shot));
  await kernel.shoot(firsts);
  await kernel.shoot(firsts.map(turned));
}

function hostWorld(): World {
  const route = (text: string, name: string) => {
    const prefix = parsePrefix(text);
    if (!prefix.ok) throw new Error(text);
    return { prefix: prefix.value, interface: name };
  };
  return new World({
    local: HOST.map(({ address, interface: name }) => ({ address: addressOf(address), interface: name })),
    routes: [
      ...HOST.map(({ link, interface: name }) => route(link, name)),
      ...BEHIND_ETH0.map((prefix) => route(prefix, 'eth0')),
      ...['0.0.0.0/0', '::/0'].map((prefix) => route(prefix, 'eth1')),
    ],
    inhabitants: NOBODY,
    client: [],
    bridgeNetfilter: false,
  });
}

function addressOf(text: string): Address {
  const outcome = parseAddress(text);
  if (!outcome.ok) throw new Error(text);
  return outcome.value;
}

function packetOf(shot: Told): Packet {
  const { family, kind, source, destination, sourcePort, destinationPort, detail, established, reply } = shot;
  const more = new Map<string, number>();
  if (kind === 'tcp') for (let bit = 0; bit < 8; bit++) more.set(`tcp flags.${bit}`, (detail >> bit) & 1);
  // Its checksum is where others have a destination port.
  if (kind === 'icmp') more.set('icmp type', detail).set('dport', icmpChecksum(shot));
  const answer = (kind === 'icmp' && (detail === 0 || detail === 129)) || (kind === 'tcp' && detail === 0x12);
  for (const [field, value] of headerFields(shot)) more.set(field, value);
  if (established) {
    more.set('ct.state', ctStateNumber('established')).set('ct.direction', Number(reply));
    more.set('ct.status.1', 1).set('ct.status.3', 1);
    if (reply)
      for (const [field, value] of [
        ...addressFacts('saddr', addressOf(destination)),
        ...addressFacts('daddr', addressOf(source)),
      ])
        more.set(`ct original ${field}`, value);
    if (reply)
      more
        .set('ct original proto-src', destinationPort)
        .set('ct original proto-dst', sourcePort)
        .set('ct original protocol', UDP);
  } else if (answer) more.set('ct.state', ctStateNumber('invalid'));
  return {
    source: addressOf(source),
    destination: addressOf(destination),
    protocol: kind === 'icmp' ? (family === 4 ? 1 : 58) : PROTOCOLS[kind],
    sourcePort,
    destinationPort,
    more,
  };
}

/** What the headers say beside addresses and ports. */
function headerFields({
  family,
  kind,
  in: into,
  id,
  sourcePort,
  more: { dscp, ecn, ttl, code, data, mss, window, extension } = {},
}: Told): [string, number][] {
  const transport = { tcp: 20, udp: 8, icmp: 8 }[kind] + (mss === undefined ? 0 : 4);
  const inside = transport + (data ?? 1) - (kind === 'udp' ? 0 : 1);
  const length = (family === 4 ? 20 : 40) + (extension ? 8 : 0) + inside;
  const address = (mac: string) => Number.parseInt(mac.replaceAll(':', ''), 16);
  return [
    ['dscp', dscp ?? 0],
    ['ecn', ecn ?? 0],
    ['ttl', ttl ?? 64],
    ['icmp code', code ?? 0],
    ['meta length', length],
    [`${family === 4 ? 'ip' : 'ip6'} length`, family === 4 ? length : length - 40],
    ['ip id', id],
    ['ip hdrlength', 5],
    ['ip6 flowlabel', id],
    ['ip6 nexthdr', extension === 'hbh' ? 0 : extension === 'dst' ? 60 : kind === 'icmp' ? 58 : PROTOCOLS[kind]],
    ['udp length', inside],
    ['tcp window', window ?? 0xffff],
    ['tcp doff', mss === undefined ? 5 : 6],
    ['tcp sequence', 1],
    ['icmp id', sourcePort],
    ['icmp sequence', 1],
    ['icmpv6 id', sourcePort],
    ['icmpv6 sequence', 1],
    ['tcp option maxseg exists', Number(mss !== undefined)],
    ['tcp option maxseg size', mss ?? 0],
    [`${extension ?? 'dst'} nexthdr`, kind === 'icmp' ? 58 : PROTOCOLS[kind]],
    ['exthdr hbh exists', Number(extension === 'hbh')],
    ['exthdr dst exists', Number(extension === 'dst')],
    ...(into === undefined ? [] : [['ether saddr', address(MACS[into])] as [string, number]]),
  ];
}

function startOf(shot: Told): Start {
  return shot.in === undefined ? { kind: 'host' } : { kind: 'outside', interface: shot.in };
}

function fateOf({ end, stops }: Trip, shot: Shot): Fate {
  const last = stops.at(-1);
  if (end.kind === 'delivered') {
    const mark = Array.from({ length: 32 }, (_, bit) => (stopMark(last, bit) ? 2 ** bit : 0)).reduce(
      (sum, one) => sum + one,
      0,
    );
    const { source, destination, destinationPort } = end.headers;
    return {
      verdict: 'accept',
      end: {
        hook: end.place.kind === 'host' ? 'input' : 'postrouting',
        out: end.place.kind === 'outside' ? end.place.interface : '',
        source: formatAddress(source),
        destination: formatAddress(destination),
        destinationPort: shot.kind === 'icmp' ? 0 : destinationPort,
        mark,
      },
    };
  }
  return { verdict: end.kind === 'stopped' && end.decision.kind === 'reject' ? 'reject' : 'drop' };
}

function stopMark(stop: Trip['stops'][number] | undefined, bit: number): boolean {
  return stop !== undefined && stop.after(`mark.${bit}`) === 1;
}

function same(model: Fate, seen: Fate, { kind }: Shot): boolean {
  if (model.verdict !== seen.verdict) return false;
  if (!model.end || !seen.end) return true;
  const [a, b] = [model.end, seen.end];
  return (
    a.hook === b.hook &&
    a.out === b.out &&
    a.source === b.source &&
    a.destination === b.destination &&
    (kind === 'icmp' || a.destinationPort === b.destinationPort) &&
    a.mark === b.mark
  );
}
