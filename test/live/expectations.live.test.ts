import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execute } from '../support/lab';

const PROGRAM = join(__dirname, '../../dist/cli/main.js');

const INTENT = `
define lan = { 192.168.1.0/24 }
network front { subnet 172.17.0.0/16; subnet fd00:17::/64 }
network back { subnet 172.18.0.0/16; icc off }
network inner { subnet 172.19.0.0/16; internal }
network plain { subnet 172.20.0.0/16; nat routed }
container web { network front; publish 8080:80; publish 5353:53/udp; publish 127.0.0.1:9000:90 }
container two { network front }
container db { network back; expose 5432; publish 5432:5432 from lan }
container app { network back; link db }
container both { network back; network plain }
container safe { network inner }
container open { network plain; publish 81:80 }
container guest { network container web }
allow front -> back tcp 5432
deny two -> 192.0.2.9
expect outside -> host tcp 8080 reaches web tcp 80
expect outside -> host udp 5353 reaches web udp 53
expect host -> host tcp 9000 reaches web tcp 90
expect lan -> host tcp 5432 reaches db tcp 5432
expect outside -> web denied
expect outside -> open tcp 80 allowed
expect outside -> safe denied
expect front -> back tcp 5432 allowed
expect front -> back tcp 80 denied
expect back -> front denied
expect front -> front allowed
expect app -> db tcp 5432 allowed
expect app -> db tcp 80 denied
expect web -> outside allowed
expect two -> 192.0.2.9 denied
expect safe -> outside denied
expect safe -> front denied
expect host -> web tcp 80 allowed
expect web -> host tcp 8080 reaches web tcp 80
expect two -> host tcp 8080 reaches web tcp 80
expect app -> host tcp 8080 reaches web tcp 80
expect both -> plain tcp 80 allowed
expect guest -> two tcp 80 allowed
`;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tsnet-expect-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function check(text: string, ...args: readonly string[]) {
  const file = join(folder, 'x.tsnet');
  writeFileSync(file, text);
  const { code, stdout, stderr } = execute(process.execPath, [PROGRAM, 'test', '--live', '--json', ...args, file]);
  if (code !== 0 && code !== 4) throw new Error(stderr);
  return (
    JSON.parse(stdout) as {
      expectations: { text: string; holds: boolean; live: { asked: number; otherwise: string[] } }[];
    }
  ).expectations;
}

test.each(['nft', 'iptables'])('real packets agree with the model, target %s', (target) => {
  const results = check(INTENT, '--target', target);
  expect(results.flatMap(({ live }) => live.otherwise)).toEqual([]);
  expect(results.filter(({ holds }) => !holds).map(({ text }) => text)).toEqual([]);
  expect(results.reduce((sum, { live }) => sum + live.asked, 0)).toBeGreaterThan(40);
});
