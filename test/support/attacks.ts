import { type ProvenPlane, prove } from '../../compiler/prove';
import { readRulesetText } from '../../compiler/targets/nft/read/tables';

/** A base chain of the rules between `; `. */
export const base = (hook: string, priority: number, rules: string, type = 'filter', policy = 'accept') =>
  `  chain ${hook}_${type}_${priority < 0 ? `m${-priority}` : priority} {
    type ${type} hook ${hook} priority ${priority}; policy ${policy};
${rules
  .split('; ')
  .filter((rule) => rule !== '')
  .map((rule) => `    ${rule}\n`)
  .join('')}  }
`;
export const tableOf =
  (family: string, name = 't') =>
  (...parts: readonly string[]) =>
    `table ${family} ${name} {\n${parts.join('')}}\n`;

/** What the prover says of two texts of nft's. */
export function compared(
  one: string,
  other: string,
  plane: ProvenPlane,
  ignore: readonly ('log' | 'set' | 'counter')[] = [],
): string | undefined {
  const [first, second] = [one, other].map((text) => {
    const outcome = readRulesetText({ name: 'rules.nft', text });
    if (!outcome.ok) throw new Error(outcome.diagnostics.map(({ message }) => message).join('; '));
    return { tables: outcome.value };
  });
  if (!first || !second) throw new Error('two texts are compared');
  const [proof] = prove(first, second, [plane], { ignore: new Set(ignore), cap: 100_000, most: 1 });
  return proof?.comparison.kind;
}
