import { Lab } from '../support/lab';
import { leaving } from './promises/leaving';
import { reaching } from './promises/reaching';
import { refusing } from './promises/refusing';
import { INTENT, SERVERS, type Stage } from './promises/stage';

const CELLS = (['nft', 'iptables'] as const).flatMap((target) =>
  ([0, 1] as const).map((bridgeNetfilter) => [target, bridgeNetfilter] as const),
);

describe.each(CELLS)('on the wire: target %s, bridge-nf-call-iptables %i', (target, bridgeNetfilter) => {
  let lab: Lab;

  beforeAll(async () => {
    lab = new Lab(bridgeNetfilter, target);
    lab.apply(INTENT);
    for (const [where, ports] of Object.entries(SERVERS)) for (const port of ports) await lab.agent(where).serve(port);
    await lab.agent('web').serve(80, 'udp');
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
