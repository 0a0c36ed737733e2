import { compile, print } from '../../../../../compiler';

function printed(...denials: readonly string[]): readonly string[] {
  const intent = `network front { subnet 10.1.0.0/24; subnet fd00:1::/64 }\n${denials.join('\n')}\n`;
  const outcome = compile([{ name: 'a.tsnet', text: intent }]);
  if (!outcome.ok) throw new Error(outcome.diagnostics.map(({ message }) => message).join('\n'));
  const unit = print(outcome.value, 'ip6tables', { ipset: true });
  if (!unit.ok) throw new Error(unit.diagnostics.map(({ message }) => message).join('\n'));
  return unit.value.text.split('\n').filter((line) => /from_host_port|sctp|tcp/.test(line));
}

test('what a set of ipset has room for is in a set', () => {
  expect(printed('deny host -> fd01::/64 tcp', 'deny host -> 10.0.0.0/8 tcp')).toEqual([
    'create TSNET-deny_from_host_port6 hash:net,port family inet6 -exist',
    'flush TSNET-deny_from_host_port6',
    'add TSNET-deny_from_host_port6 fd01::/64,tcp:0-65535 -exist',
    '-A TSNET-host_output -m conntrack --ctstate NEW -m set --match-set TSNET-deny_from_host_port6 dst,dst -g TSNET-refuse',
  ]);
});

test('ranges of more ports than it has room for are rules: it has a member for each port', () => {
  expect(printed('deny host -> ::/0 tcp', 'deny host -> fd01::/64 sctp 80')).toEqual([
    '-A TSNET-host_output -p tcp -m conntrack --ctstate NEW -g TSNET-refuse',
    '-A TSNET-host_output -d fd01::/64 -p sctp --dport 80 -m conntrack --ctstate NEW -g TSNET-refuse',
  ]);
});
