import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const root = join(__dirname, '..', '..');

test('the walk-through holds step by step, and leaves nothing behind', () => {
  const tsNode = [require.resolve('ts-node/dist/bin.js'), '--swc'];
  const { status, stdout } = spawnSync(
    process.execPath,
    [...tsNode, 'test/support/in-throwaway.ts', process.execPath, ...tsNode, 'examples/walkthrough/demo.ts'],
    { cwd: root, encoding: 'utf8' },
  );
  expect(stdout.split('\n').filter((line) => line.startsWith('NOT SO'))).toEqual([]);
  expect([status, stdout.trimEnd().split('\n').at(-1)]).toEqual([0, '24 passed, 0 failed']);
});
