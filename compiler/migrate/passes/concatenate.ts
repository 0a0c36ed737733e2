import type { Chain, Rule } from '../../../dsl/ruleset/tree';
import { expressionText } from '../../targets/nft/notation';
import { commute, type Item, isWritten, itemFrom, itemOf, keyWithout, mergedOrigin, writtenIn } from './items';
import { Keys, keyChoices, keyExpression, keysIn } from './keys';
import type { Pass } from './pass';
import { type Member, PROTOCOL, type Shape, type Test } from './shape';

const LOOK_BACK = 32;
/** Fewer rules read better as they are. */
const FEW = 3;

/**
 * Rules that differ in two fields at once become one over a concatenation: `ip daddr . tcp dport { 10.0.0.2 . 80, ... }`.
 *
 * Sound for the reasons of merge: the keys are disjoint, so that a packet that met one of the rules meets the one, once.
 */
export const CONCATENATE: Pass = {
  name: 'concatenate',
  run: (tables) =>
    tables.map((table) => {
      const written = writtenIn(table);
      return { ...table, chains: table.chains.map((chain) => concatenated(chain, written)) };
    }),
};

interface Group {
  readonly items: Item[];
  readonly choice?: readonly string[];
  readonly keys?: Keys;
}

function concatenated(chain: Chain, written: ReadonlySet<string>): Chain {
  if (chain.rules.length < FEW) return chain;
  const items = chain.rules.map(itemOf);
  const counts = new Map<string, number>();
  const choices = items.map((item) => choicesOf(item, written));
  for (const { key } of choices.flat()) counts.set(key, (counts.get(key) ?? 0) + 1);
  const groups: Group[] = [];
  const open = new Map<string, number>();
  for (const [index, item] of items.entries()) {
    const best = (choices[index] ?? [])
      .filter(({ key }) => (counts.get(key) ?? 0) >= FEW)
      .sort((a, b) => (counts.get(b.key) ?? 0) - (counts.get(a.key) ?? 0) || a.choice.length - b.choice.length)[0];
    const rows = best && item.shape && keysIn(item.shape, best.choice);
    const at = best && open.get(best.key);
    const group = at === undefined ? undefined : groups[at];
    if (at !== undefined && group?.keys && rows && reaches(item, groups, at, written) && group.keys.add(rows)) {
      group.items.push(item);
      continue;
    }
    if (!best || !rows) {
      groups.push({ items: [item] });
      continue;
    }
    const keys = new Keys(best.choice.map((subject) => ((item.shape as Shape).tests.get(subject) as Test).subject));
    const fits = keys.add(rows);
    if (fits) open.set(best.key, groups.length);
    groups.push(fits ? { items: [item], choice: best.choice, keys } : { items: [item] });
  }
  return { ...chain, rules: groups.flatMap(joined) };
}

function choicesOf(
  { shape, tail }: Item,
  written: ReadonlySet<string>,
): readonly { readonly choice: readonly string[]; readonly key: string }[] {
  if (!shape || tail === 'stateful') return [];
  return keyChoices(shape).flatMap((choice) => {
    if (choice.length < 2 || isPorts(choice)) return [];
    if (tail !== 'final' && choice.some((one) => isWritten((shape.tests.get(one) as Test).subject, written))) return [];
    return [{ choice, key: keyWithout(shape, choice) }];
  });
}

/** `tcp dport { 22, 80 }` and `udp dport 53` read better apart. */
function isPorts(choice: readonly string[]): boolean {
  return choice.every((one) => one === PROTOCOL || /^th /.test(one)) && choice.includes(PROTOCOL);
}

function reaches(item: Item, groups: readonly Group[], at: number, written: ReadonlySet<string>): boolean {
  if (groups.length - at - 1 > LOOK_BACK) return false;
  return groups.slice(at + 1).every(({ items }) => items.every((one) => commute(one, item, written)));
}

function joined({ items, choice }: Group): readonly Rule[] {
  const [first] = items;
  if (items.length < 2 || !choice || !first?.shape) return items.map(({ rule }) => rule);
  const comments = new Set(items.map(({ rule }) => rule.comment));
  const [same] = comments.size === 1 ? comments : [];
  const remarks = items.flatMap(({ rule }) => rule.remarks ?? []);
  const members = items.flatMap(({ shape, rule }): Member[] => {
    const rows = keysIn(shape as Shape, choice) ?? [];
    const own = comments.size > 1 ? rule.comment : undefined;
    if (own !== undefined && rows.length > 1) remarks.push(own);
    return rows.map((parts) => ({
      value: keyExpression(parts),
      ...(own !== undefined && rows.length === 1 ? { comment: own } : {}),
    }));
  });
  const parts = choice.map((one) => ((first.shape as Shape).tests.get(one) as Test).subject);
  const subject = keyExpression(parts);
  const tests = new Map([...first.shape.tests].filter(([one]) => !choice.includes(one)));
  tests.set(expressionText(subject), { subject, members });
  const rest: Omit<Rule, 'statements'> = {
    origin: mergedOrigin(items.map(({ rule }) => rule.origin)),
    ...(same === undefined ? {} : { comment: same }),
    ...(remarks.length > 0 ? { remarks: [...new Set(remarks)] } : {}),
  };
  return [itemFrom({ ...first.shape, tests }, rest).rule];
}
