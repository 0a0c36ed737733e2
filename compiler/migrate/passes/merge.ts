import type { Chain, Rule } from '../../../dsl/ruleset/tree';
import { typeOf } from '../../../dsl/ruleset/type-of';
import {
  commute,
  type Item,
  isWritten,
  itemFrom,
  itemOf,
  keyWithout,
  mergedOrigin,
  spreadOf,
  writtenIn,
} from './items';
import type { Pass } from './pass';
import { withRuns } from './runs';
import type { Member, Shape, Test } from './shape';
import { withoutCovered } from './spread';

/** So many rules are looked past, at most, for one that a rule could be part of. */
const LOOK_BACK = 32;
/** A grid of rules (these sources times these ports) needs a round for each of its fields. */
const ROUNDS = 4;

/**
 * Rules that differ in one field become one over the set of its values: `tcp dport 22 accept` and `tcp dport 80 accept`
 * are `tcp dport { 22, 80 } accept`.
 *
 * Sound: a packet that one of them met meets the one, and the other way round. It is met once where it may have been met
 * twice, so that what is done has to end its way, or the values have to be disjoint in a field that nothing writes. A rule
 * moves up to its like over rules that it commutes with only. What remembers being asked (limits, sets that learn) stays.
 */
export const MERGE: Pass = {
  name: 'merge',
  run: (tables) =>
    tables.map((table) => {
      const written = writtenIn(table);
      return { ...table, chains: table.chains.map((chain) => mergedChain(chain, written)) };
    }),
};

function mergedChain(chain: Chain, written: ReadonlySet<string>): Chain {
  if (chain.rules.length < 2) return chain;
  let items = chain.rules.map(itemOf);
  for (let round = 0; round < ROUNDS; round++) {
    const next = mergedOnce(items, written);
    if (next.length === items.length) break;
    items = next;
  }
  return { ...chain, rules: items.map(({ rule }) => rule) };
}

/** Rules that have become, or may become, one. */
interface Group {
  readonly first: Item;
  readonly others: Item[];
  /** What they differ in, when there are others. */
  subject?: string;
}

function mergedOnce(items: readonly Item[], written: ReadonlySet<string>): Item[] {
  const groups: Group[] = [];
  const open = new Map<string, { readonly at: number; readonly subject: string }>();
  // All groups from here on end a packet's way, and alike.
  let run = { from: 0, text: '' };
  for (const item of items) {
    const found = item.tail === 'stateful' ? undefined : place(item, groups, open, run, written);
    if (found) {
      const group = groups[found.at] as Group;
      group.subject = found.subject;
      group.others.push(item);
      const spread = spreadOf(group.first, found.subject);
      for (const { value } of item.shape?.tests.get(found.subject)?.members ?? []) spread?.add(value);
      continue;
    }
    const at = groups.length;
    groups.push({ first: item, others: [] });
    const text = item.tail === 'final' ? (item.shape?.tailText ?? '') : '';
    if (text === '' || text !== run.text) run = { from: at, text };
    if (item.tail === 'stateful' || !item.shape) continue;
    for (const [key, subject] of keysOf(item.shape)) open.set(key, { at, subject });
  }
  return groups.map(joined);
}

function* keysOf(shape: Shape): Iterable<readonly [key: string, subject: string]> {
  for (const [subject, test] of shape.tests)
    if (test.subject.kind !== 'concat') yield [keyWithout(shape, [subject]), subject];
}

function place(
  item: Item,
  groups: readonly Group[],
  open: ReadonlyMap<string, { readonly at: number; readonly subject: string }>,
  run: { readonly from: number; readonly text: string },
  written: ReadonlySet<string>,
): { readonly at: number; readonly subject: string } | undefined {
  const { shape } = item;
  if (!shape) return undefined;
  for (const [key, subject] of keysOf(shape)) {
    const found = open.get(key);
    const group = found && groups[found.at];
    if (!found || !group || (group.subject !== undefined && group.subject !== subject)) continue;
    const test = shape.tests.get(subject) as Test;
    if (item.tail !== 'final') {
      const spread = spreadOf(group.first, subject);
      if (!spread || isWritten(test.subject, written) || test.members.some(({ value }) => spread.meets(value)))
        continue;
    }
    const free = item.tail === 'final' && run.text === shape.tailText && found.at + 1 >= run.from;
    if (free || reaches(item, groups, found.at, written)) return found;
  }
  return undefined;
}

function reaches(item: Item, groups: readonly Group[], at: number, written: ReadonlySet<string>): boolean {
  if (groups.length - at - 1 > LOOK_BACK) return false;
  return groups
    .slice(at + 1)
    .every(({ first, others }) => [first, ...others].every((one) => commute(one, item, written)));
}

function joined({ first, others, subject }: Group): Item {
  if (others.length === 0 || subject === undefined || !first.shape) return first;
  const all = [first, ...others];
  const { comment, remarks, members } = said(all, subject);
  const test = first.shape.tests.get(subject) as Test;
  const { kept, covered } = withoutCovered(members, typeOf(test.subject));
  const more = covered.flatMap((one) => (one.comment === undefined ? [] : [one.comment]));
  const runs = withRuns(kept, typeOf(test.subject));
  const tests = new Map(first.shape.tests).set(subject, { ...test, members: runs });
  const lines = [...new Set([...remarks, ...more])];
  const rest: Omit<Rule, 'statements'> = {
    origin: mergedOrigin(all.map(({ rule }) => rule.origin)),
    ...(comment === undefined ? {} : { comment }),
    ...(lines.length > 0 ? { remarks: lines } : {}),
  };
  return itemFrom({ ...first.shape, tests }, rest);
}

/** One comment where all have the same; else each stays with its value, or, where a rule has several, above the rule. */
function said(
  items: readonly Item[],
  subject: string,
): { readonly comment: string | undefined; readonly remarks: readonly string[]; readonly members: readonly Member[] } {
  const comments = new Set(items.map(({ rule }) => rule.comment));
  const [same] = comments.size === 1 ? comments : [];
  const remarks = items.flatMap(({ rule }) => rule.remarks ?? []);
  const members = items.flatMap(({ shape, rule }): readonly Member[] => {
    const own = shape?.tests.get(subject)?.members ?? [];
    const [only] = own;
    if (comments.size === 1 || rule.comment === undefined) return own;
    if (own.length === 1 && only) return [{ ...only, comment: only.comment ?? rule.comment }];
    remarks.push(rule.comment);
    return own;
  });
  return { comment: same, remarks, members };
}
