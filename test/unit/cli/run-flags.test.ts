import { parseInvocation } from '../../../cli/arguments';
import { UsageError } from '../../../cli/command';
import { containerOf, withHostGateway } from '../../../cli/run-flags';
import { COMMANDS } from '../../../cli/table';
import { compile } from '../../../compiler';
import { formatAddress } from '../../../dsl/core/address';
import { formatPortRange } from '../../../dsl/core/port';

const run = COMMANDS.find(({ name }) => name === 'run');
if (!run) throw new Error('no command `run`');
const command = run;

const container = (...args: readonly string[]) =>
  containerOf('c', parseInvocation(command, [...args, '--', 'true']).flags);

/** What the flags come to on a host with a dual-stack network and another container. */
function resolved(...args: readonly string[]) {
  const document = {
    networks: [
      { name: 'bridge', subnets: ['172.17.0.0/16', 'fd00:17::/64'] },
      { name: 'back', subnets: ['172.18.0.0/16'] },
    ],
    containers: [
      { name: 'db', networks: [{ network: 'bridge' }] },
      withHostGateway(container(...args), ['172.17.0.1', 'fd00:17::1']),
    ],
  };
  const outcome = compile([], { documents: [{ where: 'tsnet run: ', document }] });
  if (!outcome.ok) throw new Error(outcome.diagnostics.map(({ code, message }) => `${code} ${message}`).join('\n'));
  const found = outcome.value.topology.containers.find(({ name }) => name === 'c');
  if (!found) throw new Error('no container');
  return found;
}

const published = (...args: readonly string[]) =>
  resolved(...args).publishes.map(
    ({ hostAddress, hostPorts, ports, protocol }) =>
      `${hostAddress ? formatAddress(hostAddress) : '*'} ${formatPortRange(hostPorts)} ${formatPortRange(ports)}/${protocol}`,
  );

describe("`tsnet run` takes Docker's flags", () => {
  test.each([
    [['-p', '8080:80'], ['* 8080 80/tcp']],
    [['--publish', '127.0.0.1:8080:80/udp'], ['127.0.0.1 8080 80/udp']],
    [['-p', '[::]:8080:80'], ['* 8080 80/tcp']],
    [['-p', '8000-8002:9000-9002'], ['* 8000-8002 9000-9002/tcp']],
    [
      ['-p', '80', '-p', '81'],
      ['* 32768 80/tcp', '* 32769 81/tcp'],
    ],
    [['-p', '127.0.0.1::80'], ['127.0.0.1 32768 80/tcp']],
    [
      ['-P', '--expose', '80', '--expose', '90-92/udp'],
      ['* 32768 80/tcp', '* 32768-32770 90-92/udp'],
    ],
  ])('%j publishes %j', (args, ports) => {
    expect(published(...args)).toEqual(ports);
  });

  test('without --net it is in the default network, and each --net is one more', () => {
    expect(container().networks).toMatchObject([{ network: 'bridge' }]);
    expect(container('--net', 'front', '--network', 'back').networks).toMatchObject([
      { network: 'front' },
      { network: 'back' },
    ]);
    expect(container('--net', 'none').networks).toBe('none');
    expect(container('--net=host').networks).toBe('host');
    expect(container('--net', 'container:db').networks).toEqual({ container: 'db' });
    expect(() => container('--net', 'host', '--net', 'front')).toThrow(UsageError);
  });

  test('addresses, MAC, gateway and aliases are of its first network', () => {
    const { mode } = resolved(
      '--ip',
      '172.17.0.9',
      '--ip6',
      'fd00:17::9',
      '--mac-address',
      '02:00:00:00:00:09',
      '--default-gateway',
      '172.17.0.254',
      '--network-alias',
      'www',
      '--net',
      'bridge',
      '--net',
      'back',
    );
    if (mode.kind !== 'bridged') throw new Error(mode.kind);
    const [first, second] = mode.endpoints;
    expect(first.addresses.map(({ address }) => formatAddress(address))).toEqual(['172.17.0.9', 'fd00:17::9']);
    expect(first).toMatchObject({ mac: '02:00:00:00:00:09', aliases: ['www'], interface: 'eth0' });
    expect(first.gateways.map(formatAddress)).toEqual(['172.17.0.254', 'fd00:17::1']);
    expect(second).toMatchObject({ interface: 'eth1', network: 'back' });
  });

  test('names: --hostname, --dns, --dns-search, --add-host, --link', () => {
    const { hostname, dns, dnsSearch, hosts } = resolved(
      '--hostname',
      'box',
      '--dns',
      '1.1.1.1',
      '--dns',
      '2606:4700::1111',
      '--dns-search',
      'example.test',
      '--add-host',
      'a.test:192.0.2.1',
      '--add-host',
      'b.test:2001:db8::1',
      '--add-host',
      'c.test=[2001:db8::2]',
      '--add-host',
      'me:host-gateway',
      '--link',
      'db:database',
    );
    expect(hostname).toBe('box');
    expect(dns.map(formatAddress)).toEqual(['1.1.1.1', '2606:4700::1111']);
    expect(dnsSearch).toEqual(['example.test']);
    expect(hosts.map(({ address, names }) => `${formatAddress(address)} ${names.join(' ')}`)).toEqual([
      '192.0.2.1 a.test',
      '2001:db8::1 b.test',
      '2001:db8::2 c.test',
      '172.17.0.1 me',
      'fd00:17::1 me',
      '172.17.0.2 database db',
      'fd00:17::2 database db',
    ]);
  });
});
