import { join, relative } from 'node:path';
import { type Place, Stage } from './stage';

const SEED = relative(process.cwd(), join(__dirname, 'seed.tsnet'));
const HOST = '192.0.2.1';
const OUTSIDE = '192.0.2.9';

/** Docker's walk-through of its bridge network, done by tsnet with real packets; exits with 1 when a step does not hold. */
async function walkThrough(stage: Stage): Promise<void> {
  stage.raise();

  stage.title('1. What we want: two containers on a bridge, each with a published port');
  stage.show('the host', 'cat', SEED);

  stage.title('2. The rules that it gives, before they exist: for nftables ...');
  const nft = stage.show('the host', 'tsnet', 'compile', SEED);
  stage.check('8080 leads to 172.17.0.3, port 80', /tcp \. 8080 .*: 172\.17\.0\.3 \. 80 /.test(nft.stdout));
  stage.title('... and for iptables');
  const iptables = stage.show('the host', 'tsnet', 'compile', '--target', 'iptables', SEED);
  stage.check(
    '8080 leads to 172.17.0.3, port 80',
    /--dport 8080 .*DNAT --to-destination 172\.17\.0\.3:80/.test(iptables.stdout),
  );

  stage.title('3. Make the host match: bridge, interfaces, namespaces, rules, all or nothing');
  stage.check('applied', stage.show('the host', 'tsnet', 'apply', SEED).code === 0);

  stage.title('4. A web server in each container');
  await stage.serve('registry', 5000);
  await stage.serve('web', 80);

  stage.title('5. What `web` finds inside');
  const inside = stage.show('the host', 'tsnet', 'exec', 'web', '--', 'ip', 'address', 'show', 'dev', 'eth0');
  stage.check('its address is 172.17.0.3/16', inside.stdout.includes('inet 172.17.0.3/16'));
  stage.check('its MAC address is 02:42:ac:11:00:03', inside.stdout.includes('02:42:ac:11:00:03'));
  const route = stage.show('the host', 'tsnet', 'exec', 'web', '--', 'ip', 'route');
  stage.check('its gateway is 172.17.0.1', route.stdout.includes('default via 172.17.0.1 dev eth0'));

  stage.title("6. From the host, to the containers' own addresses and to the published ports");
  curl(stage, 'the host', 'http://172.17.0.2:5000', 'registry here, you come from 172.17.0.1');
  curl(stage, 'the host', 'http://172.17.0.3', 'web here, you come from 172.17.0.1');
  curl(stage, 'the host', `http://${HOST}:5000`, 'registry here');
  curl(stage, 'the host', `http://${HOST}:8080`, 'web here');
  curl(stage, 'the host', 'http://127.0.0.1:8080', 'web here');

  stage.title('7. From another host, which the containers see by its own address');
  curl(stage, 'outside', `http://${HOST}:5000`, `registry here, you come from ${OUTSIDE}`);
  curl(stage, 'outside', `http://${HOST}:8080`, `web here, you come from ${OUTSIDE}`);
  const around = stage.show('outside', 'curl', '--silent', '--show-error', '--max-time', '1', 'http://172.17.0.3');
  stage.check('past the published port there is no way in', around.code !== 0);

  stage.title('8. From one container to the other: directly, and by the published port');
  const fromRegistry = ['exec', 'registry', '--', 'curl', '--silent', '--max-time', '3'];
  const direct = stage.show('the host', 'tsnet', ...fromRegistry, 'http://172.17.0.3');
  stage.check('they reach each other', direct.stdout.includes('web here, you come from 172.17.0.2'));
  const published = stage.show('the host', 'tsnet', ...fromRegistry, `http://${HOST}:8080`);
  stage.check('and the published port', published.stdout.includes('web here'));

  stage.title('9. What is there');
  stage.check('nothing has changed since', stage.show('the host', 'tsnet', 'status').code === 0);
  stage.check('8080 is listed', stage.show('the host', 'tsnet', 'port').stdout.includes('8080'));

  stage.title('10. Take it all back');
  await stage.stopServers();
  stage.check('done', stage.show('the host', 'tsnet', 'down').code === 0);
  stage.check('no rule is left', stage.show('the host', 'nft', 'list', 'ruleset').stdout.trim() === '');
  const links = stage.show('the host', 'ip', '-brief', 'link');
  stage.check('no device is left', links.stdout.trim().split('\n').length === 2);
  const namespaces = stage.show('the host', 'ip', 'netns', 'list');
  stage.check('no namespace is left but the outside one', namespaces.stdout.trim().split('\n').length === 1);
}

function curl(stage: Stage, place: Place, url: string, answer: string): void {
  const { stdout } = stage.show(place, 'curl', '--silent', '--show-error', '--max-time', '3', url);
  stage.check(`"${answer} ..."`, stdout.includes(answer));
}

async function main(): Promise<void> {
  const stage = new Stage();
  try {
    await walkThrough(stage);
  } finally {
    await stage.stopServers();
  }
  process.exitCode = stage.curtain();
}

void main();
