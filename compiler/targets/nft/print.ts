import { assertNever } from '../../../dsl/core/brand';
import type { Origin } from '../../../dsl/core/origin';
import { prioritiesOf } from '../../../dsl/ruleset/priorities';
import type {
  Chain,
  Hook,
  KeyType,
  MapData,
  NamedObject,
  NamedSet,
  Rule,
  Ruleset,
  Table,
  TableFamily,
} from '../../../dsl/ruleset/tree';
import { type Explain, LineWriter, type LoadUnit } from '../load-unit';
import { brokenUp } from './lay-out';
import { durationText, elementText, expressionText, quotaText, quotedText, rateText, statementText } from './notation';

/** More elements than this stand one a line. */
const ELEMENTS_IN_ONE_LINE = 3;

/**
 * A ruleset as `nft -f` takes it: each table is replaced as a whole, all in one kernel transaction, so that it can be
 * loaded again and again. nft 1.0.6 has no `destroy`; adding a table before deleting it does the same.
 */
export function printNft(ruleset: Ruleset, explain: Explain = () => undefined, style: PrintStyle = PLAIN): LoadUnit {
  const writer = new LineWriter();
  for (const { family, name } of ruleset.tables) {
    writer.push(`table ${family} ${name}`);
    writer.push(`delete table ${family} ${name}`);
  }
  for (const table of ruleset.tables) {
    writer.push('');
    new TablePrinter(writer, explain, style).print(table);
  }
  return writer.finish('nft');
}

/** How a text is laid out for people to read and keep; what it means is the same. */
export interface PrintStyle {
  /** `filter` rather than `0`, where every nft takes the name. */
  readonly namedPriorities: boolean;
  /** A rule longer than this has the members of its longest set in lines of their own; 0: never. */
  readonly width: number;
  /** The lines of a comment that stand where this rule would; undefined for a rule that is printed. */
  readonly withheld: (rule: Rule) => readonly string[] | undefined;
}

const PLAIN: PrintStyle = { namedPriorities: false, width: 0, withheld: () => undefined };

/** One table's block. */
export function tableText(table: Table, style: PrintStyle = PLAIN): string {
  const writer = new LineWriter();
  new TablePrinter(writer, () => undefined, style).print(table);
  return writer.finish('nft').text;
}

class TablePrinter {
  constructor(
    private readonly writer: LineWriter,
    private readonly explain: Explain,
    private readonly style: PrintStyle,
  ) {}

  print(table: Table): void {
    this.line(0, `table ${table.family} ${table.name} {`, table.origin);
    if (table.flags && table.flags.length > 0) this.line(1, `flags ${table.flags.join(',')}`);
    if (table.comment !== undefined) this.line(1, `comment ${quotedText(table.comment)}`);
    const blocks = [
      ...table.objects.map((object) => () => this.object(object)),
      ...table.sets.map((set) => () => this.set(set)),
      ...table.chains.map((chain) => () => this.chain(chain, table.family)),
    ];
    for (const [index, block] of blocks.entries()) {
      if (index > 0) this.writer.push('');
      block();
    }
    this.line(0, '}');
  }

  private line(depth: number, text: string, origin?: Origin): void {
    const note = origin && this.explain(origin);
    this.writer.push(`${'\t'.repeat(depth)}${text}${note ? ` # ${note}` : ''}`, origin);
  }

  private object(object: NamedObject): void {
    this.line(1, `${object.kind} ${object.name} {`, object.origin);
    switch (object.kind) {
      case 'counter':
        if (object.packets !== undefined) this.line(2, `packets ${object.packets} bytes ${object.bytes ?? 0n}`);
        break;
      case 'limit':
        this.line(2, rateText(object.rate).replace('limit ', ''));
        break;
      case 'quota':
        this.line(2, quotaText(object.quota).replace('quota ', ''));
        break;
      case 'ct helper':
        this.line(2, `type ${quotedText(object.helper)} protocol ${object.protocol}`);
        if (object.l3) this.line(2, `l3proto ${object.l3}`);
        break;
      default:
        assertNever(object);
    }
    if (object.comment !== undefined) this.line(2, `comment ${quotedText(object.comment)}`);
    this.line(1, '}');
  }

  private set(set: NamedSet): void {
    this.line(1, `${set.data ? 'map' : 'set'} ${set.name} {`);
    this.line(2, `${keyTypeText(set.key)}${set.data ? ` : ${mapDataText(set.data)}` : ''}`);
    if (set.size !== undefined) this.line(2, `size ${set.size}`);
    if (set.policy) this.line(2, `policy ${set.policy}`);
    if (set.flags.length > 0) this.line(2, `flags ${set.flags.join(',')}`);
    if (set.autoMerge) this.line(2, 'auto-merge');
    if (set.counter) this.line(2, 'counter');
    if (set.limit) this.line(2, rateText(set.limit));
    if (set.timeoutMs !== undefined) this.line(2, `timeout ${durationText(set.timeoutMs)}`);
    if (set.gcIntervalMs !== undefined) this.line(2, `gc-interval ${durationText(set.gcIntervalMs)}`);
    if (set.comment !== undefined) this.line(2, `comment ${quotedText(set.comment)}`);
    this.elements(set);
    this.line(1, '}');
  }

  private elements({ elements }: NamedSet): void {
    if (elements.length === 0) return;
    const explaining = elements.some(({ origin }) => this.explain(origin) !== undefined);
    if (elements.length <= ELEMENTS_IN_ONE_LINE && !explaining) {
      this.line(2, `elements = { ${elements.map(elementText).join(', ')} }`, elements[0]?.origin);
      return;
    }
    this.line(2, 'elements = {');
    for (const element of elements) this.line(3, `${elementText(element)},`, element.origin);
    this.line(2, '}');
  }

  private chain(chain: Chain, family: TableFamily): void {
    this.line(1, `chain ${chain.name} {`);
    if (chain.comment !== undefined) this.line(2, `comment ${quotedText(chain.comment)}`);
    if (chain.base) {
      const { type, hook, devices, priority, policy } = chain.base;
      const on = devices ? ` devices = { ${devices.map(quotedText).join(', ')} }` : '';
      const when = this.style.namedPriorities ? priorityName(family, hook, priority) : priority;
      this.line(2, `type ${type} hook ${hook}${on} priority ${when}; policy ${policy};`);
    }
    for (const rule of chain.rules) this.rule(rule);
    this.line(1, '}');
  }

  private rule(rule: Rule): void {
    for (const remark of rule.remarks ?? []) this.line(2, `# ${remark}`);
    const withheld = this.style.withheld(rule);
    if (withheld) for (const line of withheld) this.line(2, `# ${line}`, rule.origin);
    else for (const line of brokenUp(ruleText(rule), this.style.width)) this.line(2, line, rule.origin);
  }
}

/** nft 1.0.6 takes `dstnat` and `srcnat` at one hook each. */
function priorityName(family: TableFamily, hook: Hook, priority: number): string {
  const name = Object.entries(prioritiesOf(family)).find(([, number]) => number === priority)?.[0];
  if (
    name === undefined ||
    (name === 'dstnat' && hook !== 'prerouting') ||
    (name === 'srcnat' && hook !== 'postrouting')
  )
    return String(priority);
  return name;
}

export function ruleText({ statements, comment }: Rule): string {
  const parts = statements.map(statementText);
  if (comment !== undefined) parts.push(`comment ${quotedText(comment)}`);
  return parts.join(' ');
}

function keyTypeText(key: KeyType): string {
  return key.kind === 'types'
    ? `type ${key.types.join(' . ')}`
    : `typeof ${key.expressions.map(expressionText).join(' . ')}`;
}

function mapDataText(data: MapData): string {
  switch (data.kind) {
    case 'verdict':
      return 'verdict';
    case 'object':
      return data.object;
    case 'value':
      return keyTypeText(data.type).replace(/^type(of)? /, '');
    default:
      return assertNever(data);
  }
}
