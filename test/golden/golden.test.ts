import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { compile, type PrintOptions, print, TARGETS, type TargetName } from '../../compiler';
import { execute } from '../support/lab';

/** Each intent of this folder beside the rulesets it gives. UPDATE_GOLDEN=1 writes them anew; read what changed. */
const update = process.env.UPDATE_GOLDEN === '1';
if (update && process.env.CI) throw new Error('goldens are not updated in CI');

const INTENTS = readdirSync(__dirname).filter((file) => file.endsWith('.tsnet'));

function printed(file: string, target: TargetName, options: PrintOptions = {}): string {
  const outcome = compile([{ name: file, text: readFileSync(join(__dirname, file), 'utf8') }]);
  if (!outcome.ok) throw new Error(`${file}: ${outcome.diagnostics[0].message}`);
  const unit = print(outcome.value, target, options);
  if (!unit.ok) throw new Error(`${file}: ${unit.diagnostics[0].message}`);
  return unit.value.text;
}

/** The kernel's own acceptance, in a namespace that is thrown away. `nft --check` takes more than the kernel does. */
function load(target: TargetName, text: string) {
  const tool = {
    nft: ['nft', '-f', '-'],
    iptables: ['iptables-legacy-restore', '--noflush'],
    ip6tables: ['ip6tables-legacy-restore', '--noflush'],
    ipset: ['ipset', 'restore'],
  }[target];
  return execute('unshare', ['--net', ...tool], text);
}

describe.each(INTENTS)('%s', (file) => {
  test.each(TARGETS)('gives the %s ruleset beside it, and the kernel takes it', (target) => {
    const golden = join(__dirname, file.replace(/\.tsnet$/, `.${target}`));
    const text = printed(file, target);
    if (update || !existsSync(golden)) {
      expect(process.env.CI).toBeUndefined();
      writeFileSync(golden, text);
    }
    expect(text).toBe(readFileSync(golden, 'utf8'));
    expect(load(target, text)).toMatchObject({ code: 0, stderr: '' });
  });

  test.each(TARGETS)('loads for %s with its explanations, and can be loaded twice by nft', (target) => {
    const text = printed(file, target, { explain: true });
    expect(load(target, target === 'nft' ? text + text : text)).toMatchObject({ code: 0, stderr: '' });
  });

  test.each(['iptables', 'ip6tables'] as const)('gives %s rules over sets that ipset takes', (target) => {
    const sets = printed(file, 'ipset');
    const both = printed(file, target, { ipset: true });
    const rules = both.slice(both.search(/^\*/m));
    expect(sets).toContain(both.slice(0, both.length - rules.length));
    expect(
      execute('unshare', [
        '--net',
        'sh',
        '-c',
        'printf %s "$1" | ipset restore && printf %s "$2" | "$3" --noflush',
        'sh',
        sets,
        rules,
        `${target}-legacy-restore`,
      ]),
    ).toMatchObject({ code: 0, stderr: '' });
  });

  test.each(['iptables', 'ip6tables'] as const)('gives %s rules that iptables-nft takes', (target) => {
    const loaded = execute('unshare', ['--net', `${target}-nft-restore`, '--noflush'], printed(file, target));
    expect(loaded).toMatchObject({ code: 0, stderr: '' });
  });

  test('compiles to the same bytes each time', () => {
    expect(printed(file, 'nft')).toBe(printed(file, 'nft'));
  });
});

test('a broken ruleset is refused by the kernel', () => {
  expect(load('nft', printed('seed.tsnet', 'nft').replace('goto refuse', 'goto nowhere')).code).not.toBe(0);
});
