import { compile } from '../../../../compiler';
import { type Explanation, explain, rulesFor } from '../../../../compiler/why';
import { assumedSurroundings, World } from '../../../../compiler/world/world';

const INTENT = `network front { subnet 10.1.0.0/24 }
container web { network front { address 10.1.0.8 }; publish 8080:80 }
container shop { network front { address 10.1.0.9 }; publish 8443:443 }
`;
/** Leads to a container that the packet itself knows nothing of. */
const REDIRECT = `table ip mine {
  chain prerouting { type nat hook prerouting priority -110; policy accept; tcp dport 9000 dnat to 10.1.0.8:80 }
}
`;

function explained(intent: string, question: string): Explanation {
  const outcome = compile([{ name: 'shop.tsnet', text: intent }]);
  if (!outcome.ok) throw new Error(outcome.diagnostics.map(({ message }) => message).join('\n'));
  const resolved = outcome.value;
  return explain(question.split(' '), {
    rulesFor: (one) => rulesFor(one, resolved),
    world: new World(assumedSurroundings(resolved.topology)),
    resolved,
    describe: () => undefined,
  });
}

test.each([
  ['a port that is published', INTENT, 'from outside to host tcp 8080', 'reaches web at 10.1.0.8:80'],
  ["a rule of the user's", `${INTENT}${REDIRECT}`, 'from outside to host tcp 9000', 'reaches web at 10.1.0.8:80'],
  ['a field that is told', INTENT, 'from outside to host tcp 1 with dport=8443', 'reaches shop at 10.1.0.9:443'],
])('what a packet is led to by %s is there', (_, intent, question, wanted) => {
  expect(explained(intent, question).outcome.text).toContain(wanted);
});

test('what lets a packet in that a rule of the user leads to another container is found', () => {
  const denied = `${INTENT}${REDIRECT}define bad = { 203.0.113.0/24 }\ndeny bad -> front\n`;
  const { outcome, allowances } = explained(denied, 'from 203.0.113.9 to host tcp 9000');
  expect(outcome.kind).toBe('dropped');
  expect(allowances.map(({ text }) => text)).toContain('take back: deny bad -> front');
});

test('what a container sends by way of another meets the rules for both', () => {
  const intent = `${INTENT}container guest { network front { gateway 10.1.0.9 } }\n`;
  const { outcome, answer } = explained(intent, 'from guest to 203.0.113.9 tcp 1');
  expect(outcome.text).toBe('reaches shop at 203.0.113.9:1');
  expect(answer?.outcome.kind).toBe('dropped');
});

test('whoever pings his own address is answered', () => {
  expect(explained(INTENT, 'from web to 10.1.0.8 icmp').answer?.comesBack).toBe(true);
});

test('an answer that is handed to a container as a gateway has not come back', () => {
  const intent = `network plain { subnet 10.4.0.0/24; nat routed }
container way { network plain { address 10.4.0.9 } }
container guest { network plain { address 10.4.0.8; gateway 10.4.0.9 }; publish 9000:90 }
`;
  const { outcome, answer } = explained(intent, 'from outside to 10.4.0.8 tcp 90');
  expect(outcome).toMatchObject({ kind: 'delivered', at: 'guest' });
  expect(answer?.outcome).toMatchObject({ kind: 'delivered', at: 'way' });
  expect(answer?.comesBack).toBe(false);
});
