import type { Origin } from '../../../../dsl/core/origin';
import type { Span } from '../../../../dsl/core/source';
import { closest } from '../../../../dsl/core/suggest';
import type { Chain, NamedObject, NamedSet, Rule, Table } from '../../../../dsl/ruleset/tree';
import type { Around, Beside, Uses } from '../extensions/module';
import type { XtFamily } from '../tables';
import { afterConntrack } from './after-conntrack';
import { baseOf, builtInChains } from './built-in';
import type { Call } from './commands';
import type { Reports } from './reports';
import { lostRule, type Place, type ReadRule, readRule } from './rule';
import type { GivenRule } from './uses';
import type { Word } from './words';

interface Line {
  readonly words: readonly Word[];
  readonly span: Span;
  /** Why it is no rule that could be read. */
  readonly lost?: string | undefined;
}

interface OpenChain {
  readonly name: string;
  policy: 'accept' | 'drop';
  lines: Line[];
  readonly span: Span;
}

/** A table of iptables while calls change it; rules are read at the end, when all its chains are known. */
export class TableState {
  private readonly chains = new Map<string, OpenChain>();

  constructor(
    readonly family: XtFamily,
    readonly name: string,
    private readonly span: Span,
    private readonly beside: Beside,
    private readonly reports: Reports,
  ) {}

  /** As iptables-restore does before it fills a table: policies stay. The number of rules that went. */
  empty(): number {
    let gone = 0;
    for (const [name, chain] of this.chains) {
      gone += chain.lines.length;
      chain.lines = [];
      if (!this.isBuiltIn(name)) this.chains.delete(name);
    }
    return gone;
  }

  /** A `:CHAIN POLICY` line: what the chain held is gone; only built-in chains have a policy. */
  declare(name: Word, policy: Word | undefined): void {
    const chain = this.open(name);
    chain.lines = [];
    if (policy && policy.text !== '-' && this.isBuiltIn(name.text)) this.setPolicy(chain, policy);
  }

  run(call: Call, span: Span, lost?: string): void {
    const { verb, chain, rest } = call;
    switch (verb) {
      case 'append':
      case 'insert':
      case 'replace':
      case 'delete':
        if (chain) this.change(call, chain, { words: rest, span, lost });
        else this.reports.error('TN1201', 'expected a chain', call.at.span);
        return;
      case 'make':
        if (chain) this.open(chain);
        else this.reports.error('TN1201', 'a chain has a name', call.at.span);
        return;
      case 'policy':
        if (chain && rest[0]) this.setPolicy(this.open(chain), rest[0]);
        else this.reports.error('TN1201', 'expected a chain and its policy', call.at.span);
        return;
      case 'flush':
        for (const one of chain ? [this.chains.get(chain.text)] : this.chains.values()) if (one) one.lines = [];
        return;
      case 'remove':
        this.remove(chain?.text);
        return;
      case 'rename':
        if (chain && rest[0]) this.rename(chain, rest[0]);
        else this.reports.error('TN1201', 'expected a chain and its new name', call.at.span);
    }
  }

  /** Whether there is a rule like it. */
  has({ chain, rest }: Call, span: Span): boolean {
    return chain !== undefined && this.find(chain.text, { words: rest, span }) !== undefined;
  }

  rules(): readonly GivenRule[] {
    const { family, name: table } = this;
    return [...this.chains.values()].flatMap(({ lines }) => lines.map(({ words }) => ({ words, family, table })));
  }

  /** `nameFor` gives out names among the tables that share something with this one. */
  table(uses: Uses, nameFor: Around['nameFor'] = namesInUse()): Table {
    const sets = new Map<string, NamedSet>();
    const objects = new Map<string, NamedObject>();
    const helpers = new Map<string, Chain>();
    const read = new Map<Line, readonly Rule[]>();
    const lines = [...this.chains.values()].flatMap((chain) =>
      chain.lines.map((line) => ({ line, chain: chain.name })),
    );
    for (const { line, chain } of lines.sort((a, b) => a.line.span.start - b.line.span.start)) {
      const origin: Origin = { kind: 'source', span: line.span };
      const one = line.lost === undefined ? this.read(line, { ...this.place(chain), uses, nameFor }) : undefined;
      read.set(line, one?.rules ?? [lostRule(line.span, line.lost ?? '')]);
      for (const set of one?.sets ?? []) if (!sets.has(set.name)) sets.set(set.name, set);
      for (const object of one?.objects ?? []) objects.set(`${object.kind} ${object.name}`, object);
      for (const helper of one?.chains ?? []) {
        const made = { ...helper, rules: helper.rules.map((statements) => ({ statements, origin })) };
        if (!helpers.has(helper.name)) helpers.set(helper.name, { ...made, origin });
      }
    }
    const chains = [...this.chains.values()].map(({ name, policy, lines, span }): Chain => {
      const base = baseOf(this.name, name, policy);
      const rules = lines.flatMap((line) => read.get(line) ?? []);
      return { name, ...(base ? { base } : {}), rules, origin: { kind: 'source', span } };
    });
    return afterConntrack({
      family: this.family,
      name: this.name,
      objects: [...objects.values()],
      sets: [...sets.values()],
      chains: [...chains, ...helpers.values()],
      origin: { kind: 'source', span: this.span },
    });
  }

  private read({ words, span }: Line, place: Place): ReadRule {
    const read = readRule(words, place, span);
    const { misread, lost, notes } = read;
    if (misread) this.reports.error(misread.code, misread.message, misread.span, misread.hint);
    for (const { reason, span: at } of lost) this.reports.warn('TN4001', reason, at);
    for (const note of notes) this.reports.warn('TN4002', note, span);
    return read;
  }

  private names: ReadonlySet<string> | undefined;

  private place(chain: string): Omit<Place, 'nameFor' | 'uses'> {
    this.names ??= new Set([...this.chains.keys(), ...builtInChains(this.name)]);
    const { family, name: table, names: chains, beside } = this;
    return { family, table, chain, chains, ...beside };
  }

  private isBuiltIn(chain: string): boolean {
    return builtInChains(this.name).includes(chain);
  }

  private open({ text, span }: Word): OpenChain {
    const known = this.chains.get(text);
    if (known) return known;
    const made: OpenChain = { name: text, policy: 'accept', lines: [], span };
    this.chains.set(text, made);
    this.names = undefined;
    return made;
  }

  private setPolicy(chain: OpenChain, policy: Word): void {
    if (policy.text === 'DROP') chain.policy = 'drop';
    else if (policy.text === 'ACCEPT') chain.policy = 'accept';
    else this.reports.error('TN1201', `\`${policy.text}\` is not a policy`, policy.span);
  }

  private change({ verb, place }: Call, chain: Word, line: Line): void {
    const known = this.chains.has(chain.text) || this.isBuiltIn(chain.text);
    if (!known && verb !== 'delete') {
      const near = closest(chain.text, [...builtInChains(this.name), ...this.chains.keys()]);
      const message = `no line makes the chain \`${chain.text}\` before this: iptables refuses that, here it is made`;
      this.reports.warn('TN1204', message, chain.span, near === undefined ? undefined : `did you mean \`${near}\`?`);
    }
    const { lines } = this.open(chain);
    if (verb === 'append') lines.push(line);
    else if (verb === 'insert') {
      const at = (place ?? 1) - 1;
      if (at > lines.length) this.missing(`${chain.text} has ${lines.length} rules before this`, line);
      lines.splice(at, 0, line);
    } else if (verb === 'replace') {
      const at = (place ?? 0) - 1;
      if (lines[at]) lines[at] = line;
      else this.missing(`${chain.text} has no rule ${place ?? ''} to replace`, line);
    } else {
      const at = place === undefined ? this.find(chain.text, line) : place - 1;
      if (at !== undefined && lines[at]) lines.splice(at, 1);
      else this.missing(`${chain.text} has no such rule to delete`, line);
    }
  }

  private missing(message: string, { span }: Line): void {
    this.reports.warn('TN1201', `${message}: iptables refuses that`, span);
  }

  /** The place of the first rule that means the same. */
  private find(chain: string, line: Line): number | undefined {
    const wanted = this.meaning(chain, line);
    const found = this.chains.get(chain)?.lines.findIndex((one) => this.meaning(chain, one) === wanted) ?? -1;
    return found < 0 ? undefined : found;
  }

  private meaning(chain: string, { words, span }: Line): string {
    const { rules, misread } = readRule(words, { ...this.place(chain), uses: NO_USES, nameFor: (name) => name }, span);
    if (misread) return words.map(({ text }) => text).join(' ');
    return JSON.stringify(
      rules.map(({ statements, comment }) => [statements, comment]),
      (_, value) => (typeof value === 'bigint' ? `${value}n` : value),
    );
  }

  private remove(name: string | undefined): void {
    const named = new Set(
      [...this.chains.values()].flatMap(({ lines }) => lines.flatMap(({ words }) => targetOf(words))),
    );
    for (const [key, { lines }] of this.chains)
      if (!this.isBuiltIn(key) && (name === undefined ? lines.length === 0 && !named.has(key) : key === name))
        this.chains.delete(key);
    this.names = undefined;
  }

  private rename(from: Word, to: Word): void {
    const chain = this.chains.get(from.text);
    if (!chain || this.isBuiltIn(from.text)) return;
    const renamed = [...this.chains.values()].map((one) => ({
      ...one,
      name: one === chain ? to.text : one.name,
      lines: one.lines.map((line) => ({ ...line, words: retargeted(line.words, from.text, to.text) })),
    }));
    this.chains.clear();
    for (const one of renamed) this.chains.set(one.name, one);
    this.names = undefined;
  }
}

/** Names of what rules of one table remember by, each with what it is. */
export function namesInUse(): Around['nameFor'] {
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

const NO_USES: Uses = { lists: new Map(), sets: new Map(), budgets: new Map() };

const LEADS = /^(-j|-g|--jump|--goto)$/;

function targetOf(words: readonly Word[]): readonly string[] {
  return words.flatMap(({ text }, at) => (LEADS.test(words[at - 1]?.text ?? '') ? [text] : []));
}

function retargeted(words: readonly Word[], from: string, to: string): readonly Word[] {
  return words.map((word, at) =>
    word.text === from && LEADS.test(words[at - 1]?.text ?? '') ? { ...word, text: to } : word,
  );
}
