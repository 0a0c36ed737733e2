import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Compiled, compile, type Ruleset } from '../../compiler';
import { Flow } from '../../compiler/expect/flow';
import { rangesOf } from '../../compiler/expect/parties';
import { boxCondition } from '../../compiler/meaning/boxes';
import { ALWAYS, all, any, type Condition, not, within } from '../../compiler/meaning/condition';
import { wordsOf } from '../../compiler/meaning/fields';
import { wordBoxes } from '../../compiler/meaning/numbers';
import { readDump } from '../../compiler/targets/iptables/read';
import { addressFacts } from '../../compiler/world/packet';
import { Programs } from '../../compiler/world/programs';
import { assumedSurroundings, World } from '../../compiler/world/world';
import { type Address, type Family, sameAddress } from '../../dsl/core/address';

const GOLDEN = join(__dirname, '../golden');
export const GOLDENS = readdirSync(GOLDEN)
  .filter((file) => file.endsWith('.tsnet'))
  .map((file) => file.replace('.tsnet', ''));
export const TARGETS = ['nft', 'iptables'] as const;
const CAP = 1_000_000;
const PROTOCOLS = { tcp: 6, udp: 17, sctp: 132 } as const;

export function compiledGolden(name: string): Compiled {
  const file = `${name}.tsnet`;
  const outcome = compile([{ name: file, text: readFileSync(join(GOLDEN, file), 'utf8') }]);
  if (!outcome.ok) throw new Error(outcome.diagnostics[0].message);
  return outcome.value;
}

/** What a target's form of a golden loads. */
export function loadedBy(target: (typeof TARGETS)[number], name: string, compiled: Compiled): Ruleset {
  if (target === 'nft') return compiled.ruleset;
  const tables = (['ip', 'ip6'] as const).flatMap((family) => {
    const text = readFileSync(join(GOLDEN, `${name}.${family === 'ip' ? 'iptables' : 'ip6tables'}`), 'utf8');
    const outcome = readDump({ name: 'rules', text }, family);
    if (!outcome.ok) throw new Error(outcome.diagnostics[0].message);
    return outcome.value;
  });
  return { tables };
}

/** A host with the rules of a golden, to be asked about all packets of a class at once. */
export class Promised {
  readonly world: World;
  readonly flow: Flow;

  constructor(
    readonly compiled: Compiled,
    ruleset: Ruleset,
    private readonly family: Family,
  ) {
    this.world = new World(assumedSurroundings(compiled.topology));
    this.flow = new Flow(new Programs(ruleset), this.world, family, CAP);
  }

  /** Whether some first packet from outside, to an address of the host, ends at a container though nobody published what it asks for. */
  reachesUnpublished(): boolean {
    return this.hostAddresses().some((address) => {
      const entry = { kind: 'outside', interface: this.world.uplink() } as const;
      const ends = this.flow.ends(
        entry,
        { kind: 'local', address },
        addressFacts('daddr', address),
        (end) => end.address !== undefined,
      );
      return this.isSome(ends, not(this.published(address)));
    });
  }

  /** Whether a first packet that is published does end at a container: that the other could have. */
  reachesPublished(): boolean {
    return this.hostAddresses().some((address) => {
      const entry = { kind: 'outside', interface: this.world.uplink() } as const;
      const ends = this.flow.ends(
        entry,
        { kind: 'local', address },
        addressFacts('daddr', address),
        (end) => end.address !== undefined,
      );
      return this.isSome(ends, this.published(address));
    });
  }

  /** Whether a first packet from outside ends in a network that it asks for by the containers' own addresses. */
  entersDirectly(bridge: string): boolean {
    const entry = { kind: 'outside', interface: this.world.uplink() } as const;
    return this.isSome(
      this.flow.ends(entry, { kind: 'routed', interface: bridge }, [], () => true),
      // Who pretends to have an address of a network is the kernel's to refuse (rp_filter).
      not(this.inside()),
    );
  }

  /** Whether a first packet from one network ends in another. */
  passes(from: string, to: string): boolean {
    return this.isSome(
      this.flow.ends({ kind: 'ports', bridge: from }, { kind: 'routed', interface: to }, [], () => true),
      ALWAYS,
    );
  }

  private inside(): Condition {
    const blocks = this.world.networkRoutes().map(({ prefix }) => prefix);
    const words = this.family === 4 ? ['saddr'] : wordsOf('saddr6');
    return any(
      ...rangesOf(blocks, this.family, []).map(([first, last]) =>
        boxCondition(words, wordBoxes(words.length, first, last)),
      ),
    );
  }

  private isSome(ends: number, where: Condition): boolean {
    const { functions } = this.flow;
    return functions.either(functions.condition(where), ends, functions.no) !== functions.no;
  }

  private hostAddresses(): readonly Address[] {
    return this.world
      .local()
      .filter(({ address, interface: name }) => address.family === this.family && name === this.world.uplink())
      .map(({ address }) => address);
  }

  private published(address: Address): Condition {
    return any(
      ...this.compiled.topology.containers.flatMap(({ publishes }) =>
        publishes
          .filter(({ hostAddress }) => hostAddress === undefined || sameAddress(hostAddress, address))
          .map(({ protocol, hostPorts }) =>
            all(
              within('l4proto', PROTOCOLS[protocol], PROTOCOLS[protocol]),
              within('dport', hostPorts.first, hostPorts.last),
            ),
          ),
      ),
    );
  }
}
