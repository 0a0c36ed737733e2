import type { Source, Span } from '../../../../dsl/core/source';
import type { Table } from '../../../../dsl/ruleset/tree';
import { checkCircles, circlesIn } from '../../nft/read/check';
import type { Around, Beside, Uses } from '../extensions/module';
import type { XtFamily } from '../tables';
import { callOf } from './commands';
import { Reports } from './reports';
import { scriptCalls } from './script';
import { type KnownFamily, type Section, sectionsOf } from './sections';
import { TableState } from './table-state';
import type { GivenRule } from './uses';
import type { Word } from './words';

/** Reads one text; a table of iptables is one of nft's. */
export class DumpReader {
  private readonly reports = new Reports();
  readonly diagnostics = this.reports.diagnostics;
  readonly families = new Set<XtFamily>();
  private readonly states = new Map<string, TableState>();

  constructor(
    private readonly source: Source,
    private readonly known: KnownFamily,
    private readonly beside: Beside,
  ) {}

  /** What iptables-save or `iptables -S` prints. */
  readDump(): void {
    for (const section of sectionsOf(this.source, this.known, this.reports)) this.section(section);
  }

  /** Calls of iptables, one after the other. */
  readScript(): void {
    for (const { program, table, call, span, unless, lost } of scriptCalls(this.source, this.known, this.reports)) {
      const state = this.state(program, table, span);
      if (!unless || !state.has(unless, span)) state.run(call, span, lost);
    }
  }

  rules(): readonly GivenRule[] {
    return [...this.states.values()].flatMap((state) => state.rules());
  }

  /** `uses` is what the rules of all texts share; `nameFor`, of a family's table, gives out names for what remembers. */
  tables(uses: Uses, nameFor: (table: string) => Around['nameFor']): readonly Table[] {
    return [...this.states.entries()].map(([key, state]) => {
      const table = state.table(uses, nameFor(key));
      this.diagnostics.push(...checkCircles(table));
      return withoutCircles(table);
    });
  }

  private state(family: XtFamily, table: string, span: Span): TableState {
    const key = `${family} ${table}`;
    const known = this.states.get(key);
    if (known) return known;
    this.families.add(family);
    const made = new TableState(family, table, span, this.beside, this.reports);
    this.states.set(key, made);
    return made;
  }

  private section({ table, families, span, lines, anew }: Section): void {
    for (const family of families) {
      const state = this.state(family, table, span);
      const gone = anew ? state.empty() : 0;
      if (gone > 0)
        this.reports.warn(
          'TN4010',
          `table \`${table}\` is given again: iptables-restore empties it first, so that ${gone} rules before this are gone`,
          span,
          'with `--noflush` it keeps them: then take this line and the COMMIT before it out',
        );
      for (const words of lines) this.line(state, words);
    }
  }

  private line(state: TableState, words: readonly Word[]): void {
    const [first, second, third] = words;
    if (first?.text.startsWith(':')) {
      const alone = first.text.length === 1;
      const name = alone ? second : { ...first, text: first.text.slice(1) };
      if (name) state.declare(name, alone ? third : second);
      else this.reports.error('TN1201', 'a chain has a name', first.span);
      return;
    }
    const call = callOf(words);
    if (!call) {
      if (first) this.reports.error('TN1201', `\`${first.text}\` is not a line of iptables-save`, first.span);
      return;
    }
    if (call.table && call.table.text !== state.name)
      this.reports.error(
        'TN1201',
        `this stands in the table ${state.name}, and \`-t\` has no place there`,
        call.table.span,
      );
    else state.run(call, spanOf(words));
  }
}

function spanOf(words: readonly Word[]): Span {
  const [first, second] = words;
  const begun = (first?.text.startsWith('[') ? second : first) as Word;
  return { source: begun.span.source, start: begun.span.start, end: (words.at(-1) as Word).span.end };
}

/** What leads back to itself is an error, and would lead whoever follows it on for ever. */
function withoutCircles(table: Table): Table {
  const circles = circlesIn(table);
  if (circles.size === 0) return table;
  return { ...table, chains: table.chains.map((chain) => (circles.has(chain.name) ? { ...chain, rules: [] } : chain)) };
}
