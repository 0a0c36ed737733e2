import type { DiagnosticCode } from '../../../../dsl/core/codes';
import type { Diagnostic } from '../../../../dsl/core/diagnostic';
import type { Origin } from '../../../../dsl/core/origin';
import type { Source, Span } from '../../../../dsl/core/source';
import type { BaseChain, Chain, NamedObject, NamedSet, Rule, Table } from '../../../../dsl/ruleset/tree';
import type { Around, IpSet, Uses } from '../extensions/module';
import type { XtFamily } from '../tables';
import { afterConntrack } from './after-conntrack';
import { readRule } from './rule';
import { type Word, wordsOf } from './words';

const PRIORITIES: Readonly<Record<string, number>> = { raw: -300, mangle: -150, filter: 0, security: 50 };
const HOOKS = {
  PREROUTING: 'prerouting',
  INPUT: 'input',
  FORWARD: 'forward',
  OUTPUT: 'output',
  POSTROUTING: 'postrouting',
} as const;
type BuiltIn = keyof typeof HOOKS;

/** The built-in chains of each table (iptables(8)). */
const BUILT_IN: Readonly<Record<string, readonly BuiltIn[]>> = {
  raw: ['PREROUTING', 'OUTPUT'],
  mangle: ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'],
  nat: ['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING'],
  filter: ['INPUT', 'FORWARD', 'OUTPUT'],
  security: ['INPUT', 'FORWARD', 'OUTPUT'],
};

interface Line {
  readonly words: readonly Word[];
}

interface OpenChain {
  readonly name: string;
  policy: 'accept' | 'drop';
  readonly rules: Rule[];
  span: Span;
}

/** Reads one text; a table of iptables is one of nft's. */
export class DumpReader {
  readonly diagnostics: Diagnostic[] = [];
  readonly tables: Table[] = [];

  constructor(
    private readonly source: Source,
    private readonly family: XtFamily,
    private readonly ipsets: ReadonlyMap<string, IpSet>,
    private readonly uses: Uses,
  ) {}

  read(): void {
    let table: { name: string; span: Span; lines: Line[] } | undefined;
    const close = () => {
      if (table) this.table(table.name, table.span, table.lines);
      table = undefined;
    };
    for (const words of this.lines()) {
      const first = words[0] as Word;
      if (first.text.startsWith('*')) {
        close();
        const name = first.text.slice(1);
        if (!BUILT_IN[name]) this.report('TN1201', `\`${name}\` is not a table of iptables`, first.span);
        table = { name, span: first.span, lines: [] };
      } else if (first.text === 'COMMIT') close();
      else if (table) table.lines.push({ words });
      else {
        const name = this.tableOfLine(words);
        if (name === undefined) this.report('TN1201', 'expected `*filter` or another table before this', first.span);
        else table = { name, span: first.span, lines: [{ words }] };
      }
    }
    close();
  }

  private *lines(): Iterable<readonly Word[]> {
    const { text } = this.source;
    for (let start = 0; start < text.length; ) {
      const found = text.indexOf('\n', start);
      const end = found < 0 ? text.length : found;
      const words = wordsOf(this.source, start, end);
      if (words[0] && !words[0].text.startsWith('#')) yield words;
      start = end + 1;
    }
  }

  /** `iptables -S` names no table but with `-t`; without, it is filter, or what has these chains. */
  private tableOfLine(words: readonly Word[]): string | undefined {
    const [first, second] = words;
    if (first?.text === '-t') return second?.text;
    if (!/^-[PNAI]$/.test(first?.text ?? '')) return undefined;
    const policies = new Set([...this.source.text.matchAll(/^-P (\S+)/gm)].map(([, chain]) => chain as BuiltIn));
    const fits = ['filter', 'nat', 'raw', 'mangle'].find((name) => {
      const chains = BUILT_IN[name] ?? [];
      return policies.size === chains.length && chains.every((chain) => policies.has(chain));
    });
    return fits ?? 'filter';
  }

  private table(name: string, span: Span, lines: readonly Line[]): void {
    const chains = new Map<string, OpenChain>();
    const open = (chain: string, at: Span): OpenChain => {
      const known = chains.get(chain);
      if (known) return known;
      const made: OpenChain = { name: chain, policy: 'accept', rules: [], span: at };
      chains.set(chain, made);
      return made;
    };
    for (const { words } of lines) this.declare(words, open);
    const names = new Set([...chains.keys(), ...(BUILT_IN[name] ?? [])]);
    const sets = new Map<string, NamedSet>();
    const objects = new Map<string, NamedObject>();
    const helpers = new Map<string, Chain>();
    const nameFor = namesInUse();
    for (const { words } of lines) {
      const rule = this.ruleWords(words);
      if (!rule) continue;
      const { at, chain, rest } = rule;
      const target = chains.get(chain.text) ?? (names.has(chain.text) ? open(chain.text, chain.span) : undefined);
      if (!target) {
        this.report('TN1204', `the table has no chain \`${chain.text}\``, chain.span);
        continue;
      }
      const last = words.at(-1) ?? chain;
      const ruleSpan: Span = { source: this.source, start: rule.start, end: last.span.end };
      const origin: Origin = { kind: 'source', span: ruleSpan };
      const { family, ipsets, uses } = this;
      const place = { family, table: name, chain: chain.text, chains: names, ipsets, uses, nameFor };
      const read = readRule(rest, place, ruleSpan);
      if (read.misread) this.report(read.misread.code, read.misread.message, read.misread.span, read.misread.hint);
      for (const { reason, span: place } of read.lost) this.warn('TN4001', reason, place);
      for (const note of read.notes) this.warn('TN4002', note, ruleSpan);
      for (const set of read.sets) if (!sets.has(set.name)) sets.set(set.name, set);
      for (const object of read.objects) objects.set(`${object.kind} ${object.name}`, object);
      for (const helper of read.chains) {
        const made = { ...helper, rules: helper.rules.map((statements) => ({ statements, origin })) };
        if (!helpers.has(helper.name)) helpers.set(helper.name, { ...made, origin });
      }
      if (at === undefined) target.rules.push(...read.rules);
      else target.rules.splice(at - 1, 0, ...read.rules);
    }
    const read: Table = {
      family: this.family,
      name,
      objects: [...objects.values()],
      sets: [...sets.values()],
      chains: [...[...chains.values()].map((chain) => this.chain(name, chain)), ...helpers.values()],
      origin: { kind: 'source', span },
    };
    this.tables.push(afterConntrack(read));
  }

  private chain(table: string, { name, policy, rules, span }: OpenChain): Chain {
    const base = baseOf(table, name, policy);
    return { name, ...(base ? { base } : {}), rules, origin: { kind: 'source', span } };
  }

  /** `:CHAIN POLICY [packets:bytes]`, `-N CHAIN`, `-P CHAIN POLICY`. */
  private declare(words: readonly Word[], open: (chain: string, at: Span) => OpenChain): void {
    const [first, second, third] = afterTable(words);
    if (!first) return;
    const colon = first.text.startsWith(':');
    if (
      !colon &&
      first.text !== '-N' &&
      first.text !== '-P' &&
      first.text !== '--new-chain' &&
      first.text !== '--policy'
    )
      return;
    const name = colon && first.text.length > 1 ? first.text.slice(1) : second?.text;
    const policy = colon && first.text.length > 1 ? second?.text : third?.text;
    if (name === undefined) {
      this.report('TN1201', 'a chain has a name', first.span);
      return;
    }
    const chain = open(name, first.span);
    if (policy === 'DROP') chain.policy = 'drop';
    else if (policy === 'ACCEPT') chain.policy = 'accept';
    else if (policy !== undefined && policy !== '-' && !first.text.startsWith('-N'))
      this.report('TN1201', `\`${policy}\` is not a policy`, (colon ? second : third)?.span ?? first.span);
  }

  /** The words of a rule after its chain; undefined for lines that are none. */
  private ruleWords(line: readonly Word[]) {
    let words = afterTable(line);
    if (/^\[\d+:\d+\]$/.test(words[0]?.text ?? '')) words = words.slice(1);
    const [first, chain, third] = words;
    if (!first || first.text.startsWith(':') || ['-N', '-P', '--new-chain', '--policy'].includes(first.text))
      return undefined;
    const appends = first.text === '-A' || first.text === '--append';
    if (!appends && first.text !== '-I' && first.text !== '--insert') {
      this.report('TN1201', `\`${first.text}\` is not a line of iptables-save`, first.span);
      return undefined;
    }
    if (!chain) {
      this.report('TN1201', 'expected a chain', first.span);
      return undefined;
    }
    const { start } = first.span;
    if (appends) return { at: undefined, chain, rest: words.slice(2), start };
    const numbered = /^\d+$/.test(third?.text ?? '');
    return { at: numbered ? Number(third?.text) : 1, chain, rest: words.slice(numbered ? 3 : 2), start };
  }

  private report(code: DiagnosticCode, message: string, span: Span, hint?: string): void {
    this.diagnostics.push({
      code,
      severity: 'error',
      message,
      primary: { span },
      secondary: [],
      ...(hint === undefined ? {} : { hint: { text: hint } }),
    });
  }

  private warn(code: DiagnosticCode, message: string, span: Span): void {
    this.diagnostics.push({ code, severity: 'warning', message, primary: { span }, secondary: [] });
  }
}

/** Names of what rules of one table remember by, each with what it is. */
function namesInUse(): Around['nameFor'] {
  const contents = new Map<string, string | undefined>();
  return (name, content) => {
    for (let count = 1; ; count++) {
      const free = count === 1 ? name : `${name}-${count}`;
      if (!contents.has(free)) contents.set(free, content);
      else if (content === undefined || contents.get(free) !== content) continue;
      return free;
    }
  };
}

function afterTable(words: readonly Word[]): readonly Word[] {
  return words[0]?.text === '-t' || words[0]?.text === '--table' ? words.slice(2) : words;
}

function baseOf(table: string, chain: string, policy: 'accept' | 'drop'): BaseChain | undefined {
  const hook = BUILT_IN[table]?.includes(chain as BuiltIn) ? HOOKS[chain as BuiltIn] : undefined;
  if (!hook) return undefined;
  if (table === 'nat') {
    const priority = hook === 'prerouting' || hook === 'output' ? -100 : 100;
    return { type: 'nat', hook, priority, policy };
  }
  const type = table === 'mangle' && hook === 'output' ? 'route' : 'filter';
  return { type, hook, priority: PRIORITIES[table] ?? 0, policy };
}
