import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Explanation } from '../../compiler/why';
import { Lab } from '../support/lab';

/** `tsnet why` of a running host: what was applied, what others load beside it, and what hands have done to it. */

const INTENT = `network front { subnet 172.17.0.0/16 }
network back { subnet 172.18.0.0/16; log drops }
container web { network front; publish 8080:80 }
container shop { network front; publish 8443:443 from 198.51.100.0/24 }
container db { network back }
deny front -> db tcp 22
`;
const QUESTIONS = [
  'from outside to host tcp 8080',
  'from 192.0.2.9 to 192.0.2.1 tcp 8443',
  'from 198.51.100.9 to 192.0.2.1 tcp 8443',
  'from web to db tcp 22',
  'from web to db tcp 5432',
  'from db to 198.51.100.9 udp 53',
  'from web as 172.17.0.99 to shop tcp 443',
];

describe.each(['nft', 'iptables'] as const)('a host whose rules are for %s', (target) => {
  let lab: Lab;
  beforeEach(() => {
    lab = new Lab(0, target);
    lab.apply(INTENT);
  });
  afterEach(() => lab.close());

  function why(question: string): Explanation {
    const { code, stdout, stderr } = lab.tsnet(['why', '--json', ...question.split(' ')]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    return JSON.parse(stdout) as Explanation;
  }

  test('what others load is asked as well, before and behind what was applied', () => {
    expect(why('from outside to host tcp 8080').outcome).toMatchObject({ kind: 'delivered', at: 'web' });
    lab.on('host', 'nft', ['-f', '-'], 'table ip other { chain in { type nat hook prerouting priority -110; }; }');
    lab.on('host', 'nft', ['add', 'rule', 'ip', 'other', 'in', 'tcp', 'dport', '9000', 'dnat', 'to', '172.17.0.2:80']);
    // Nothing that was applied publishes it, and to what reaches a published port the translation is all the same.
    expect(why('from outside to host tcp 9000').outcome).toMatchObject({ kind: 'delivered', at: 'web' });
    lab.on('host', 'nft', [
      'add',
      'chain',
      'ip',
      'other',
      'fw',
      '{ type filter hook forward priority 10; policy drop; }',
    ]);
    const { outcome, path } = why('from outside to host tcp 8080');
    expect(outcome.kind).toBe('dropped');
    expect(path.at(-1)?.rules.at(-1)).toMatchObject({ chain: 'ip other fw', rule: 'policy drop' });
  });

  test('a container that pretends to be another is not heard', () => {
    expect(why('from web as 172.17.0.99 to shop tcp 443').outcome.kind).toBe('dropped');
    expect(why('from web to shop tcp 443').outcome.kind).toBe('delivered');
  });

  test('what hands have done to the tables that were applied is seen', () => {
    if (target === 'nft') lab.on('host', 'nft', ['delete', 'element', 'inet', 'tsnet', 'publish4', '{ tcp . 8080 }']);
    else lab.on('host', 'iptables', ['-t', 'nat', '-F', 'TSNET-a-publish']);
    expect(why('from outside to host tcp 8080').outcome).toMatchObject({ kind: 'delivered', at: 'host' });
  });
});

describe('tables that nobody touched since they were applied', () => {
  let lab: Lab;
  let hint: string;
  beforeEach(() => {
    lab = new Lab(0);
    lab.apply(INTENT);
    hint = join(lab.state, 'generation.json');
  });
  afterEach(() => lab.close());

  /** All but the text of rules: in which order an anonymous map has its elements is the kernel's choice. */
  function told(question: string): unknown {
    const { code, stdout, stderr } = lab.tsnet(['why', '--json', ...question.split(' ')]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    return JSON.parse(stdout, (key, value) => (key === 'rule' ? undefined : value));
  }

  test.each([
    ['alone', ''],
    ['beside others', 'table ip other { chain in { type filter hook input priority 5; tcp dport 22 accept; }; }'],
  ])('are told of as if they had been listed: %s', (_, others) => {
    lab.on('host', 'nft', ['-f', '-'], others);
    expect(lab.tsnet(['status']).code).toBe(0);
    for (const question of QUESTIONS) {
      const made = told(question);
      renameSync(hint, `${hint}.away`);
      const listed = told(question);
      renameSync(`${hint}.away`, hint);
      expect([question, made]).toEqual([question, listed]);
    }
  });

  test('are those that were loaded, though the program of today would make others', () => {
    const record = join(lab.state, 'ruleset.json');
    const text = readFileSync(record, 'utf8');
    writeFileSync(record, text.replace('ip6 daddr ::1 return', 'ip6 daddr ::1 counter return'));
    const { code, stdout, stderr } = lab.tsnet(['why', 'from', 'host', 'to', '::1', 'tcp', '8080']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('ip6 daddr ::1 counter return');
  });

  test('whose record was changed by hand are not guessed at, and to apply again mends it', () => {
    const record = join(lab.state, 'ruleset.json');
    writeFileSync(record, readFileSync(record, 'utf8').replace('ip6 daddr ::1 return', 'ip6 daddr ::1 retrun'));
    const { code, stdout, stderr } = lab.tsnet(['why', 'from', 'host', 'to', '::1', 'tcp', '8080']);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('the state does not say which rules were loaded');
    lab.apply(INTENT);
    expect(told('from host to ::1 tcp 8080')).toMatchObject({ outcome: { at: 'host' } });
  });

  test('are not listed', () => {
    const { generation, ...rest } = JSON.parse(readFileSync(hint, 'utf8'));
    lab.on('host', 'nft', ['delete', 'element', 'inet', 'tsnet', 'publish4', '{ tcp . 8080 }']);
    expect(told('from outside to host tcp 8080')).toMatchObject({ outcome: { at: 'host' } });
    writeFileSync(hint, JSON.stringify({ ...rest, generation: generation + 1 }));
    expect(told('from outside to host tcp 8080')).toMatchObject({ outcome: { at: 'web' } });
  });
});

test('what rules of iptables look up in sets of ipset is asked there', () => {
  const lab = new Lab(0, 'iptables');
  const answers = () =>
    QUESTIONS.map((question) => {
      const { outcome, answer } = JSON.parse(
        lab.tsnet(['why', '--json', ...question.split(' ')]).stdout,
      ) as Explanation;
      return [question, outcome.kind, outcome.at, outcome.to, outcome.from, answer?.comesBack];
    });
  try {
    lab.apply(INTENT);
    const wanted = answers();
    expect(lab.tsnet(['apply', '--ipset', '-'], INTENT).code).toBe(0);
    expect(lab.on('host', 'iptables-save', [])).toContain('--match-set');
    expect(answers()).toEqual(wanted);
  } finally {
    lab.close();
  }
});
