import { join } from 'node:path';
import ts from 'typescript';
import { tableText } from '../../compiler/targets/nft/print';
import type { Stack } from '../../dsl/intent/builders';
import type { Table } from '../../dsl/ruleset/tree';
import * as entry from '../../index';

const ROOT = join(__dirname, '..', '..');

/** The default export of a TypeScript text. */
export function stackOf(text: string): Stack {
  const { outputText } = ts.transpileModule(text, {
    compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 },
  });
  const module = { exports: {} as { default?: Stack } };
  new Function('module', 'exports', 'require', outputText)(module, module.exports, () => entry);
  if (!module.exports.default) throw new Error('the text exports nothing');
  return module.exports.default;
}

/** What a strict compiler says of texts, by their names. */
export function typeErrors(texts: ReadonlyMap<string, string>): readonly string[] {
  const options: ts.CompilerOptions = {
    strict: true,
    noEmit: true,
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.CommonJS,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    skipLibCheck: true,
    types: ['node'],
    paths: { tsnet: [join(ROOT, 'index.ts')] },
  };
  const host = ts.createCompilerHost(options);
  const files = new Map([...texts].map(([name, text]) => [join(ROOT, 'test', 'typed', `${name}.ts`), text]));
  const { readFile, fileExists } = host;
  host.readFile = (file) => files.get(file) ?? readFile(file);
  host.fileExists = (file) => files.has(file) || fileExists(file);
  const program = ts.createProgram([...files.keys()], options, host);
  return [...files.keys()].flatMap((file) => {
    const source = program.getSourceFile(file);
    return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)].map(
      ({ messageText, start = 0 }) => {
        const line = source ? source.getLineAndCharacterOfPosition(start).line : 0;
        return `${file}: ${source?.text.split('\n')[line]?.trim()}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`;
      },
    );
  });
}

/** Tables as texts that are the same for the same rules: TypeScript has them in another order, and numbers in base 10. */
export function comparable(tables: readonly Table[]): readonly string[] {
  const texts = tables.map((table) => {
    const chains = [...table.chains].sort((a, b) => (a.name < b.name ? -1 : 1));
    const bare = chains.map((chain) => ({ ...chain, rules: chain.rules.map(({ remarks, ...rule }) => rule) }));
    // A set of one value is that value.
    return tableText(decimal({ ...table, chains: bare })).replace(/!= \{ ([^{},]+) \}/g, '!= $1');
  });
  return texts.sort();
}

function decimal<T>(value: T): T {
  if (Array.isArray(value)) return value.map(decimal) as T;
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([key]) => key !== 'base');
  return Object.fromEntries(entries.map(([key, one]) => [key, key === 'origin' ? one : decimal(one)])) as T;
}
