import { compile } from '../../../../compiler';
import { explain } from '../../../../compiler/why';
import { assumedSurroundings, World } from '../../../../compiler/world/world';

const INTENT = `network front { subnet 10.1.0.0/24 }
network back { subnet 10.2.0.0/24 }
container web { network front; publish 8080:80 }
container shop { network front; publish 8443:443 from 198.51.100.0/24 }
container db { network back }
container cache { network back }
container beside { network container cache }
deny front -> db tcp 5432
`;

const outcome = compile([{ name: 'shop.tsnet', text: INTENT }]);
if (!outcome.ok) throw new Error(outcome.diagnostics.map(({ message }) => message).join('\n'));
const compiled = outcome.value;

/** What would let a packet in, of an intent with many containers that it has nothing to do with. */
test.each([
  ['from outside to db tcp 5432', ['add: allow 192.0.2.9 -> db tcp 5432', 'publish 5432:5432']],
  // Somebody else has that port.
  ['from outside to db tcp 8080', ['add: allow 192.0.2.9 -> db tcp 8080']],
  ['from outside to db udp 8080', ['add: allow 192.0.2.9 -> db udp 8080', 'publish 8080:8080/udp']],
  [
    'from 203.0.113.9 to host tcp 8443',
    ['instead of publish 8443:443 from 198.51.100.0/24 write: publish 8443:443 from { 198.51.100.0/24, 203.0.113.9 }'],
  ],
  // Neither is enough alone.
  ['from web to db tcp 5432', ['take back: deny front -> db tcp 5432, and add: allow web -> db tcp 5432']],
  // By its own number, or by that of the host: it is published already.
  ['from outside to web tcp 80', ['ask for 192.0.2.1 port 8080', 'add: allow 192.0.2.9 -> web tcp 80']],
  ['from outside to web tcp 8080', ['ask for 192.0.2.1 port 8080', 'add: allow 192.0.2.9 -> web tcp 8080']],
  ['from web to cache tcp 11211', ['add: allow web -> cache tcp 11211']],
  ['from 10.1.0.2 to 10.2.0.3 tcp 11211', ['add: allow web -> cache tcp 11211']],
  // A container that has another's network goes by the other's name.
  ['from beside to web tcp 80', ['add: allow cache -> web tcp 80']],
  ['from web to beside tcp 80', ['add: allow web -> cache tcp 80']],
])('%s', (question, wanted) => {
  const { allowances } = explain(question.split(' '), {
    rulesFor: () => compiled.ruleset,
    world: new World(assumedSurroundings(compiled.topology)),
    resolved: compiled,
    describe: () => undefined,
  });
  const texts = allowances.map(({ text }) => text);
  expect(texts).toEqual(wanted.map((one) => expect.stringContaining(one)));
});

test('rules of a host that have become others than were applied: apply again, and nothing else', () => {
  const inet = compiled.ruleset.tables.map((table) => ({
    ...table,
    sets: table.sets.map((set) => (set.name === 'published4' ? { ...set, elements: [] } : set)),
  }));
  const { allowances } = explain('from outside to host tcp 8080'.split(' '), {
    rulesFor: () => ({ tables: inet }),
    world: new World(assumedSurroundings(compiled.topology)),
    resolved: compiled,
    originOf: ({ origin }) => origin,
    describe: () => undefined,
  });
  expect(allowances.map(({ text }) => text)).toEqual([expect.stringMatching(/^apply it again: /)]);
});
