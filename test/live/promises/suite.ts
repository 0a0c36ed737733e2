import { Lab } from '../../support/lab';
import { leaving } from './leaving';
import { reaching } from './reaching';
import { refusing } from './refusing';
import { INTENT, SERVERS, type Stage } from './stage';

/** All promises on one target, at both settings of bridge netfilter. */
export function onTheWire(target: Stage['target']): void {
  describe.each([0, 1] as const)(`on the wire: target ${target}, bridge-nf-call-iptables %i`, (bridgeNetfilter) => {
    let lab: Lab;

    beforeAll(async () => {
      lab = new Lab(bridgeNetfilter, target);
      lab.apply(INTENT);
      // For seeing that the suite can fail: every refusal lets pass.
      if (process.env.TSNET_BREAK === 'refuse') lab.emptyRefusals();
      for (const [where, ports] of Object.entries(SERVERS))
        for (const port of ports) await lab.agent(where).serve(port);
      for (const where of ['web', 'b', 'both']) await lab.agent(where).serve(80, 'udp');
      await lab.agent('outside').serve(8888, 'udp');
      lab.on('outside', 'ip', ['route', 'add', '172.16.0.0/12', 'via', '192.0.2.1']);
      lab.on('outside', 'ip', ['-6', 'route', 'add', 'fd00::/16', 'via', '2001:db8::1']);
    });
    afterAll(() => lab.close());

    const stage = (): Stage => ({ lab, target });
    reaching(stage);
    refusing(stage);
    leaving(stage);
  });
}
