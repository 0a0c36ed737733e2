import type { SHAPES } from '../../cli/results-schema';
import { Lab } from '../support/lab';
import { promisedResult } from '../support/results';

/** What `--json` prints of a host has the shape that is published; of files, see test/cli/json.test.ts. */

const INTENT = `network front { subnet 172.17.0.0/16; subnet fd00:17::/64 }
network shut { subnet 172.18.0.0/16; icc off }
container web { network front; publish 8080:80; publish 90 }
container db { network shut; expose 5432 }
container agent { network host }
deny web -> 192.0.2.99 tcp 22
`;

let lab: Lab;
beforeEach(() => {
  lab = new Lab(0);
});
afterEach(() => lab.close());

function told(shape: keyof typeof SHAPES, line: string, input = ''): { code: number; result: unknown } {
  const { code, stdout, stderr } = lab.tsnet([...line.split(' '), '--json'], input);
  if (stdout === '') throw new Error(`tsnet ${line} says nothing, exit code ${code}: ${stderr}`);
  return { code, result: promisedResult(shape, stdout) };
}

test('from a bare host to an applied one, and back', () => {
  for (const command of ['status', 'history', 'port', 'recover', 'doctor'] as const) told(command, command);
  told('plan', 'plan -', INTENT);
  told('apply', 'apply --dry-run -', INTENT);
  told('apply', 'apply -', INTENT);
  told('plan', 'plan -', INTENT.replace('8080:80', '8081:80'));
  for (const command of ['status', 'history', 'port'] as const) told(command, command);
  for (const name of ['web', 'agent', 'front']) told('inspect', `inspect ${name}`);
  told('why', 'why from 203.0.113.9 to host tcp 8080');
  told('error', 'inspect nobody');
  told('apply', 'apply --confirm 60s -', INTENT.replace('8080:80', '8081:80'));
  told('status', 'status');
  told('history', 'history');
  told('confirm', 'confirm');
  lab.on('host', 'nft', ['delete', 'element', 'inet', 'tsnet', 'published4', '{ 172.17.0.2 . tcp . 80 }']);
  expect(told('status', 'status').code).toBe(4);
  told('recover', 'recover');
  told('rollback', 'rollback --dry-run');
  told('rollback', 'rollback');
  told('rm', 'rm agent');
  told('down', 'down --dry-run');
  told('down', 'down');
});

test('a switch from iptables, and one with nothing to switch', () => {
  told('migrate', 'migrate --apply --dry-run');
  lab.on('host', 'iptables-nft', ['-A', 'INPUT', '-p', 'tcp', '--dport', '22', '-j', 'ACCEPT']);
  told('migrate', 'migrate --apply --dry-run');
  told('migrate', 'migrate --apply');
});
