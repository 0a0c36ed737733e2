import { compile } from '../../../../compiler';
import { explain } from '../../../../compiler/why';
import { assumedSurroundings, World } from '../../../../compiler/world/world';

const INTENT = `network front { subnet 172.17.0.0/16 }
network shut { subnet 172.18.0.0/16; publish-address 127.0.0.1 }
network inner { subnet 172.19.0.0/16; internal }
container web {
  network front
  publish 8080:80
  publish 127.0.0.1:9000-9001:90-91
  publish 198.51.100.7:7000:70 limit 5/second
  publish 5353:53/udp
}
container admin { network shut; publish 2222:22 }
container db { network inner; expose 5432 }
container cache { network front; expose 11211 }
`;

const outcome = compile([{ name: 'shop.tsnet', text: INTENT }]);
if (!outcome.ok) throw new Error(outcome.diagnostics.map(({ message }) => message).join('\n'));
const compiled = outcome.value;

function asked(question: string, resolved = compiled) {
  const { remarks, allowances } = explain(question.split(' '), {
    rulesFor: () => resolved.ruleset,
    world: new World(assumedSurroundings(resolved.topology)),
    resolved,
    describe: (origin) => (origin.kind === 'intent' ? origin.path.join('.') : undefined),
  });
  return { remarks, allowances: allowances.map(({ text, reaches }) => `${reaches}: ${text}`) };
}

const NOBODY = 'no container has that port: only a program of the host itself could answer';

/** A packet that the host itself has, and the statement that was probably meant to have it. */
test.each([
  [
    'from outside to host tcp 9001',
    'containers.0.publish.1 is for 127.0.0.1 alone',
    ['web: instead of publish 127.0.0.1:9000-9001:90-91 write: publish 9000-9001:90-91'],
  ],
  [
    'from outside to host tcp 7000',
    'containers.0.publish.2 is for 198.51.100.7 alone',
    [
      'web: instead of publish 198.51.100.7:7000:70 limit 5/second write: publish 7000:70 limit 5/second',
      'web: ask for 198.51.100.7 port 7000',
    ],
  ],
  [
    'from outside to host tcp 2222',
    'containers.1.publish.0 is for 127.0.0.1 alone',
    ['admin: take back: publish-address 127.0.0.1 (of network shut)'],
  ],
  [
    'from outside to 2001:db8::1 tcp 8080',
    'containers.0.publish.0 is not for IPv6: web has no such address',
    ['web: add to network front: subnet fd00:172:17::/64'],
  ],
  [
    'from outside to host tcp 5353',
    'containers.0.publish.3 is of udp alone',
    ['web: add to container web: publish 5353:53'],
  ],
  [
    'from outside to host tcp 80',
    'containers.0.publish.0 leads to port 80 of web',
    ['web: ask for 192.0.2.1 port 8080'],
  ],
  [
    'from outside to host tcp 11211',
    'containers.3.expose.0 opens no port of the host',
    ['cache: add to container cache: publish 11211:11211'],
  ],
  // An internal network publishes nothing: there is nothing to suggest.
  ['from outside to host tcp 5432', 'containers.2.expose.0 opens no port of the host', []],
])('%s', (question, remark, allowances) => {
  expect(asked(question)).toEqual({ remarks: [NOBODY, remark], allowances });
});

test('nothing is near: that no container has it is said', () => {
  expect(asked('from outside to host tcp 1')).toEqual({ remarks: [NOBODY], allowances: [] });
});

test.each([
  'from outside to host tcp 8080',
  'from outside to host icmp',
  // It belongs to a connection that was opened otherwise.
  'from outside to host tcp 8080 state established',
  'from outside to host tcp 80 state established',
  'from web to outside tcp 80',
  'from outside to cache tcp 11211',
])('%s: nothing to remark', (question) => {
  expect(asked(question).remarks).toEqual([]);
});

test('a publish that the rules have lost is named, and applying again is what helps', () => {
  const without = compiled.ruleset.tables.map((table) => ({
    ...table,
    sets: table.sets.map((set) => (set.name === 'publish4' ? { ...set, elements: [] } : set)),
  }));
  const { remarks, allowances } = explain('from outside to host tcp 8080'.split(' '), {
    rulesFor: () => ({ tables: without }),
    world: new World(assumedSurroundings(compiled.topology)),
    resolved: compiled,
    originOf: ({ origin }) => origin,
    describe: (origin) => (origin.kind === 'intent' ? origin.path.join('.') : undefined),
  });
  expect(remarks).toEqual([NOBODY, 'containers.0.publish.0 is for that port, and no rule led the packet there']);
  expect(allowances).toEqual([{ text: expect.stringMatching(/^apply it again: /), reaches: 'web' }]);
});

test('no more than three are told', () => {
  const many = compile([
    {
      name: 'many.tsnet',
      text: `network n { subnet 10.0.0.0/16 }\n${[1, 2, 3, 4].map((one) => `container c${one} { network n; publish 800${one}:80 }`).join('\n')}`,
    },
  ]);
  if (!many.ok) throw new Error('it does not compile');
  expect(asked('from outside to host tcp 80', many.value)).toEqual({
    remarks: [NOBODY, ...[1, 2, 3].map((one) => `containers.${one - 1}.publish.0 leads to port 80 of c${one}`)],
    allowances: [1, 2, 3].map((one) => `c${one}: ask for 192.0.2.1 port 800${one}`),
  });
});
