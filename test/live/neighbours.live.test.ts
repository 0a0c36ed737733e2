import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Lab } from '../support/lab';

const INTENT = `
network front { subnet 172.30.0.0/16 }
container web { network front; publish 8081:80 }
`;

const fixture = (name: string) => readFileSync(join(__dirname, '../fixtures/neighbours', name), 'utf8');
const FORWARD_DROP = '*filter\n:INPUT ACCEPT [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]\nCOMMIT\n';

/** Rulesets that are not ours, how they are loaded and listed, and what of ours they are in the way of. */
const NEIGHBOURS = [
  { who: 'Docker', by: 'iptables-nft', rules: fixture('docker.rules'), blocks: 'to and from' },
  { who: 'Docker', by: 'iptables-legacy', rules: fixture('docker.rules'), blocks: 'to and from' },
  { who: 'ufw', by: 'iptables-nft', rules: fixture('ufw.rules'), blocks: 'to and from' },
  { who: 'another ruleset', by: 'iptables-legacy', rules: FORWARD_DROP, blocks: 'to and from' },
  { who: 'firewalld', by: 'nft', rules: fixture('firewalld.nft'), blocks: 'from' },
] as const;

describe.each(NEIGHBOURS)('beside $who ($by): target nft, bridge-nf-call-iptables 0', ({ who, by, rules, blocks }) => {
  let lab: Lab;

  beforeAll(async () => {
    lab = new Lab(0);
    if (by === 'nft') lab.on('host', 'nft', ['-f', '-'], rules);
    else lab.on('host', `${by}-restore`, [], rules);
  });
  afterAll(() => lab.close());

  /** All that is not ours, without its counters and times. */
  const others = () =>
    (by === 'nft'
      ? lab.on('host', 'nft', ['--stateless', 'list', 'table', 'inet', 'firewalld'])
      : lab.on('host', `${by}-save`, [])
    )
      .replace(/^#.*$/gm, '')
      .replace(/\[\d+:\d+\]/g, '');
  const toWeb = () => lab.agent('outside').probe({ address: '192.0.2.1', port: 8081 });
  const fromWeb = () => lab.agent('web').probe({ address: '192.0.2.9', port: 8888 });

  test('W20 what is in the way is said, with its rule and its mend [IPv4]', async () => {
    const before = others();
    const { code, stderr } = lab.tsnet(['apply', '-'], INTENT);
    expect(code).toBe(0);
    expect(stderr).toContain(`warning[TN5010]: ${who} drops what is forwarded ${blocks} the network \`front\``);
    expect(stderr).toContain('tn-front');
    expect(others()).toBe(before);
    expect(lab.tsnet(['doctor'])).toMatchObject({
      code: 3,
      stdout: expect.stringContaining(`forwarding: ${who} drops`),
    });
    await lab.agent('web').serve(80);
    await lab.agent('outside').serve(8888);
    expect(await fromWeb()).toBeNull();
    expect(await toWeb()).toBe(blocks === 'from' ? '192.0.2.9' : null);
  });

  if (who === 'Docker')
    test('W20 Docker is told in DOCKER-USER when we may, and no longer when the network leaves [IPv4]', async () => {
      const before = others();
      const { code, stderr } = lab.tsnet(['apply', '--mend', '-'], INTENT);
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(others()).toContain('-A DOCKER-USER -i tn-front -m comment --comment tsnet -j ACCEPT');
      expect(await toWeb()).toBe('192.0.2.9');
      expect(await fromWeb()).toBe('192.0.2.1');
      expect(lab.tsnet(['apply', '--mend', '-'], INTENT)).toMatchObject({ code: 0, stdout: 'nothing to do\n' });
      expect(lab.tsnet(['down']).stderr).toBe('');
      expect(others()).toBe(before);
    });

  test('W20 what is not ours is as it was, after `tsnet down` too [IPv4]', () => {
    lab.tsnet(['down']);
    const loaded = new Lab(0);
    try {
      if (by === 'nft') loaded.on('host', 'nft', ['-f', '-'], rules);
      else loaded.on('host', `${by}-restore`, [], rules);
      const fresh =
        by === 'nft'
          ? loaded.on('host', 'nft', ['--stateless', 'list', 'table', 'inet', 'firewalld'])
          : loaded
              .on('host', `${by}-save`, [])
              .replace(/^#.*$/gm, '')
              .replace(/\[\d+:\d+\]/g, '');
      expect(others()).toBe(fresh);
    } finally {
      loaded.close();
    }
  });
});

describe('target iptables, bridge-nf-call-iptables 0', () => {
  test('W20 with the target iptables our rules come before those of the same iptables [IPv4]', async () => {
    const lab = new Lab(0, 'iptables');
    try {
      lab.on('host', 'iptables-restore', [], FORWARD_DROP);
      const { code, stderr } = lab.tsnet(['apply', '--target', 'iptables', '-'], INTENT);
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      await lab.agent('web').serve(80);
      expect(await lab.agent('outside').probe({ address: '192.0.2.1', port: 8081 })).toBe('192.0.2.9');
    } finally {
      lab.close();
    }
  });
});

describe('target nft, bridge-nf-call-iptables 0', () => {
  test('W20 tables, chains and links of others are the same before, during and after', () => {
    const lab = new Lab(0);
    try {
      lab.on(
        'host',
        'nft',
        ['-f', '-'],
        'table inet mine {\n chain c {\n type filter hook input priority 5; policy accept;\n tcp dport 9 drop\n }\n}\n',
      );
      lab.on('host', 'ip', ['link', 'add', 'mine0', 'type', 'bridge']);
      const links = () => (lab.on('host', 'ip', ['-brief', 'link']).match(/^(mine0|eth0|lo).*$/gm) ?? []).join('\n');
      const tables = () => lab.on('host', 'nft', ['list', 'table', 'inet', 'mine']);
      const before = [links(), tables()];
      lab.apply(INTENT);
      expect([links(), tables()]).toEqual(before);
      lab.tsnet(['down']);
      expect([links(), tables()]).toEqual(before);
      expect(lab.on('host', 'ip', ['-brief', 'link'])).not.toMatch(/tn-|tv-/);
    } finally {
      lab.close();
    }
  });
});
