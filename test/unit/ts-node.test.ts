import { spawnSync } from 'node:child_process';

/** Each of these failed, or waited for ever, when swc was asked for an older language than the one that Node.js runs. */
const PROGRAM = `
  const seen: unknown[] = [{ get x() { return 'a getter'; } }.x];
  let turns = 0;
  for (let ended = false; !ended && turns < 5; turns++) { const end = () => { ended = true; }; end(); }
  seen.push(turns, String(class { #field = 1; }).includes('#field'));
  console.log(JSON.stringify(seen));
`;

test('scripts run in the language that they are written in', () => {
  const { status, stdout } = spawnSync(process.execPath, [
    require.resolve('ts-node/dist/bin.js'),
    '--swc',
    '--eval',
    PROGRAM,
  ]);
  expect([status, String(stdout).trim()]).toEqual([0, '["a getter",1,true]']);
});
