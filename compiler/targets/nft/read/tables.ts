import type { Prefix } from '../../../../dsl/core/address';
import { type Diagnostic, type Outcome, settle } from '../../../../dsl/core/diagnostic';
import { quoted } from '../../../../dsl/core/names';
import type { Origin } from '../../../../dsl/core/origin';
import type { Source, Span } from '../../../../dsl/core/source';
import { closest } from '../../../../dsl/core/suggest';
import { FIELDS } from '../../../../dsl/ruleset/fields';
import { prioritiesOf } from '../../../../dsl/ruleset/priorities';
import type { BaseChain, Chain, Hook, Rule, Table, TableFamily } from '../../../../dsl/ruleset/tree';
import { type BlockNode, type LineNode, splitBlocks } from '../../../../grammar/rules/blocks';
import type { BaseNode, StatementNode, WordNode } from '../../../../grammar/rules/nodes';
import { ruleParser } from '../../../../grammar/rules/parser';
import type { RuleToken } from '../../../../grammar/rules/tokens';
import { checkTable } from './check';
import { withDefines } from './defines';
import type { Include } from './expansion';
import { ObjectReader } from './object';
import { RuleReader } from './rule';
import { tablesLeftBy } from './script';
import { SetReader } from './set';

const FAMILIES: readonly TableFamily[] = ['ip', 'ip6', 'inet', 'bridge', 'arp', 'netdev'];
const HOOKS: readonly Hook[] = ['prerouting', 'input', 'forward', 'output', 'postrouting', 'ingress', 'egress'];

/**
 * Reads `table` blocks of an intent into the tree. `defines` are address sets of the intent that rules may look up as
 * `@name`; such a set is made in the table that asks for it.
 */
export function readTables(span: Span, defines: ReadonlyMap<string, readonly Prefix[]>): Outcome<readonly Table[]> {
  const { blocks, diagnostics } = splitBlocks(span);
  const reader = new TableReader([...diagnostics], false);
  return reader.checked(blocks.flatMap((block) => reader.table(block)).map((table) => withDefines(table, defines)));
}

/** Reads what anybody wrote for `nft -f`, or what `nft list ruleset` prints. */
export function readRulesetText(source: Source, include: Include = includesNothing): Outcome<readonly Table[]> {
  const { blocks, diagnostics } = tablesLeftBy({ source, start: 0, end: source.text.length }, include);
  const reader = new TableReader([...diagnostics], true);
  return reader.checked(blocks.flatMap((block) => reader.table(block)));
}

const includesNothing: Include = (pattern) => ({
  code: 'TN1010',
  severity: 'error',
  message: `cannot read ${pattern}: only files that are named are read`,
  secondary: [],
});

class TableReader {
  private readonly rules: RuleReader;
  private readonly sets: SetReader;
  private readonly objects: ObjectReader;

  constructor(
    readonly diagnostics: Diagnostic[],
    private readonly anyone: boolean,
  ) {
    this.rules = new RuleReader(diagnostics, anyone);
    this.sets = new SetReader(this.rules, diagnostics);
    this.objects = new ObjectReader(this.rules, diagnostics);
  }

  checked(tables: readonly Table[]): Outcome<readonly Table[]> {
    for (const table of tables) this.diagnostics.push(...checkTable(table));
    return settle(this.diagnostics, () => tables);
  }

  table(block: BlockNode | LineNode): Table[] {
    if (!('items' in block)) {
      this.report('TN1102', 'outside of a table only `table` blocks are read', block.span);
      return [];
    }
    const words = block.header.map(({ text }) => text);
    const [keyword, second, third] = words;
    const family = words.length === 2 ? 'ip' : FAMILIES.find((one) => one === second);
    const name = words.length === 2 ? second : third;
    if (keyword !== 'table' || !family || name === undefined || words.length > 3) {
      this.report('TN1101', 'expected `table FAMILY NAME`', block.span);
      return [];
    }
    if (!this.anyone && name === 'tsnet' && (family === 'inet' || family === 'bridge')) {
      this.report(
        'TN3108',
        `the table ${family} tsnet is the one that tsnet makes itself`,
        block.span,
        'give yours another name',
      );
      return [];
    }
    let table: Table = { family, name, objects: [], sets: [], chains: [], origin: at(block.span) };
    for (const item of block.items) table = 'items' in item ? this.block(table, item) : this.attribute(table, item);
    return [{ ...table, sets: [...table.sets, ...this.rules.takeMeters()] }];
  }

  private attribute(table: Table, { tokens, span }: LineNode): Table {
    const [first, second] = tokens;
    if (first?.text === 'comment' && second?.type === 'string' && tokens.length === 2)
      return { ...table, comment: second.text.slice(1, -1) };
    if (first?.text === 'flags' && tokens.slice(1).every(({ text }) => text === 'dormant'))
      return { ...table, flags: ['dormant'] };
    this.report(
      'TN1101',
      `unexpected ${quoted(first?.text ?? '')} in a table`,
      span,
      'a table has chains, sets, maps, counters, limits, quotas and helpers',
    );
    return table;
  }

  private block(table: Table, block: BlockNode): Table {
    const [kind, second, third] = block.header;
    const name = kind?.text === 'ct' ? third?.text : second?.text;
    if (name === undefined || block.header.length > (kind?.text === 'ct' ? 3 : 2)) {
      this.report('TN1101', 'expected a name, and then a block', block.span);
      return table;
    }
    switch (kind?.text) {
      case 'chain':
        return { ...table, chains: [...table.chains, this.chain(table, name, block)] };
      case 'set':
      case 'map': {
        const set = this.sets.read(kind.text, name, block);
        return set ? { ...table, sets: [...table.sets, set] } : table;
      }
      case 'counter':
      case 'limit':
      case 'quota': {
        const object = this.objects.read(kind.text, name, block);
        return object ? { ...table, objects: [...table.objects, object] } : table;
      }
      case 'ct': {
        if (second?.text !== 'helper') break;
        const helper = this.objects.read('ct helper', name, block);
        return helper ? { ...table, objects: [...table.objects, helper] } : table;
      }
      case 'flowtable':
        if (!this.anyone) break;
        this.rules.flowtables.set(name, this.flowtable(table.family, block));
        return table;
    }
    this.report(
      'TN1102',
      `${quoted(block.header.map(({ text }) => text).join(' '))} is outside of what tsnet reads`,
      block.span,
    );
    return table;
  }

  private chain({ family }: Table, name: string, { items, span }: BlockNode): Chain {
    let base: BaseChain | undefined;
    let comment: string | undefined;
    const rules: Rule[] = [];
    for (const item of items) {
      if ('items' in item) {
        this.report('TN1101', 'a chain has no blocks', item.span);
        continue;
      }
      const [first, second] = item.tokens;
      if (first?.text === 'type') base = { ...this.base(family, item), ...(base ? { policy: base.policy } : {}) };
      else if (first?.text === 'policy' && (second?.text === 'accept' || second?.text === 'drop')) {
        if (base) base = { ...base, policy: second.text };
        else
          this.report(
            'TN3104',
            'only a base chain has a policy',
            item.span,
            'say `type ... hook ... priority ...` first',
          );
      } else if (first?.text === 'comment' && second?.type === 'string' && item.tokens.length === 2)
        comment = second.text.slice(1, -1);
      else {
        const nodes = this.parse<StatementNode[]>('rule', withoutHandle(item.tokens));
        if (nodes) rules.push(this.rules.rule(nodes, item.span));
      }
    }
    return { name, ...(base ? { base } : {}), ...(comment === undefined ? {} : { comment }), rules, origin: at(span) };
  }

  /** A flowtable has no node: what it says is part of the effect of the rules that send packets there. */
  private flowtable(family: TableFamily, { items }: BlockNode): string {
    const lines = items.flatMap((item) => {
      if ('items' in item) return [];
      const words = item.tokens.filter(({ type }) => type !== 'mark').map(({ text }) => text.replace(/"/g, ''));
      const [first, second, , ...priority] = item.tokens;
      if (first?.text !== 'hook') return [[words[0], ...words.slice(1).sort()].join(' ')];
      return [`hook ${second?.text} priority ${this.priority(family, priority, item.span)}`];
    });
    return lines.sort().join('; ');
  }

  private base(family: TableFamily, { tokens, span }: LineNode): BaseChain {
    const fallback: BaseChain = { type: 'filter', hook: 'input', priority: 0, policy: 'accept' };
    const node = this.parse<BaseNode>('base', tokens);
    if (!node) return fallback;
    const type = (['filter', 'nat', 'route'] as const).find((one) => one === node.type.text);
    const hook = HOOKS.find((one) => one === node.hook.text);
    if (!type || !hook) {
      this.report(
        'TN1103',
        type ? `${quoted(node.hook.text)} is not a hook` : `${quoted(node.type.text)} is not a chain type`,
        type ? node.hook.span : node.type.span,
        type ? HOOKS.join(', ') : 'filter, nat, route',
      );
      return fallback;
    }
    const priority = this.priority(family, node.priority, span);
    return {
      type,
      hook,
      priority,
      policy: 'accept',
      ...(node.devices.length > 0 ? { devices: node.devices.map(({ text }) => text) } : {}),
    };
  }

  private priority(
    family: TableFamily,
    [first, operator, offset]: readonly Pick<WordNode, 'text' | 'span'>[],
    span: Span,
  ): number {
    const names = prioritiesOf(family);
    const text = first?.text ?? '';
    const base = /^-?\d+$/.test(text) ? Number(text) : names[text];
    const by = offset ? Number(`${operator?.text}${offset.text}`) : operator ? Number(operator.text) : 0;
    if (base !== undefined && Number.isInteger(by)) return base + by;
    this.report(
      'TN1103',
      `${quoted(text)} is not a priority`,
      first?.span ?? span,
      `a number, or ${Object.keys(names).join(', ')}, and an offset`,
    );
    return 0;
  }

  private parse<T extends object>(start: string, tokens: readonly RuleToken[]): T | undefined {
    if (tokens.length === 0 || tokens.some(({ type }) => type === 'junk')) return undefined;
    const node = ruleParser.parse(start, tokens);
    if (!('severity' in node)) return node as T;
    this.diagnostics.push(suggesting(node as Diagnostic, tokens));
    return undefined;
  }

  private report(code: Diagnostic['code'], message: string, span: Span, hint?: string): void {
    this.diagnostics.push({
      code,
      severity: 'error',
      message,
      primary: { span },
      secondary: [],
      ...(hint ? { hint: { text: hint } } : {}),
    });
  }
}

function at(span: Span): Origin {
  return { kind: 'source', span };
}

/** Listings with handles end a line in `# handle 7`, which is a comment; older ones wrote it without the `#`. */
function withoutHandle(tokens: readonly RuleToken[]): readonly RuleToken[] {
  const [word, number] = tokens.slice(-2);
  return tokens.length > 2 && word?.text === 'handle' && /^\d+$/.test(number?.text ?? '')
    ? tokens.slice(0, -2)
    : tokens;
}

const STATEMENTS =
  'accept drop reject return counter log limit masquerade redirect dnat snat jump goto notrack queue continue'.split(
    ' ',
  );

/** What was probably meant: a statement, or with the word after it a selector. */
function suggesting(diagnostic: Diagnostic, tokens: readonly RuleToken[]): Diagnostic {
  const at = tokens.findIndex(({ span }) => span.start === diagnostic.primary?.span?.start);
  const [token, next] = [tokens[at], tokens[at + 1]];
  if (diagnostic.hint || !token) return diagnostic;
  const near = closest(token.text, STATEMENTS) ?? (next && closest(`${token.text} ${next.text}`, Object.keys(FIELDS)));
  return near && near !== token.text ? { ...diagnostic, hint: { text: `did you mean \`${near}\`?` } } : diagnostic;
}
