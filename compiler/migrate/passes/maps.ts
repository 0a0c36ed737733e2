import type { Chain, Element, Expression, MapReference, Rule, Statement, Verdict } from '../../../dsl/ruleset/tree';
import { expressionText, statementText } from '../../targets/nft/notation';
import { type Item, isWritten, itemFrom, itemOf, keyWithout, mergedOrigin, writtenIn } from './items';
import { Keys, keyChoices, keyExpression, keysIn } from './keys';
import type { Pass } from './pass';
import { PROTOCOL, type Shape, type Test } from './shape';

/** Fewer rules read better as they are. */
const FEW = 3;

/**
 * A list of rules that each lead packets of other keys elsewhere becomes one look-up: `ip saddr vmap { A : jump a, ... }`;
 * a list of translations or marks, `dnat to tcp dport map { 80 : 10.0.0.2 . 8080, ... }`.
 *
 * Sound: the rules stand one behind the other and their keys are disjoint, so that a packet meets one of them at most; one
 * that comes back from a chain goes on behind the list, where it would have met no other of its rules: nothing in the
 * table writes what the keys are made of, or no row comes back.
 */
export const MAPS: Pass = {
  name: 'maps',
  run: (tables) =>
    tables.map((table) => {
      const written = writtenIn(table);
      return { ...table, chains: table.chains.map((chain) => mapped(chain, written)) };
    }),
};

/** What a row does, and what the rows of one list have in common. */
interface Row {
  readonly kind: string;
  readonly data: Expression | Verdict;
  readonly comesBack: boolean;
  /** The statement that does it for all rows. */
  with(key: Expression, map: MapReference): Statement;
}

function rowOf({ shape }: Item): Row | undefined {
  const [only] = shape?.tail ?? [];
  if (!shape || !only || shape.tail.length !== 1) return undefined;
  switch (only.kind) {
    case 'verdict': {
      const { verdict } = only;
      if (verdict.kind === 'continue') return undefined;
      return {
        kind: 'vmap',
        data: verdict,
        comesBack: verdict.kind === 'jump',
        with: (key, map) => ({ kind: 'vmap', key, map }),
      };
    }
    case 'dnat':
    case 'snat': {
      const { address, port } = only;
      if (!address || !isOne(address) || (port && !isOne(port)) || only.prefix) return undefined;
      const { address: _address, port: _port, ...bare } = only;
      return {
        kind: statementText({ ...bare, ...(port ? { port: { kind: 'symbol', name: 'port' } } : {}) }),
        data: port ? { kind: 'concat', parts: [address, port] } : address,
        comesBack: false,
        with: (key, map) => ({ ...bare, address: { kind: 'map', key, map } }),
      };
    }
    case 'assign': {
      const { target, value } = only;
      if (target.kind !== 'field' || target.field !== 'meta mark' || value.kind !== 'number') return undefined;
      return {
        kind: `set ${expressionText(target)}`,
        data: value,
        comesBack: true,
        with: (key, map) => ({ kind: 'assign', target, value: { kind: 'map', key, map } }),
      };
    }
    default:
      return undefined;
  }
}

function isOne(value: Expression): boolean {
  return value.kind === 'ipv4' || value.kind === 'ipv6' || value.kind === 'number';
}

interface Line {
  readonly item: Item;
  readonly row: Row | undefined;
  readonly choices: readonly { readonly choice: readonly string[]; readonly key: string }[];
}

function mapped(chain: Chain, written: ReadonlySet<string>): Chain {
  if (chain.rules.length < 2) return chain;
  const lines = chain.rules.map((rule): Line => {
    const item = itemOf(rule);
    const row = rowOf(item);
    const { shape } = item;
    if (!row || !shape) return { item, row, choices: [] };
    const choices = keyChoices(shape).flatMap((choice) => {
      const subjects = choice.map((one) => (shape.tests.get(one) as Test).subject);
      if (choice.length === 1 && choice[0] === PROTOCOL && row.kind !== 'vmap') return [];
      if (row.comesBack && subjects.some((one) => isWritten(one, written))) return [];
      return [{ choice, key: `${row.kind}\u0000${keyWithout(shape, choice, false)}` }];
    });
    return { item, row, choices };
  });
  const rules: Rule[] = [];
  for (let at = 0; at < lines.length; ) {
    const list = longestList(lines, at);
    if (list) {
      rules.push(asMap(lines.slice(at, at + list.length), list.choice));
      at += list.length;
    } else rules.push((lines[at++] as Line).item.rule);
  }
  return { ...chain, rules };
}

function longestList(
  lines: readonly Line[],
  at: number,
): { readonly length: number; readonly choice: readonly string[] } | undefined {
  const [first, second] = [lines[at], lines[at + 1]];
  if (!first || !second) return undefined;
  let longest: { length: number; choice: readonly string[] } | undefined;
  for (const { choice, key } of first.choices) {
    if (!second.choices.some((one) => one.key === key)) continue;
    const keys = new Keys(choice.map((one) => ((first.item.shape as Shape).tests.get(one) as Test).subject));
    let length = 0;
    for (let line = lines[at]; line; line = lines[at + length]) {
      const rows = line.choices.some((one) => one.key === key) && keysIn(line.item.shape as Shape, choice);
      if (!rows || !keys.add(rows)) break;
      length++;
    }
    const few =
      choice.length === 1 && choice[0] === 'ct state' && (first.item.shape as Shape).tests.size === 1 ? 2 : FEW;
    if (length >= few && length > (longest?.length ?? 0)) longest = { length, choice };
  }
  return longest;
}

function asMap(lines: readonly Line[], choice: readonly string[]): Rule {
  const [first] = lines as [Line];
  const shape = first.item.shape as Shape;
  const remarks = lines.flatMap(({ item }) => item.rule.remarks ?? []);
  const elements = lines.flatMap(({ item, row }): Element[] => {
    const rows = keysIn(item.shape as Shape, choice) ?? [];
    const { comment } = item.rule;
    if (comment !== undefined && rows.length > 1) remarks.push(comment);
    return rows.map((parts, index) => {
      const said =
        rows.length === 1 ? comment : (item.shape as Shape).tests.get(choice[0] ?? '')?.members[index]?.comment;
      return {
        key: keyExpression(parts),
        data: (row as Row).data,
        origin: item.rule.origin,
        ...(said === undefined ? {} : { comment: said }),
      };
    });
  });
  const key = keyExpression(choice.map((one) => (shape.tests.get(one) as Test).subject));
  const tests = new Map([...shape.tests].filter(([one]) => !choice.includes(one)));
  const tail = [(first.row as Row).with(key, { kind: 'anonymous', elements })];
  const rest: Omit<Rule, 'statements'> = {
    origin: mergedOrigin(lines.map(({ item }) => item.rule.origin)),
    ...(remarks.length > 0 ? { remarks: [...new Set(remarks)] } : {}),
  };
  return itemFrom({ ...shape, tests, tail, tailText: '' }, rest).rule;
}
