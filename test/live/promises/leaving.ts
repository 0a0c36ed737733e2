import { promise, type Stage } from './stage';

/** Going out, and inside the container: W16 to W19. */
export function leaving(stage: () => Stage): void {
  promise('W16 traffic leaves with the address that `nat` says', stage, async (scene) => {
    for (const protocol of ['tcp', 'udp'] as const) {
      expect(await scene.seen('web', 'outside', 8888, { protocol })).toBe(scene.at.host);
      expect(await scene.seen('source', 'outside', 8888, { protocol })).toBe(scene.at.host2);
      expect(await scene.seen('routed', 'outside', 8888, { protocol })).toBe(scene.at.routed);
    }
  });

  promise('W17 traffic between allowed networks keeps its source address', stage, async (scene) => {
    expect(await scene.seen('web', 'db', 81)).toBe(scene.at.web);
  });

  promise('W18 eth0 has its address, prefix and default route', stage, async ({ lab, family, at }) => {
    const [eth0] = JSON.parse(lab.inside('web', 'ip', ['-json', 'address', 'show', 'dev', 'eth0']));
    expect(eth0).toMatchObject({ address: '02:42:ac:11:00:03', mtu: 1500, operstate: 'UP' });
    expect(eth0.addr_info).toContainEqual(
      expect.objectContaining({ local: at.web, prefixlen: family === 4 ? 16 : 64 }),
    );
    const route = lab.inside('web', 'ip', [`-${family}`, 'route', 'show', 'default']);
    expect(route).toMatch(new RegExp(`^default via ${at.front} dev eth0`));
  });

  promise('W18 the files say what the intent says', stage, async ({ lab, family, at }) => {
    const { stdout } = lab.exec('a', ['cat', '/etc/hosts', '/etc/hostname']);
    expect(stdout.split('\n')).toContain(`${at.b}\tb`);
    if (family === 4) expect(stdout).toMatch(/^a$/m);
  });

  promise(
    "W19 the host end is a veth on the network's bridge, and two networks give eth0 and eth1",
    stage,
    async ({ lab, family }) => {
      const [link] = JSON.parse(lab.on('host', 'ip', ['-json', '-details', 'link', 'show', 'tv-web-0']));
      expect(link).toMatchObject({ master: 'tn-front', linkinfo: { info_kind: 'veth' } });
      const addresses = ['eth0', 'eth1'].map((device) =>
        lab.inside('both', 'ip', [`-${family}`, '-oneline', 'address', 'show', 'dev', device]),
      );
      expect(addresses[0]).toContain(family === 4 ? '172.17.' : 'fd00:17:');
      expect(addresses[1]).toContain(family === 4 ? '172.18.' : 'fd00:18:');
    },
  );
}
