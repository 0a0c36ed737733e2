import { type Diagnostic, errorIn } from '../../../../dsl/core/diagnostic';
import { quoted } from '../../../../dsl/core/names';
import type { Span } from '../../../../dsl/core/source';
import type { BlockNode, LineNode } from '../../../../grammar/rules/blocks';
import type { RuleToken } from '../../../../grammar/rules/tokens';
import { Expansion, type Include } from './expansion';

/**
 * What a file for `nft -f` leaves behind, as the `table` blocks in which `nft list ruleset` would print it: commands are
 * carried out in their order, variables replaced, files included (nft(8), "INPUT FILE FORMATS" and the commands).
 */
export function tablesLeftBy(
  span: Span,
  include: Include,
): { blocks: readonly BlockNode[]; diagnostics: readonly Diagnostic[] } {
  const diagnostics: Diagnostic[] = [];
  const script = new Script(diagnostics);
  for (const item of new Expansion(include, diagnostics).file(span)) script.carryOut(item);
  return { blocks: script.blocks(), diagnostics };
}

const FAMILIES: ReadonlySet<string> = new Set(['ip', 'ip6', 'inet', 'bridge', 'arp', 'netdev']);
const ADDING: ReadonlySet<string> = new Set(['add', 'create', 'insert']);
const REMOVING: ReadonlySet<string> = new Set(['delete', 'destroy', 'flush']);
/** They say nothing of what the rules are. */
const LOOKING: ReadonlySet<string> = new Set(['list', 'reset', 'monitor', 'describe']);
const OBJECTS: ReadonlySet<string> = new Set([
  'chain',
  'set',
  'map',
  'counter',
  'limit',
  'quota',
  'ct',
  'flowtable',
  'secmark',
  'synproxy',
]);

type Item = BlockNode | LineNode;

/** A chain, a set or another object of a table, as the commands so far have left it. */
interface Made {
  readonly header: readonly RuleToken[];
  readonly span: Span;
  /** What is said of it, before its rules or elements. */
  readonly head: Item[];
  body: Item[];
}

interface Left {
  readonly header: readonly RuleToken[];
  readonly span: Span;
  readonly lines: Item[];
  /** By kind and name: `chain input`. */
  readonly made: Map<string, Made>;
}

/** What a command speaks of: `inet filter input`. */
interface Target {
  readonly family: string;
  readonly table: string;
  /** Of the object: `ct helper`. */
  readonly kind: readonly RuleToken[];
  readonly name?: RuleToken;
  readonly rest: readonly RuleToken[];
}

class Script {
  private readonly tables = new Map<string, Left>();

  constructor(private readonly diagnostics: Diagnostic[]) {}

  blocks(): BlockNode[] {
    return [...this.tables.values()].map(({ header, span, lines, made }) => ({
      header,
      span,
      items: [...lines, ...[...made.values()].map((one) => ({ ...one, items: [...one.head, ...one.body] }))],
    }));
  }

  carryOut(item: Item): void {
    if ('items' in item) {
      this.block(item);
      return;
    }
    const { tokens } = item;
    const command = tokens[0]?.text ?? '';
    if (REMOVING.has(command)) this.removed(item);
    else if (!LOOKING.has(command))
      this.added(command === 'insert', ADDING.has(command) ? tokens.slice(1) : tokens, item);
  }

  /** `table inet t { ... }`, `add chain inet t c { ... }`. */
  private block({ header: written, span, items }: BlockNode): void {
    const header = ADDING.has(written[0]?.text ?? '') ? written.slice(1) : written;
    const target = targetOf(header);
    if (header[0]?.text === 'table') {
      const left = this.table(target, header, span);
      for (const item of items)
        if ('items' in item) this.made(left, item);
        else left.lines.push(item);
      return;
    }
    const left = this.known(target, span);
    if (left && target.name) this.made(left, { header: [...target.kind, target.name], span, items });
  }

  private added(first: boolean, tokens: readonly RuleToken[], line: LineNode): void {
    const kind = tokens[0]?.text ?? '';
    const target = targetOf(tokens);
    if (kind === 'table' && target.rest.length === 0 && target.table !== '') {
      this.table(target, tokens, line.span);
      return;
    }
    if (kind !== 'rule' && kind !== 'element' && !OBJECTS.has(kind)) {
      this.outside(line);
      return;
    }
    const left = this.known(target, line.span);
    if (!left || !target.name) return;
    if (kind === 'rule') this.rule(left, target.name, target.rest, line.span, first);
    else if (kind === 'element') this.element(left, target.name, target.rest, line.span);
    else this.made(left, { header: [...target.kind, target.name], span: line.span, items: [] });
  }

  private rule(left: Left, name: RuleToken, rest: readonly RuleToken[], span: Span, first: boolean): void {
    const chain = left.made.get(`chain ${name.text}`);
    if (!chain) {
      this.report('TN3101', `there is no chain ${quoted(name.text)} in the table`, name.span);
      return;
    }
    const [where, at] = rest;
    if (where?.text === 'handle' || where?.text === 'position') {
      this.report('TN1102', 'a file does not know the handles of rules', where.span);
      return;
    }
    if (where?.text === 'index') {
      const index = /^\d+$/.test(at?.text ?? '') ? Number(at?.text) : Number.POSITIVE_INFINITY;
      if (index >= chain.body.length)
        this.report('TN1103', 'the chain has no rule with that index', (at ?? where).span);
      else chain.body.splice(index + (first ? 0 : 1), 0, { tokens: rest.slice(2), span });
    } else if (first) chain.body.unshift({ tokens: rest, span });
    else chain.body.push({ tokens: rest, span });
  }

  private element(left: Left, name: RuleToken, rest: readonly RuleToken[], span: Span): void {
    const set = left.made.get(`set ${name.text}`) ?? left.made.get(`map ${name.text}`);
    if (!set) this.report('TN3102', `there is no set ${quoted(name.text)} in the table`, name.span);
    else set.body.push({ tokens: [word('elements', name), { ...word('=', name), type: 'mark' }, ...rest], span });
  }

  private removed(line: LineNode): void {
    const [command, kind, family] = line.tokens;
    if (kind?.text === 'ruleset') {
      for (const key of this.tables.keys())
        if (family === undefined || key.startsWith(`${family.text} `)) this.tables.delete(key);
      return;
    }
    const target = targetOf(line.tokens.slice(1));
    const left = this.tables.get(keyOf(target));
    if (kind?.text === 'table') {
      if (command?.text !== 'flush') this.tables.delete(keyOf(target));
      else for (const [key, made] of left?.made ?? []) if (key.startsWith('chain ')) made.body = [];
      return;
    }
    if (kind?.text === 'rule' || kind?.text === 'element' || !target.name) {
      this.outside(line);
      return;
    }
    const key = keyOfMade([...target.kind, target.name]);
    if (command?.text !== 'flush') left?.made.delete(key);
    else {
      const made = left?.made.get(key);
      if (made) made.body = [];
    }
  }

  private table(target: Target, header: readonly RuleToken[], span: Span): Left {
    const key = keyOf(target);
    const like = header.at(-1) ?? NOTHING;
    const left = this.tables.get(key) ?? {
      header:
        target.rest.length > 0 ? header : [word('table', like), word(target.family, like), word(target.table, like)],
      span,
      lines: [],
      made: new Map(),
    };
    this.tables.set(key, left);
    return left;
  }

  /** What is there already goes on with what is said of it now. */
  private made(left: Left, { header, span, items }: BlockNode): void {
    const key = keyOfMade(header);
    const made = left.made.get(key) ?? { header, span, head: [], body: [] };
    left.made.set(key, made);
    const isHead = header[0]?.text === 'chain' ? saysOfChain : saysOfSet;
    for (const item of items) (isHead(item) ? made.head : made.body).push(item);
  }

  private known(target: Target, span: Span): Left | undefined {
    const left = this.tables.get(keyOf(target));
    if (!target.name) this.report('TN1101', 'expected `FAMILY TABLE NAME`', span);
    else if (!left) this.report('TN1102', `the table ${keyOf(target)} is not made here`, span);
    return target.name && left;
  }

  private outside({ tokens, span }: LineNode): void {
    const words = tokens.slice(0, 2).map(({ text }) => text);
    this.report('TN1102', `${quoted(words.join(' '))} is outside of what tsnet reads`, span);
  }

  private report(code: Diagnostic['code'], message: string, span: Span): void {
    this.diagnostics.push(errorIn(span, code, message));
  }
}

/** `chain inet t c`, `ct helper inet t h`, `table t`; without a family it is `ip`. */
function targetOf(tokens: readonly RuleToken[]): Target {
  const kinds = kindsIn(tokens);
  const kind = tokens.slice(0, kinds);
  const words = tokens.slice(kinds);
  const [first] = words;
  const isFamily = first !== undefined && FAMILIES.has(first.text) && words.length > 1;
  const [table, ...rest] = isFamily ? words.slice(1) : words;
  const common = { family: isFamily ? first.text : 'ip', table: table?.text ?? '', kind };
  const [name, ...more] = rest;
  return kind[0]?.text === 'table' || !name ? { ...common, rest } : { ...common, name, rest: more };
}

function kindsIn(tokens: readonly RuleToken[]): number {
  return tokens[0]?.text === 'ct' ? 2 : 1;
}

function keyOf({ family, table }: Target): string {
  return `${family} ${table}`;
}

function keyOfMade(header: readonly RuleToken[]): string {
  return header
    .slice(0, kindsIn(header) + 1)
    .map(({ text }) => text)
    .join(' ');
}

const OF_CHAINS: ReadonlySet<string> = new Set(['type', 'policy', 'comment', 'flags']);

function saysOfChain(item: Item): boolean {
  return !('items' in item) && OF_CHAINS.has(item.tokens[0]?.text ?? '');
}

function saysOfSet(item: Item): boolean {
  return 'items' in item || item.tokens[0]?.text !== 'elements';
}

function word(text: string, like: Pick<RuleToken, 'span'>): RuleToken {
  return { type: 'word', text, value: text, span: like.span };
}

const NOTHING = { span: { source: { name: '', text: '' }, start: 0, end: 0 } };
