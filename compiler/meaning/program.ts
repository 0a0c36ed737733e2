import type { DataType } from '../../dsl/ruleset/data-type';
import type {
  BaseChain,
  Chain,
  Element,
  Expression,
  Hook,
  KeyType,
  Ruleset,
  Statement,
  Table,
  TableFamily,
} from '../../dsl/ruleset/tree';
import { Aims } from './aims';
import type { Field } from './condition';
import { translatedAt } from './journey';
import { Names } from './names';
import type { Plane, Reading } from './reading';
import { stepsOf } from './statements';
import type { Routine, Sentence } from './steps';
import type { Surroundings } from './surroundings';
import { isMentioned, usesIn } from './uses';
import { derivedFields, withDerived } from './volatile';

/** A ruleset as the packets of one plane meet it. */
export interface Program {
  readonly plane: Plane;
  readonly names: Names;
  /** In the order in which the kernel asks them: by hook and priority. */
  readonly bases: readonly Base[];
  /** What stands in the ruleset and is not in the program: `table netdev filter`. */
  readonly outside: readonly string[];
  /** Fields that change with what they are made of: hashes, raw bytes. */
  readonly derived: readonly Field[];
  /** Whether conntrack is in use, which puts fragments together. */
  readonly tracks: boolean;
  /** Whether there are unknowns that only their numbers tell apart. */
  readonly numbered: boolean;
}

/**
 * How unknowns that look alike (two limits of one rate) are told apart: by the order in which rules lead to them, or
 * first by what their own rules lead to, which the order of a map's elements leaves as it is. Where either pairs those
 * of two rulesets so that they do the same, they do.
 */
export type Numbering = 'by order' | 'by aim';

export interface Base {
  readonly table: Table;
  readonly chain: Routine;
  readonly type: 'filter' | 'nat' | 'route';
  readonly hook: Hook;
  /** At which the kernel asks it. */
  readonly priority: number;
  readonly policy: 'accept' | 'drop';
}

const HOOK_ORDER: readonly Hook[] = ['ingress', 'prerouting', 'input', 'forward', 'output', 'postrouting', 'egress'];

/** The names of interfaces and the like, by the beginnings that rulesets ask for. */
export function namesOf(rulesets: readonly Ruleset[]): Names {
  const beginnings = new Set<string>();
  const visit = (node: unknown): void => {
    if (Array.isArray(node)) for (const one of node) visit(one);
    else if (typeof node === 'object' && node !== null) {
      if (isBeginning(node)) beginnings.add(node.value);
      for (const [key, value] of Object.entries(node)) if (key !== 'origin') visit(value);
    }
  };
  const visitPart = (part: Expression): void => {
    if (isBeginning(part)) beginnings.add(part.value);
  };
  const visitElement = ({ key }: Element): void => {
    if (key === 'default') return;
    if (key.kind === 'concat') key.parts.forEach(visitPart);
    else visitPart(key);
  };
  for (const { tables } of rulesets)
    for (const { sets, chains } of tables) {
      visit(chains);
      for (const { key, elements } of sets) if (!isOfNumbers(key)) elements.forEach(visitElement);
    }
  return new Names(beginnings);
}

function isBeginning(node: object): node is { readonly value: string } {
  return 'kind' in node && node.kind === 'string' && 'wildcard' in node && node.wildcard === true;
}

/** Types of data that have no names among them that packets could have otherwise. */
const NUMBERS: ReadonlySet<DataType> = new Set<DataType>([
  ...(['ipv4_addr', 'ipv6_addr', 'ether_addr', 'inet_proto', 'inet_service', 'mark'] as const),
]);

function isOfNumbers(key: KeyType): boolean {
  return key.kind === 'types' && key.types.every((type) => NUMBERS.has(type));
}

/** Two rulesets that are compared: on one host, where conntrack is in use when either needs it. */
export function programsOf(
  rulesets: readonly [Ruleset, Ruleset],
  plane: Plane,
  names: Names,
  numbering: Numbering = 'by order',
): readonly [Program, Program] {
  const [one, other] = rulesets.map((ruleset) => programOf(ruleset, plane, names, numbering)) as [Program, Program];
  const tracks = one.tracks || other.tracks;
  return [
    { ...one, tracks },
    { ...other, tracks },
  ];
}

export function programOf({ tables }: Ruleset, plane: Plane, names: Names, numbering: Numbering = 'by order'): Program {
  const counts = new Map<string, number>();
  const reading: Reading = {
    plane,
    names,
    occurrence(text) {
      const count = (counts.get(text) ?? 0) + 1;
      counts.set(text, count);
      return `${text} #${count}`;
    },
  };
  const seen = tables.filter(({ family, flags }) => FAMILIES[plane].includes(family) && !flags?.includes('dormant'));
  const readers = new Map(seen.map((table) => [table, new TableMeaning(table, reading, numbering)]));
  const found = seen.flatMap((table) =>
    table.chains.flatMap((chain) => (chain.base ? [{ table, chain, base: chain.base }] : [])),
  );
  const bases = inOrder(found).map(({ table, chain, base, at }): Base => {
    const meaning = readers.get(table) as TableMeaning;
    return { table, chain: meaning.routine(chain.name), ...base, priority: at };
  });
  const derived = derivedFields([...readers.values()].flatMap((reader) => reader.read()));
  for (const reader of readers.values()) reader.deriveAlso(derived);
  const outside = found
    .filter(({ base }) => base.hook === 'ingress' || base.hook === 'egress')
    .map(({ table, chain }) => `chain ${chain.name} of table ${table.family} ${table.name}`);
  return {
    plane,
    names,
    bases,
    outside,
    derived,
    tracks: seen.some((table) => bases.some((base) => base.table === table) && tracks(table)),
    numbered: [...counts.values()].some((count) => count > 1),
  };
}

interface Found {
  readonly table: Table;
  readonly chain: Chain;
  readonly base: BaseChain;
}

/**
 * As the kernel asks them. Of chains at one hook and priority the one that was made last is first
 * (nf_hook_entries_grow). All chains of type nat stand at the hook's own place for translation, where their priorities
 * tell them apart from each other only (nf_nat_register_fn).
 */
function inOrder(found: readonly Found[]): readonly (Found & { readonly at: number })[] {
  const isNat = ({ base }: Found) => base.type === 'nat';
  const firstNat = found.findIndex(isNat);
  return found
    .map((one, made) => ({
      ...one,
      made,
      placed: isNat(one) ? firstNat : made,
      at: isNat(one) ? translatedAt(one.base.hook) : one.base.priority,
    }))
    .filter(({ base }) => base.hook !== 'ingress' && base.hook !== 'egress')
    .sort(
      (a, b) =>
        HOOK_ORDER.indexOf(a.base.hook) - HOOK_ORDER.indexOf(b.base.hook) ||
        a.at - b.at ||
        b.placed - a.placed ||
        a.base.priority - b.base.priority ||
        b.made - a.made,
    );
}

/** What needs conntrack (nf_ct_netns_get). */
function tracks({ chains }: Table): boolean {
  return (
    chains.some(({ base }) => base?.type === 'nat') ||
    isMentioned(chains, ({ kind }) => kind === 'ct' || kind === 'notrack' || kind === 'connlimit')
  );
}

const FAMILIES: Readonly<Record<Plane, readonly TableFamily[]>> = {
  ip: ['ip', 'inet'],
  ip6: ['ip6', 'inet'],
  bridge: ['bridge'],
  arp: ['arp'],
};

/** The chains of one table, made when something leads to them. */
class TableMeaning {
  private readonly routines = new Map<string, Draft>();
  private readonly chains: ReadonlyMap<string, Chain>;
  private readonly around: Surroundings;

  constructor(
    private readonly table: Table,
    reading: Reading,
    numbering: Numbering,
  ) {
    const aims = new Aims(table);
    const occurrence = (text: string) => reading.occurrence(`${text} to ${aims.of(this.statements)}`);
    const own = numbering === 'by aim' ? { ...reading, occurrence } : reading;
    this.chains = new Map(table.chains.map((chain) => [chain.name, chain]));
    const sets = new Map(table.sets.map((set) => [set.name, set]));
    this.around = { reading: own, table, sets, ...usesIn(table), routine: (to) => this.routine(to) };
  }

  routine(name: string): Routine {
    const known = this.routines.get(name);
    if (known) return known;
    const chain = this.chains.get(name);
    if (!chain) throw new Error(`a verdict leads to no chain: ${name}`);
    const draft: Draft = { table: this.table, chain, rules: [] };
    this.routines.set(name, draft);
    this.met.push(draft);
    if (!this.isReading) this.readMet();
    return draft;
  }

  /** The chains that something leads to. */
  read(): readonly Routine[] {
    return [...this.routines.values()];
  }

  deriveAlso(derived: readonly Field[]): void {
    for (const draft of this.routines.values()) {
      const rules = withDerived(draft.rules, derived);
      if (rules !== draft.rules) draft.rules.splice(0, draft.rules.length, ...rules);
    }
  }

  private readonly met: Draft[] = [];
  /** Of the rule that is read. */
  private statements: readonly Statement[] = [];
  private isReading = false;

  /** Reads the chains that were met, and those that they lead to, each behind the rule that does; however deep that is. */
  private readMet(): void {
    this.isReading = true;
    const open: Draft[] = [];
    for (;;) {
      open.push(...this.met.splice(0).reverse());
      const top = open.at(-1);
      if (!top) break;
      const rule = top.chain.rules[top.rules.length];
      if (!rule) {
        open.pop();
        continue;
      }
      this.statements = rule.statements;
      top.rules.push({ rule, steps: stepsOf(rule.statements, this.around) });
    }
    this.isReading = false;
  }
}

/** A chain of which the first rules are read. */
interface Draft extends Routine {
  readonly rules: Sentence[];
}
