import { PROGRAM } from '../../../dsl/core/origin';
import type { Topology } from '../../../dsl/intent/topology';
import { anonymousSet, concat, ct, field, flags, jump, match, symbol, text, verdict } from '../../../dsl/ruleset/nodes';
import type { Chain, Rule, Ruleset, Statement, Table } from '../../../dsl/ruleset/tree';
import { readValue } from '../../../dsl/ruleset/value';
import { type Described, prove } from '../../prove';
import { readRulesetText } from '../../targets/nft/read/tables';
import { type PlaceOfRules, PROMISES, type Promised, type Scene, sceneOf } from './promises';

export type Planes = readonly ('ip' | 'ip6')[];

export type Agreement =
  | { readonly kind: 'equal' }
  | { readonly kind: 'too large' }
  | { readonly kind: 'different'; readonly plane: 'ip' | 'ip6'; readonly difference: Described };

export interface Compared {
  readonly tables: readonly Table[];
  readonly topology: Topology;
  readonly ruleset: Ruleset;
  /** Rules of networks that are raised. */
  readonly known: ReadonlySet<Rule>;
  /** Those of which a promise does the work. */
  readonly replaced: ReadonlySet<Rule>;
  /** Networks whose bridges the rules did not name. */
  readonly unnamed: ReadonlySet<string>;
  /** Networks whose containers the rules name one by one. */
  readonly oneByOne: ReadonlySet<string>;
  /** Bridges of networks that stay in rules. */
  readonly others: readonly string[];
}

const CAP = 2_000_000;

/** Whether tables and what was raised from them decide alike, but for what is promised otherwise. */
export function agreement(compared: Compared, planes: Planes, promises: readonly Promised[] = PROMISES): Agreement {
  for (const plane of planes) {
    const scene = sceneOf(compared, plane === 'ip' ? 4 : 6);
    const [apart, stricter] = (['apart', 'stricter'] as const).map((how) =>
      promiseTables(
        plane,
        how,
        promises.filter((one) => one.how === how),
        scene,
      ),
    );
    const before = { tables: [...edited(compared, scene), ...(apart ?? []), ...(stricter ?? [])] };
    const after = { tables: [...compared.ruleset.tables, ...(apart ?? [])] };
    const [proof] = prove(before, after, [plane], { ignore: new Set(['counter']), cap: CAP, most: 1 });
    if (proof?.comparison.kind === 'too large') return { kind: 'too large' };
    const [difference] = proof?.differences ?? [];
    if (difference) return { kind: 'different', plane, difference };
  }
  return { kind: 'equal' };
}

/**
 * What is apart is taken away before anything else sees it, and before its address is translated. What is stricter is
 * asked last, as the program is asked after the host's own rules.
 */
const PLACES: Readonly<Record<PlaceOfRules, Readonly<Record<Promised['how'], string>>>> = {
  arriving: { apart: 'hook prerouting priority -160', stricter: 'hook prerouting priority -90' },
  leaving: { apart: 'hook output priority -160', stricter: 'hook output priority 10' },
  input: { apart: 'hook input priority -10', stricter: 'hook input priority 10' },
  forward: { apart: 'hook forward priority -10', stricter: 'hook forward priority 10' },
  postrouting: { apart: 'hook postrouting priority 90', stricter: 'hook postrouting priority 90' },
};

function promiseTables(
  plane: 'ip' | 'ip6',
  how: Promised['how'],
  promises: readonly Promised[],
  scene: Scene,
): readonly Table[] {
  const chains = promises.flatMap((promise, index) => {
    const rules = scene.bridges.length === 0 ? [] : promise.rules(scene);
    if (rules.length === 0) return [];
    return [`chain p${index} {\n type filter ${PLACES[promise.place][how]}; policy accept;\n ${rules.join('\n ')}\n}`];
  });
  const source = { name: `promises (${how})`, text: `table ${plane} ${how} {\n${chains.join('\n')}\n}\n` };
  const read = readRulesetText(source);
  if (!read.ok) throw new Error(`${read.diagnostics[0].message} in\n${source.text}`);
  return read.value;
}

/** The old rules with what can only be said inside of them: a way that ends, and an address that is kept. */
function edited({ tables, replaced, known }: Compared, scene: Scene): Table[] {
  const family = scene.family === 4 ? 'ip' : 'ip6';
  const own = tables.filter((table) => table.family === family);
  const bridges = anonymousSet(...scene.bridges.map(text));
  const into = match(field('meta oifname'), '==', bridges);
  const elsewhere = match(field('meta oifname'), '!=', bridges);
  const refused: Rule = { statements: [into, jump(REFUSED)], origin: PROGRAM };
  const edit = (table: Table, chain: Chain): Chain => {
    const rules = chain.rules.filter((rule) => !replaced.has(rule));
    if (scene.bridges.length === 0) return { ...chain, rules };
    if (table.name === 'nat')
      return {
        ...chain,
        rules: rules.map((rule) =>
          known.has(rule) && rule.statements.some(isSourceNat)
            ? { ...rule, statements: [elsewhere, ...rule.statements] }
            : rule,
        ),
      };
    if (table.name !== 'filter' || chain.base?.hook !== 'forward') return { ...chain, rules };
    const end = rules.findIndex(isLast);
    const at = end < 0 ? rules.length : end;
    return { ...chain, rules: [...rules.slice(0, at), refused, ...rules.slice(at)] };
  };
  const refuse: Chain = { name: REFUSED, rules: [...publishedRules(scene), refusal], origin: PROGRAM };
  return own.map((table) => {
    const chains = table.chains.map((chain) => edit(table, chain));
    return { ...table, chains: table.name === 'filter' ? [...chains, refuse] : chains };
  });
}

/** A name that iptables could not give a chain. */
const REFUSED = 'promised: refused';
const refusal: Rule = { statements: [verdict('drop')], origin: PROGRAM };

/** A published port is let through by what the rules say of it. */
function publishedRules({ family, published }: Scene): Rule[] {
  if (published.length === 0) return [];
  const key = concat(field(family === 4 ? 'ip daddr' : 'ip6 daddr'), field('meta l4proto'), field('th dport'));
  const members = published.map((words) => {
    const [address = '', protocol = '', port = ''] = words.split(' . ');
    return concat(readValue(address), symbol(protocol), readValue(port));
  });
  const statements = [match(ct('status'), '==', flags('dnat')), match(key, '==', anonymousSet(...members))];
  return [{ statements: [...statements, verdict('return')], origin: PROGRAM }];
}

/** Traffic between networks keeps its address (W17). */
function isSourceNat({ kind }: Statement): boolean {
  return kind === 'masquerade' || kind === 'snat';
}

/** A rule that refuses all that comes to it, or writes down that it will be refused. */
function isLast({ statements }: Rule): boolean {
  return (
    statements.length > 0 &&
    statements.every((one) => ENDING.has(one.kind) || (one.kind === 'verdict' && one.verdict.kind === 'drop'))
  );
}

const ENDING: ReadonlySet<string> = new Set(['counter', 'limit', 'log', 'reject']);
