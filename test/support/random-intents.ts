import { compile } from '../../compiler';
import { oneOf, type Random } from './random';

/** An intent, statement by statement: each block is its first line and what stands in it. */
interface Draft {
  readonly networks: readonly Block[];
  readonly containers: readonly Block[];
  readonly policies: readonly string[];
}

interface Block {
  readonly name: string;
  readonly lines: readonly string[];
}

const DEFINES = `define lan = { 192.168.1.0/24, fd01::/64 }
define wide = { 192.168.0.0/16, 192.168.1.0/24, 203.0.113.0/24, fd01::/32, 10.0.0.0/15 }
`;
const BLOCKS = [
  '192.168.1.128/25',
  '203.0.113.9',
  '198.51.100.0/24',
  '0.0.0.0/0',
  '::/0',
  '10.0.0.0/15',
  '10.0.0.2/31',
];
const HOST_ADDRESSES = ['', '', '', '', '127.0.0.1:', '0.0.0.0:', '192.0.2.1:', '192.0.2.2:', '[2001:db8::2]:'];
const HOST_PORTS = [1000, 1001, 1002, 1003, 80, 53];
const PROTOCOLS = ['tcp', 'udp', 'udp', 'sctp'];
const PORTS = ['80', '53', '80-81', '80, 53', '1-100', '0-65535', '81'];

function textOf({ networks, containers, policies }: Draft): string {
  const block = (kind: string) => (one: Block) =>
    `${kind} ${one.name} {\n${one.lines.map((line) => `  ${line}\n`).join('')}}\n`;
  return [
    DEFINES,
    ...networks.map(block('network')),
    ...containers.map(block('container')),
    ...policies.map((policy) => `${policy}\n`),
  ].join('');
}

/** Random intents that are right: what the checks refuse is left out, each can become the one that is near to it. */
export class RandomIntent {
  private draft: Draft = { networks: [], containers: [], policies: [] };

  constructor(private readonly random: Random) {
    const count = 1 + random(3);
    for (let index = 0; index < count; index++) this.addNetwork(index);
    const containers = 2 + random(4);
    for (let index = 0; index < containers; index++) {
      const name = `c${index}`;
      const line = index === 0 ? 'network n0' : this.mode();
      this.attempt((draft) => ({ ...draft, containers: [...draft.containers, { name, lines: [line] }] }));
    }
    this.grow();
  }

  get text(): string {
    return textOf(this.draft);
  }

  /** Some statements more. */
  grow(): void {
    for (let count = 4 + this.random(10); count > 0; count--)
      if (this.random(5) < 3) this.addLine();
      else this.addPolicy();
  }

  /** A policy and a container less, where nothing is about the container. */
  shrink(): void {
    const without = <T>(list: readonly T[]) => (list.length < 2 ? list : list.toSpliced(this.random(list.length), 1));
    this.attempt((draft) => ({ ...draft, policies: without(draft.policies) }));
    this.attempt((draft) => ({ ...draft, containers: without(draft.containers) }));
  }

  private attempt(change: (draft: Draft) => Draft): void {
    const changed = change(this.draft);
    if (compile([{ name: 'random.tsnet', text: textOf(changed) }]).ok) this.draft = changed;
  }

  private addNetwork(index: number): void {
    const { random } = this;
    const families = oneOf(random, [['4'], ['4', '6'], ['4', '6'], ['6']]);
    const lines = [
      ...(families.includes('4') ? [`subnet 10.${index}.0.0/${oneOf(random, [16, 24, 28])}`] : []),
      ...(families.includes('6') ? [`subnet fd00:${index}::/64`] : []),
    ];
    this.attempt((draft) => ({ ...draft, networks: [...draft.networks, { name: `n${index}`, lines }] }));
    const said = [
      oneOf(random, ['nat masquerade', 'nat routed', 'nat snat 192.0.2.2']),
      ...['icc off', 'internal', 'publish-address 192.0.2.2', 'trusted-interface eth0', 'log drops'].filter(
        () => random(5) === 0,
      ),
    ];
    for (const line of said) this.addTo('networks', index, line);
  }

  private addTo(list: 'networks' | 'containers', at: number, line: string): void {
    this.attempt((draft) => ({
      ...draft,
      [list]: draft[list].map((one, index) => (index === at ? { ...one, lines: [...one.lines, line] } : one)),
    }));
  }

  private mode(): string {
    const { random } = this;
    const own = [`network n${random(3)}`, `network n${random(3)}`, `network n${random(3)}`];
    return oneOf(random, [...own, ...own, 'network none', 'network host', `network container c${random(3)}`]);
  }

  private addLine(): void {
    const { random } = this;
    const protocol = oneOf(random, PROTOCOLS);
    const [host, port, more] = [oneOf(random, HOST_PORTS), oneOf(random, [80, 53]), random(3)];
    const ports = more > 0 ? `${host}-${host + more}:${port}-${port + more}` : `${host}:${port}`;
    const from = random(2) === 0 ? ` from ${[...new Set([this.party(), this.party()])].join(', ')}` : '';
    const publish = `publish ${oneOf(random, HOST_ADDRESSES)}${ports}/${protocol}${from}`;
    const line = oneOf(random, [
      publish,
      publish,
      publish,
      `network n${random(3)}`,
      `expose ${port}/${protocol}`,
      `link ${oneOf(random, this.draft.containers).name}`,
    ]);
    this.addTo('containers', random(this.draft.containers.length), line);
  }

  private addPolicy(): void {
    const { random } = this;
    const ports = random(2) === 0 ? ` ${oneOf(random, PORTS)}` : '';
    const service = oneOf(random, ['', ` ${oneOf(random, PROTOCOLS)}${ports}`]);
    const policy = `${oneOf(random, ['allow', 'deny'])} ${this.party()} -> ${this.party()}${service}`;
    this.attempt((draft) => ({ ...draft, policies: [...draft.policies, policy] }));
  }

  private party(): string {
    const named = [...this.draft.networks, ...this.draft.containers, ...this.draft.containers].map(({ name }) => name);
    return oneOf(this.random, [...named, 'host', 'lan', 'wide', oneOf(this.random, BLOCKS)]);
  }
}
