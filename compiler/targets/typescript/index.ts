import type { Table } from '../../../dsl/ruleset/tree';
import { Imports, remark } from './code';
import { Constants, type IntentParts, intentCode } from './intent';
import { tableCode, type Withheld } from './tables';

export type { IntentParts } from './intent';

export interface TypeScriptFile {
  readonly text: string;
  /** Tables that stand in it as text, because the typed rules lack a word for something in them. */
  readonly untyped: readonly Table[];
}

/** A file that exports a stack: an intent and tables of rules, made by the builders of this package. */
export function printTypeScript(
  parts: IntentParts,
  tables: readonly Table[],
  { head, withheld }: { readonly head: readonly string[]; readonly withheld: Withheld },
): TypeScriptFile {
  const imports = new Imports();
  const constants = new Constants(imports);
  const intent = intentCode(parts, imports, constants);
  const untyped: Table[] = [];
  const declared = tables.map((table) => {
    const { code, typed } = tableCode(table, imports, withheld);
    if (!typed) untyped.push(table);
    const six = table.family === 'ip6' && tables.some(({ name, family }) => name === table.name && family !== 'ip6');
    const name = constants.add(`${table.name.replace(/^migrated-/, '')}${six ? '6' : ''}`);
    const why = typed ? [] : [`${remark('in the notation of nft: the typed rules lack a word for something in it')}\n`];
    return { name, block: `${why.join('')}const ${name} = ${code};` };
  });
  const members = [...intent.members, ...declared.map(({ name }) => name)];
  const stack = imports.use('stack');
  const blocks = [
    head.map(remark).join('\n'),
    imports.statement(),
    ...intent.blocks,
    ...declared.map(({ block }) => block),
    `export default ${stack}(${members.join(', ')});`,
  ];
  return { text: `${blocks.filter((block) => block !== '').join('\n\n')}\n`, untyped };
}
