import { done, type HostFault, type Result, refused } from './fault';

interface MemoryTable {
  /** Its text without the elements of its sets. */
  readonly frame: string;
  /** Set to key to what follows the key. */
  readonly sets: ReadonlyMap<string, ReadonlyMap<string, string>>;
}

type Tables = Map<string, MemoryTable>;

/** nf_tables without a kernel: takes the text that the runtime loads, all of it or nothing. */
export class MemoryNft {
  readonly tables: Tables = new Map();

  /** Every change makes it one larger. */
  generation = 1;

  load(text: string): Result<void, HostFault> {
    const next: Tables = new Map(this.tables);
    const lines = text.split('\n');
    for (let at = 0; at < lines.length; ) {
      const block = blockAt(lines, at);
      const refusal = change(next, block);
      if (refusal) return refused('TN5003', `${block[0]}: ${refusal}`);
      at += block.length;
    }
    this.generation++;
    this.tables.clear();
    for (const [name, table] of next) this.tables.set(name, table);
    return done(undefined);
  }

  /** In nft's JSON; all of a table but the elements of its sets stands for its chains. */
  listing(names: readonly string[]): readonly unknown[] {
    return names.flatMap((name) => {
      const table = this.tables.get(name);
      if (!table) return [];
      const [family, own] = name.split(' ');
      return [
        { table: { family, name: own } },
        { chain: { family, table: own, name: 'all', frame: table.frame } },
        ...[...table.sets].map(([set, elements]) => ({
          set: { family, table: own, name: set, elem: [...elements].map(([key, rest]) => key + rest) },
        })),
      ];
    });
  }
}

/** A command of one line, or all lines to the brace that closes it. */
function blockAt(lines: readonly string[], from: number): readonly string[] {
  if (!lines[from]?.endsWith('{')) return lines.slice(from, from + 1);
  return lines.slice(from, lines.indexOf('}', from) + 1);
}

function change(tables: Tables, block: readonly string[]): string | undefined {
  const [head = '', ...body] = block;
  const [, command = '', rest = ''] = /^(add element|delete element|flush set|delete table|table) (.*?)(?: \{)?$/.exec(
    head,
  ) ?? ['', '', ''];
  const [family, table, set = ''] = rest.split(' ');
  const name = `${family} ${table}`;
  const members = body.slice(0, -1).map((line) => line.trim().replace(/,$/, ''));
  switch (command) {
    case '':
      return head === '' ? undefined : 'syntax error';
    case 'table':
      if (head.endsWith('{')) tables.set(name, readTable(block));
      else if (!tables.has(name)) tables.set(name, { frame: '', sets: new Map() });
      return undefined;
    case 'delete table':
      return tables.delete(name) ? undefined : 'No such file or directory';
    default:
      return changeSet(tables, name, set, command, members);
  }
}

function changeSet(tables: Tables, name: string, set: string, command: string, members: readonly string[]) {
  const table = tables.get(name);
  if (!table) return 'No such file or directory';
  const elements = new Map(command === 'flush set' ? [] : table.sets.get(set));
  for (const member of members) {
    const [key, rest] = apart(member);
    const there = elements.get(key);
    if (command === 'delete element') {
      if (!elements.delete(key)) return 'No such file or directory';
    } else if (there !== undefined && there !== rest) return 'File exists';
    else elements.set(key, rest);
  }
  tables.set(name, { ...table, sets: withSet(table.sets, set, elements) });
  return undefined;
}

/** A set without elements is as good as one that nobody filled. */
function withSet(sets: MemoryTable['sets'], set: string, elements: ReadonlyMap<string, string>): MemoryTable['sets'] {
  const next = new Map(sets);
  if (elements.size > 0) next.set(set, elements);
  else next.delete(set);
  return next;
}

function readTable(block: readonly string[]): MemoryTable {
  const sets = new Map<string, Map<string, string>>();
  const frame: string[] = [];
  let set = '';
  let listing = false;
  for (const line of block) {
    const opened = /^\t(?:set|map) (\S+) \{$/.exec(line)?.[1];
    if (opened !== undefined) set = opened;
    const inline = /^\t\telements = \{ (.*) \}$/.exec(line)?.[1];
    if (inline !== undefined) for (const member of inline.split(', ')) put(sets, set, member);
    else if (line === '\t\telements = {') listing = true;
    else if (listing && line === '\t\t}') listing = false;
    else if (listing) put(sets, set, line.trim().replace(/,$/, ''));
    else frame.push(line);
  }
  return { frame: frame.join('\n'), sets };
}

function put(sets: Map<string, Map<string, string>>, set: string, member: string): void {
  const [key, rest] = apart(member);
  sets.set(set, new Map([...(sets.get(set) ?? []), [key, rest]]));
}

function apart(member: string): [key: string, rest: string] {
  const at = / (?:comment|limit|timeout|:) /.exec(member)?.index ?? member.length;
  return [member.slice(0, at), member.slice(at)];
}
