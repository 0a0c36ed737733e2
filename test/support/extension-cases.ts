import { express } from '../../compiler/migrate/express';
import { readDumps } from '../../compiler/targets/iptables/read';
import { tableText } from '../../compiler/targets/nft/print';
import type { Source } from '../../dsl/core/source';
import type { Table } from '../../dsl/ruleset/tree';

/**
 * A file of test/migrate/extensions: rules as iptables takes them, each with what becomes of it below, indented.
 *
 *     # about the file, or about what follows
 *     ipset create blocked hash:ip            sets that the rules after it may speak of
 *     host 192.0.2.1 peer                     a line of /etc/hosts for the rules after it
 *     iptables -A INPUT -m ttl --ttl-eq 1 -j DROP        there is a chain `led` in every table
 *       ip ttl 1 drop                         rules of nft, and the sets and objects they need
 *       note: ...                             what is to be known of it
 *       impossible: ...                       why nft has no words for it
 *       wrong: ...                            why iptables does not take it either
 *
 * `iptables-old` and `ip6tables-old` are rules that the iptables of this host does not take, and another one did.
 */
export interface ExtensionCase {
  readonly line: number;
  readonly tool: 'iptables' | 'ip6tables';
  readonly old: boolean;
  /** `-t TABLE -A CHAIN ...` */
  readonly words: string;
  readonly table: string;
  readonly ipsets: readonly string[];
  readonly hosts: readonly string[];
  /** What stands below it in the file. */
  readonly expected: readonly string[];
}

export function casesOf(text: string): readonly ExtensionCase[] {
  const cases: (ExtensionCase & { expected: string[] })[] = [];
  const ipsets: string[] = [];
  const hosts: string[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    const rule = /^(ip6?tables)(-old)? (.*)$/.exec(line);
    if (rule) {
      const [, tool, old, words = ''] = rule;
      const table = /^-t (\S+) /.exec(words)?.[1] ?? 'filter';
      const more = { tool: tool as ExtensionCase['tool'], old: old !== undefined, words, table };
      cases.push({ line: index + 1, ...more, ipsets: [...ipsets], hosts: [...hosts], expected: [] });
    } else if (line.startsWith('ipset ')) ipsets.push(line.slice(6));
    else if (line.startsWith('host ')) hosts.push(line.slice(5));
    else if (line.startsWith('  ')) cases.at(-1)?.expected.push(line.slice(2));
    else if (line !== '' && !line.startsWith('#'))
      throw new Error(`line ${index + 1} is none of this notation: ${line}`);
  }
  return cases;
}

/** What becomes of a rule, line by line; `table` is undefined for one that cannot be loaded. */
export function outcomeOf(one: ExtensionCase): {
  readonly lines: readonly string[];
  readonly table: Table | undefined;
} {
  const chain = one.words.replace(/-A .*/, '-N led');
  const source: Source = { name: 'rule', text: `${chain}\n${one.words}\n` };
  const sets: Source = { name: 'sets', text: one.ipsets.map((line) => `${line}\n`).join('') };
  const hosts: Source = { name: 'hosts', text: one.hosts.map((line) => `${line}\n`).join('') };
  const family = one.tool === 'iptables' ? 'ip' : 'ip6';
  const beside = [sets, hosts].filter(({ text }) => text !== '');
  const read = readDumps([{ source, family }, ...beside.map((text) => ({ source: text }))]);
  const [asRead] = read.tables;
  if (!asRead) throw new Error(`nothing was read of ${one.words}`);
  const notes: string[] = [];
  const table = express(asRead, { hookNames: false }, (text) => notes.push(`note: ${text}`));
  const said = read.diagnostics.map(({ code, message, severity }) => {
    const kind = severity === 'error' ? 'wrong' : code === 'TN4002' ? 'note' : 'impossible';
    return `${kind}: ${message}`;
  });
  said.push(...notes);
  const loadable = said.every((line) => line.startsWith('note'));
  return { lines: [...(loadable ? textOf(table) : []), ...said], table: loadable ? table : undefined };
}

/** Objects and sets, each in a line, and rules. */
function textOf(table: Table): readonly string[] {
  const block = (part: Partial<Table>) =>
    tableText({ ...table, objects: [], sets: [], chains: [], ...part })
      .trim()
      .split('\n')
      .slice(1, -1)
      .map((line) => line.trim());
  const inOneLine = ([head = '', ...rest]: readonly string[]) => `${head} ${rest.slice(0, -1).join('; ')} }`;
  return [
    ...table.objects.map((object) => inOneLine(block({ objects: [object] }))),
    ...table.sets.map((set) =>
      inOneLine(block({ sets: [set] }))
        .replaceAll('{; ', '{ ')
        .replaceAll(',; ', ', '),
    ),
    ...table.chains.flatMap(({ name, base, rules, origin }) => {
      if (base) return block({ chains: [{ name, rules, origin }] }).slice(1, -1);
      return name === 'led' ? [] : [inOneLine(block({ chains: [{ name, rules, origin }] }))];
    }),
  ];
}

/** The file as it should be: what was written of each rule replaced by what becomes of it. */
export function withOutcomes(text: string): string {
  const cases = new Map(casesOf(text).map((one) => [one.line, one]));
  const lines = text.split('\n').flatMap((line, index) => {
    if (line.startsWith('  ')) return [];
    const one = cases.get(index + 1);
    return one ? [line, ...outcomeOf(one).lines.map((result) => `  ${result}`)] : [line];
  });
  return lines.join('\n');
}
