import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Compiles every grammar of the folder `grammar/` into a module of `grammar/generated/`, which makes it when it is first asked
 * for: most commands need one of them at most.
 */
const folder = join(__dirname, '..', 'grammar');
const nearleyc = require.resolve('nearley/bin/nearleyc.js');

mkdirSync(join(folder, 'generated'), { recursive: true });
for (const file of readdirSync(folder).filter((name) => name.endsWith('.ne'))) {
  const output = join(folder, 'generated', file.replace(/\.ne$/, '.ts'));
  execFileSync(process.execPath, [nearleyc, join(folder, file), '--out', output], { stdio: 'inherit' });
  writeFileSync(output, whenAsked(readFileSync(output, 'utf8')));
}

function whenAsked(module: string): string {
  const [before, rules, ...others] = module.split('\nconst grammar: Grammar = ');
  const end = rules?.lastIndexOf(';\n\nexport default grammar;') ?? -1;
  if (!rules || end < 0 || others.length > 0) throw new Error('nearley writes its modules in another way now');
  return `${before}\nlet grammar: Grammar | undefined;\n\nexport default (): Grammar => (grammar ??= ${rules.slice(0, end)});\n`;
}
