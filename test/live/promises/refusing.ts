import { promise, REST_TO_CONTAINER, type Stage } from './stage';

/** Not reaching what is not published: W10 to W14. */
export function refusing(stage: () => Stage): void {
  promise('W10 an unpublished port does not answer another host', stage, async (scene) => {
    expect(await scene.seen('host', 'web', 81)).not.toBeNull();
    expect(await scene.seen('outside', 'host', 81)).toBeNull();
    await scene.onlyWithout(REST_TO_CONTAINER, () => scene.seen('outside', 'web', 81));
  });

  promise("W10 direct access to a published port by the container's own address is dropped", stage, async (scene) => {
    await scene.onlyWithout(REST_TO_CONTAINER, () => scene.seen('outside', 'web', 80));
    expect(await scene.seen('outside', 'web', 80, { protocol: 'udp' })).toBeNull();
  });

  promise('W10 `nat routed` opens published ports directly, and a trusted interface all', stage, async (scene) => {
    expect(await scene.seen('outside', 'routed', 80)).toBe(scene.at.outside);
    expect(await scene.seen('outside', 'routed', 81)).toBeNull();
    expect(await scene.seen('outside', 'trusting', 81)).toBe(scene.at.outside);
  });

  promise('W11 no packet crosses between two networks', stage, async (scene) => {
    expect(await scene.seen('web', 'db', 80)).toBeNull();
    expect(await scene.seen('db', 'web', 80)).toBeNull();
    expect(await scene.seen('other', 'db', 81)).toBeNull();
    await scene.onlyWithout(REST_TO_CONTAINER, () => scene.seen('other', 'db', 80));
  });

  promise(
    "W11 a container does not reach another network's bridge address by a route of its own",
    stage,
    async (scene) => {
      expect(await scene.seen('other', 'back', 7777)).toBeNull();
      await scene.onlyWithout(
        {
          nft: [{ table: 'inet tsnet', chain: 'container_to_host', rule: /@gateways/ }],
          iptables: [{ table: 'filter', chain: 'container_to_host', rule: /-j \S+container_to_host/ }],
        },
        () => scene.seen('other', 'back', 7777),
      );
    },
  );

  promise('W12 with icc off only linked ports answer', stage, async (scene) => {
    expect(await scene.seen('a', 'b', 80)).toBe(scene.at.a);
    expect(await scene.seen('b', 'a', 80)).toBeNull();
    await scene.onlyWithout(REST_TO_CONTAINER, () => scene.seen('a', 'b', 81));
  });

  promise('W12 a denial holds between two containers of one network', stage, async (scene) => {
    expect(await scene.seen('m1', 'm2', 80)).toBe(scene.at.m1);
    expect(await scene.seen('host', 'm2', 81)).not.toBeNull();
    await scene.onlyWithout(
      {
        nft: [{ table: 'inet tsnet', chain: 'new_to_container', rule: /@deny_port/ }],
        iptables: [{ table: 'filter', chain: 'new_to_container', rule: /--dport 81 / }],
      },
      () => scene.seen('m1', 'm2', 81),
    );
  });

  promise('W12 a container is kept from what is denied to it on the host', stage, async (scene) => {
    expect(await scene.seen('web', 'host', 7777)).toBe(scene.at.web);
    expect(await scene.seen('other', 'host', 7778)).not.toBeNull();
    await scene.onlyWithout(
      {
        nft: [{ table: 'inet tsnet', chain: 'admit', rule: /@deny_to_host_port/ }],
        iptables: [{ table: 'mangle', chain: 'admit', rule: /--dport 7778 / }],
      },
      () => scene.seen('web', 'host', 7778),
    );
  });

  promise('W13 nothing goes out of an internal network, not by a route added inside either', stage, async (scene) => {
    expect(await scene.seen('hidden2', 'hidden', 80)).toBe(scene.at.hidden2);
    expect(await scene.seen('hidden', 'inner', 7777)).toBe(scene.at.hidden);
    scene.lab.inside('hidden', 'ip', [`-${scene.family}`, 'route', 'replace', 'default', 'via', scene.at.inner]);
    expect(await scene.seen('hidden', 'host', 7777)).toBeNull();
    expect(await scene.seen('hidden', 'host', 8080)).toBeNull();
    expect(await scene.seen('hidden', 'web', 80)).toBeNull();
    await scene.onlyWithout(
      {
        nft: [{ table: 'inet tsnet', chain: 'forward', rule: /@internal/ }],
        iptables: [{ table: 'filter', chain: 'forward', rule: /tn-inner -j/ }],
      },
      () => scene.seen('hidden', 'outside', 8888),
    );
  });

  promise('W13 nothing comes into an internal network', stage, async (scene) => {
    expect(await scene.seen('outside', 'hidden', 80)).toBeNull();
    expect(await scene.seen('web', 'hidden', 80)).toBeNull();
    await scene.onlyWithout(
      {
        nft: [{ table: 'inet tsnet', chain: 'input', rule: /@internal_gateways/ }],
        iptables: [{ table: 'filter', chain: 'input', rule: /! -i lo/ }],
      },
      () => scene.seen('outside', 'inner', 7777),
    );
  });
}
