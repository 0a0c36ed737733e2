import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { prove } from '../../compiler/prove';
import { readRulesetText } from '../../compiler/targets/nft/read/tables';
import { boxRules } from '../support/boxes';

const PROGRAM = join(__dirname, '../../dist/cli/main.js');

function rulesetOf(text: string) {
  const outcome = readRulesetText({ name: 'boxes.nft', text });
  if (!outcome.ok) throw new Error(outcome.diagnostics[0].message);
  return { tables: outcome.value };
}

test('rules that overlap too much are not said to be equal, however many decisions are granted', () => {
  const [one, other] = [false, true].map((swapped) => rulesetOf(boxRules(600, swapped)));
  if (!one || !other) throw new Error('two are compared');
  for (const cap of [100, 1_000, 10_000, 60_000]) {
    const [proof] = prove(one, other, ['ip'], { ignore: new Set(), cap, most: 1 });
    expect(proof?.comparison).toEqual({ kind: 'too large', cap });
  }
});

test('a command that gives up says so, in less than a gigabyte', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tsnet-cap-'));
  try {
    const files = [false, true].map((swapped) => {
      const file = join(folder, swapped ? 'swapped.nft' : 'boxes.nft');
      writeFileSync(file, boxRules(2_000, swapped));
      return file;
    });
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      ['--max-old-space-size=1000', PROGRAM, 'prove', ...files],
      { encoding: 'utf8' },
    );
    expect({ status, stdout, stderr }).toEqual({
      status: 4,
      stdout:
        'IPv4: not proven: more than 1000000 decisions would have to be told apart\nIPv6: equal for every packet\n',
      stderr: '',
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
});
