import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { compile } from '../../../compiler';
import { migrate } from '../../../compiler/migrate';
import { toIntent } from '../../../compiler/migrate/intent';
import { agreementWith } from '../../../compiler/migrate/raise';
import { hostsIn, sourcesOf, tablesOf } from '../../support/dumps';

const CASES = join(__dirname, 'cases');
const CORPUS = join(__dirname, '../corpus');

function compiled(text: string) {
  const outcome = compile([{ name: 'raised.tsnet', text }]);
  if (!outcome.ok) throw new Error(`${outcome.diagnostics[0].message}\n${text}`);
  return outcome.value;
}

describe.each(hostsIn(CASES))('%s', (host, files) => {
  const migration = migrate(sourcesOf(files));
  const raised = toIntent(migration);

  test('is raised as a reviewer has read it', () => {
    const golden = join(CASES, `${host}.tsnet`);
    if (process.env.UPDATE_GOLDEN || !existsSync(golden)) writeFileSync(golden, raised.text);
    expect(raised.text).toBe(readFileSync(golden, 'utf8'));
  });

  test('decides what the rules did, but for what is promised', () => {
    expect(raised.parts.networks.length === 0).toBe(host.startsWith('not-raised'));
    expect(agreementWith(migration.read, compiled(raised.text))).toEqual({ kind: 'equal' });
  });
});

describe.each(['docker', 'podman', 'cni'])('dumps of %s', (program) => {
  test.each([...hostsIn(join(CORPUS, program)), ['(end)', []] as const])('%s', (_, files) => {
    const raised = toIntent(migrate(sourcesOf(files)));
    expect(raised.kept.filter(({ why }) => why.kind !== 'no subnet')).toEqual([]);
    expect(() => compiled(raised.text)).not.toThrow();
  });
});

/** An intent with one thing wrong. */
const WRONG: readonly (readonly [string, string, (text: string) => string])[] = [
  ['docker20-20-compose-stack', 'another host port', (text) => text.replace('publish 80:80', 'publish 81:80')],
  ['docker20-20-compose-stack', 'another container port', (text) => text.replace('publish 80:80', 'publish 80:81')],
  ['docker20-20-compose-stack', 'another container', (text) => text.replaceAll('10.101.0.2', '10.101.0.3')],
  ['docker20-20-compose-stack', 'no publish', (text) => text.replace('publish 443:443', '')],
  ['docker20-20-compose-stack', 'one publish more', (text) => text.replace('publish 443:443', '$&\n publish 22:22')],
  ['docker20-20-compose-stack', 'on every address', (text) => text.replace('publish 10.101.0.1:', 'publish ')],
  ['docker20-20-compose-stack', 'an open network', (text) => text.replace('internal', '')],
  ['docker20-20-compose-stack', 'no icc', (text) => text.replace('bridge br-front', '$&\n icc off')],
  ['docker20-20-compose-stack', 'no masquerade', (text) => text.replace('bridge br-front', '$&\n nat routed')],
  ['docker20-20-compose-stack', 'another policy', (text) => text.replace('policy drop', 'policy accept')],
  ['docker20-20-compose-stack', 'a way between', (text) => `${text}\nallow br-front -> docker0\n`],
  [
    'docker20-20-compose-stack',
    'a trusted interface',
    (text) => text.replace('bridge docker0', '$&\n trusted-interface wg0'),
  ],
  ['docker20-06-icc-false-link', 'icc', (text) => text.replace('icc off', '')],
  ['docker20-06-icc-false-link', 'no link', (text) => text.replace(/link .*/, '')],
  ['docker20-06-icc-false-link', 'nothing exposed', (text) => text.replace('expose 81', 'expose 82')],
  ['docker20-18-foreign-rules', 'no rule of the host', (text) => text.replace(/.*ip saddr != 198.51.100.0\/24 .*/, '')],
  ['docker20-18-foreign-rules', 'no mark', (text) => text.replace(/.*meta mark set.*/, '')],
  [
    'docker20-18-foreign-rules',
    'no masquerade of the host',
    (text) => text.replace(/.*oifname "up0" .*masquerade.*/, ''),
  ],
  ['docker-snat', 'another address', (text) => text.replace('203.0.113.7', '203.0.113.8')],
  ['docker-user-rules', 'nobody trusted', (text) => text.replace(/trusted-interface.*/, '')],
  ['docker-user-rules', 'nothing allowed', (text) => text.replace(/^allow.*/m, '')],
  ['netavark-1.4.0', 'no publish', (text) => text.replace('publish 1000:80', '')],
  ['netavark-two', 'apart', (text) => text.replace(/^allow.*/m, '')],
  ['cni-1.1.1', 'another container', (text) => text.replace('publish 1000:80', 'publish 1000:81')],
];

test.each(WRONG)('%s with %s is not the same', (host, _, spoil) => {
  const files = hostsIn(CASES).find(([name]) => name === host)?.[1] ?? [];
  const text = readFileSync(join(CASES, `${host}.tsnet`), 'utf8');
  const spoiled = spoil(text);
  expect(spoiled).not.toBe(text);
  expect(agreementWith(tablesOf(files), compiled(spoiled)).kind).toBe('different');
});
