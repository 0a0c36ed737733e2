import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { EXTENSIONS, extensionFiles, readCases, type Sign, singles } from '../../test/support/migrate/cases';
import { restoreEach } from '../../test/support/migrate/restore';

/** Asks legacy iptables about each rule of test/migrate/corpus/extensions/, and notes before it what the answer was. */
function main(): void {
  for (const file of extensionFiles()) {
    const path = join(EXTENSIONS, file);
    // A rule that is new has no sign before it.
    const lines = readFileSync(path, 'utf8')
      .split('\n')
      .map((line) => (/^($|#|\[|[-+46] )/.test(line) ? line : `? ${line}`));
    writeFileSync(path, lines.join('\n'));
    const each = singles(readCases(file));
    const answers = restoreEach(each.map(({ family, dump }) => ({ family, text: dump })));
    const signs = new Map<unknown, string>();
    each.forEach(({ of, family }, at) => {
      if (answers[at]?.accepted) signs.set(of, `${signs.get(of) ?? ''}${family}`);
    });
    const cases = readCases(file).length;
    let at = -1;
    const told = [...new Set(each.map(({ of }) => of))].map((of): Sign => {
      const families = signs.get(of) ?? '';
      return families === '' ? '-' : families === of.families.join('') ? '+' : (families as Sign);
    });
    const signed = lines.map((line) => (/^($|#|\[)/.test(line) ? line : `${told[++at]} ${line.slice(2)}`));
    writeFileSync(path, signed.join('\n'));
    const refused = told.filter((sign) => sign === '-').length;
    process.stdout.write(`${file}: ${cases} rules, ${refused} refused\n`);
  }
}

main();
