import { arp, ethernet, ipv4, sctpInit } from '../../support/frames';
import { promise, type Scene, type Stage } from './stage';

/** Reaching a published port: W1 to W9. */
export function reaching(stage: () => Stage): void {
  promise(
    'W1 another host reaches a published port on every address of the host, and is seen',
    stage,
    async (scene) => {
      for (const protocol of ['tcp', 'udp'] as const)
        for (const to of ['host', 'host2', 'front'] as const)
          expect(await scene.seen('outside', to, 8080, { protocol })).toBe(scene.at.outside);
    },
  );

  promise(
    'W1 an SCTP association finds the container behind a published port, and none behind an unpublished one',
    stage,
    async ({ lab, at }) => {
      const web = { mac: '02:42:ac:11:00:03', ip: at.web };
      const ours = { mac: lab.macOf('host', 'tn-front'), ip: at.front };
      const [host, outside] = [lab.macOf('host', 'eth0'), lab.macOf('outside', 'eth0')];
      const init = (port: number) =>
        ethernet(
          host,
          outside,
          0x0800,
          ipv4({ from: at.outside, to: at.host, protocol: 132 }, sctpInit(4000 + port, port)),
        );
      const listening = await lab.listen('web', 'eth0');
      lab.send('outside', 'eth0', [init(8081), init(8080)]);
      const last = ethernet(web.mac, ours.mac, 0x0806, arp('reply', ours, web));
      const seen = await listening.frames(last, () => lab.send('host', 'tn-front', [last]));
      const associations = seen.filter((frame) => frame.slice(46, 48) === '84');
      expect(associations.map((frame) => Number.parseInt(frame.slice(72, 76), 16))).toEqual([80]);
    },
    [4],
  );

  promise('W2 the host reaches a published port on its own addresses', stage, async (scene) => {
    for (const protocol of ['tcp', 'udp'] as const)
      expect(await scene.seen('host', 'host', 8080, { protocol })).toBe(scene.at.host);
  });

  promise(
    'W2 the host reaches a published port on 127.0.0.1',
    stage,
    async ({ lab }) => {
      for (const protocol of ['tcp', 'udp'] as const)
        expect(await lab.agent('host').probe({ address: '127.0.0.1', port: 8080, protocol })).toBe('172.17.0.1');
    },
    [4],
  );

  promise(
    'W2 what is published is refused at once on ::1, for `localhost` to be tried at 127.0.0.1',
    stage,
    async ({ lab }) => {
      const asked = Date.now();
      expect(await lab.agent('host').probe({ address: '::1', port: 8080 })).toBeNull();
      // Of an answer that does not come it is sure after a second and a half.
      expect(Date.now() - asked).toBeLessThan(1000);
    },
    [6],
  );

  promise("W3 containers reach a published port on the host's address", stage, async (scene) => {
    for (const protocol of ['tcp', 'udp'] as const) {
      expect(await scene.seen('other', 'host', 8080, { protocol })).not.toBeNull();
      expect(await scene.seen('db', 'host', 8080, { protocol })).toBe(scene.at.db);
      expect(await scene.seen('db', 'back', 8080, { protocol })).toBe(scene.at.db);
    }
  });

  promise('W4 a container reaches its own published port', stage, async (scene) => {
    for (const protocol of ['tcp', 'udp'] as const)
      expect(await scene.seen('web', 'host', 8080, { protocol })).not.toBeNull();
  });

  promise('W4 so it does in a network with icc off, and so do the others there', stage, async (scene) => {
    for (const from of ['a', 'b'])
      for (const protocol of ['tcp', 'udp'] as const)
        expect(await scene.seen(from, 'host', 8090, { protocol })).not.toBeNull();
  });

  promise('W3 one that is in two networks answers whoever is in either', stage, async (scene) => {
    for (const protocol of ['tcp', 'udp'] as const) {
      for (const from of ['web', 'db']) expect(await scene.seen(from, 'host', 6000, { protocol })).not.toBeNull();
      for (const to of ['front', 'back'] as const)
        expect(await scene.seen('host', to, 6000, { protocol })).not.toBeNull();
    }
  });

  promise('W4 so does one in two networks, by the gateway of either', stage, async (scene) => {
    for (const protocol of ['tcp', 'udp'] as const)
      for (const to of ['host', 'back'] as const)
        expect(await scene.seen('both', to, 6000, { protocol })).not.toBeNull();
  });

  promise('W5 a port published on 127.0.0.1 answers the host only', stage, onLoopback, [4]);

  promise(
    'W6 a port published on an address answers there only, and wins over one on every address',
    stage,
    async (scene) => {
      expect(await scene.seen('outside', 'host', 7000)).not.toBeNull();
      expect(await scene.seen('outside', 'host2', 7000)).not.toBeNull();
      expect(await scene.seen('outside', 'front', 7000)).toBeNull();
      await scene.lab.agent('other').close(71);
      expect(await scene.seen('outside', 'host', 7000)).not.toBeNull();
      expect(await scene.seen('outside', 'host', 7100)).not.toBeNull();
      expect(await scene.seen('outside', 'host2', 7000)).toBeNull();
      expect(await scene.seen('outside', 'host2', 7100)).toBeNull();
      await scene.lab.agent('other').serve(71);
    },
  );

  promise('W7 ranges map port by port, and protocols are apart', stage, async (scene) => {
    for (const index of [0, 1, 2]) expect(await scene.seen('outside', 'host', 10000 + index)).toBe(scene.at.outside);
    expect(await scene.seen('outside', 'host', 10003)).toBeNull();
    expect(await scene.seen('outside', 'host', 7100, { protocol: 'udp' })).toBeNull();
  });

  promise('W8 a publish `from` some answers these only', stage, async (scene) => {
    const fromElsewhere = () => scene.seen('outside', 'host', 5432, { from: scene.at.outside });
    expect(await scene.seen('outside', 'host', 5432, { from: scene.at.lan })).toBe(scene.at.lan);
    await scene.onlyWithout(
      {
        nft: [{ table: 'inet tsnet', chain: 'admit', rule: /@restricted/ }],
        iptables: [{ table: 'mangle', chain: 'admit', rule: /--dport 5432 / }],
      },
      fromElsewhere,
    );
  });

  promise('W8 a publish with a `limit` answers as many new connections', stage, async (scene) => {
    const answers = [];
    for (let index = 0; index < 5; index++) answers.push(await scene.seen('outside', 'host', 5433));
    expect(answers.filter((answer) => answer !== null)).toHaveLength(3);
    await scene.onlyWithout(
      {
        nft: [{ table: 'inet tsnet', chain: 'admit', rule: /@limited/ }],
        iptables: [{ table: 'mangle', chain: 'admit', rule: /--dport 5433 / }],
      },
      () => scene.seen('outside', 'host', 5433),
    );
  });

  test('W9 a port that a process listens on is refused, and the process named [IPv4]', () => {
    const { code, stderr } = stage().lab.tsnet([
      'run',
      '--name',
      'late',
      '--net',
      'front',
      '-p',
      '7777:80',
      '--',
      'true',
    ]);
    expect([code, stderr]).toEqual([3, expect.stringMatching(/7777\/tcp: node \(pid \d+\) listens/)]);
  });

  test('W9 a port that another container has is refused, and the container named [IPv4]', () => {
    const { code, stderr } = stage().lab.tsnet([
      'run',
      '--name',
      'late',
      '--net',
      'front',
      '-p',
      '8080:80',
      '--',
      'true',
    ]);
    expect([code, stderr]).toEqual([1, expect.stringContaining('web')]);
  });
}

/** Not even to one who routes 127/8 at us while the kernel would let that in (CVE-2020-8558). */
async function onLoopback({ lab }: Scene): Promise<void> {
  const ask = (from: string, source: string) =>
    lab.agent(from).probe({ address: '127.0.0.1', port: 9000, from: source });
  expect(await lab.agent('host').probe({ address: '127.0.0.1', port: 9000 })).not.toBeNull();
  expect(await lab.agent('outside').probe({ address: '192.0.2.1', port: 9000 })).toBeNull();
  for (const where of ['host', 'outside', 'db'] as const) lab.setting(where, 'net/ipv4/conf/all/route_localnet', '1');
  for (const [where, source, gateway] of [
    ['outside', '192.0.2.9', '192.0.2.1'],
    ['db', '172.18.0.2', '172.18.0.1'],
  ] as const) {
    lab.inside(where, 'ip', ['address', 'delete', '127.0.0.1/8', 'dev', 'lo']);
    lab.inside(where, 'ip', ['route', 'add', '127.0.0.0/8', 'via', gateway]);
    expect(await ask(where, source)).toBeNull();
  }
  const withoutAny = {
    nft: [
      { table: 'inet tsnet', chain: 'screen', rule: /127\.0\.0\.0\/8/ },
      { table: 'inet tsnet', chain: 'prerouting', rule: /127\.0\.0\.0\/8/ },
    ],
    iptables: [
      { table: 'raw', chain: 'screen', rule: /./ },
      { table: 'nat', chain: 'prerouting', rule: /127\.0\.0\.0\/8/ },
    ],
  };
  expect(await lab.without(withoutAny, () => ask('outside', '192.0.2.9'))).not.toBeNull();
  lab.setting('host', 'net/ipv4/conf/all/route_localnet', '0');
}
