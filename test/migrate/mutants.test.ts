import { migrate } from '../../compiler/migrate';
import { heldAs } from '../support/migrate/judge';
import { loadEach } from '../support/migrate/load';

/** One field of a translation changed by hand: what holds the corpus together has to see each. */
const DUMP = `*nat
:PREROUTING ACCEPT [0:0]
-A PREROUTING -p tcp -m tcp --dport 8080 -j DNAT --to-destination 10.0.0.2:80
COMMIT
*mangle
:PREROUTING ACCEPT [0:0]
-A PREROUTING -m mark --mark 0x10/0xff -j MARK --set-xmark 0x2/0xff
COMMIT
*filter
:INPUT DROP [0:0]
:out - [0:0]
-A INPUT -i eth0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A INPUT -p tcp -m multiport --dports 22,1024:2048 -j ACCEPT
-A INPUT -s 192.0.2.0/24 -p udp -j out
-A INPUT -p tcp -m tcp --tcp-flags SYN,ACK SYN -m limit --limit 5/second -j LOG --log-prefix "syn "
-A out -j REJECT --reject-with icmp-host-prohibited
COMMIT
`;

const MUTANTS: readonly (readonly [what: string, from: string, to: string])[] = [
  ['a protocol is dropped', 'ip saddr 192.0.2.0/24 meta l4proto udp', 'ip saddr 192.0.2.0/24'],
  ['a range ends one early', '1024-2048', '1024-2047'],
  ['a port more', '{ 22, ', '{ 22, 23, '],
  ['another mask', '192.0.2.0/24', '192.0.2.0/25'],
  ['another mask of the mark', '& 0xff ', '& 0xfe '],
  ['a state is dropped', 'established,related', 'established'],
  ['another interface', '"eth0"', '"eth1"'],
  ['another way to reject', 'host-prohibited', 'net-prohibited'],
  ['another port behind', '10.0.0.2:80', '10.0.0.2:81'],
  ['another policy', 'policy drop', 'policy accept'],
  ['another rate', '5/second', '6/second'],
  ['another prefix', '"syn "', '"syn"'],
  ['other flags', '== syn', '== ack'],
];

const migration = migrate([{ name: 'dump', text: DUMP }], { literal: true });

test('the form as it is printed is equal', () => {
  const [loaded] = loadEach([migration.unit.text]);
  expect(loaded && heldAs(migration, loaded)).toBe('equal');
});

test('each mutant is seen', () => {
  const texts = MUTANTS.map(([, from, to]) => migration.unit.text.replace(from, to));
  const same = MUTANTS.filter((_, at) => texts[at] === migration.unit.text).map(([what]) => `not there: ${what}`);
  const outcomes = loadEach(texts).map((loaded) => heldAs(migration, loaded));
  const survived = MUTANTS.filter((_, at) => !outcomes[at]?.startsWith('DIFFERENT')).map(
    ([what], at) => `${what}: ${outcomes[at]}`,
  );
  expect([...same, ...survived]).toEqual([]);
});
