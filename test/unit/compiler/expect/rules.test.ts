import { compile, resolveSources } from '../../../../compiler';
import { answerExpectations } from '../../../../compiler/expect';
import { groupsOf } from '../../../../compiler/expect/rules';
import { assumedSurroundings, World } from '../../../../compiler/world/world';

/** Expectations are asked of the rules without the elements of containers that they do not speak of. */

const INTENT = `define lan = { 203.0.113.0/24 }
network front { subnet 10.1.0.0/24 }
network back { subnet 10.2.0.0/24 }
container web { network front; publish 8000-8009:9000-9009 }
container shop { network front; publish 8443:443 }
container db { network back; publish 5432:5432/udp }
container cache { network back }
container router { network back { address 10.2.0.9 } }
container inner { network back { gateway 10.2.0.9 } }
allow front -> back tcp
deny web -> back
deny lan -> web
`;
/** With rules of the user's no element is left out. */
const RULES = 'table ip mine { chain none { counter } }\n';

function answersTo(intent: string): readonly unknown[] {
  const outcome = compile([{ name: 'shop.tsnet', text: intent }]);
  if (!outcome.ok) throw new Error(outcome.diagnostics.map(({ message }) => message).join('\n'));
  const { answers } = answerExpectations(outcome.value, new World(assumedSurroundings(outcome.value.topology)));
  return answers.map(({ text, holds }) => [text, holds]);
}

test.each([
  // Its guard keeps it from saying that it is another.
  ['web -> db tcp 80 denied', true],
  ['web -> cache tcp 80 denied', true],
  ['shop -> db tcp 80 allowed', true],
  ['outside -> host tcp 8443 reaches shop tcp 443', true],
  ['outside -> host udp 5432 reaches db udp 5432', true],
  // Their way out is by a container, which may not answer as another.
  ['cache -> outside tcp 443 allowed', true],
  ['inner -> outside tcp 443 allowed', false],
  ['inner -> cache tcp 443 allowed', true],
  // What is published for web is denied to them.
  ['lan -> host tcp 8443 allowed', true],
  ['lan -> host tcp 8005 allowed', false],
  ['lan -> host tcp 7000-8000 allowed', false],
  ['lan -> host tcp allowed', false],
  ['lan -> host allowed', false],
  ['lan -> host udp allowed', true],
])('expect %s: %s', (expectation, holds) => {
  const text = `expect ${expectation}`;
  expect(answersTo(`${INTENT}${text}\n`)).toEqual([[text, holds]]);
  expect(answersTo(`${INTENT}${RULES}${text}\n`)).toEqual([[text, holds]]);
});

test('answers come in the order that expectations are written in, whichever are asked together', () => {
  const texts = ['web -> db tcp 1', 'shop -> host tcp 22', 'web -> db tcp 2', 'shop -> host tcp 23'].map(
    (ends) => `expect ${ends} denied`,
  );
  expect(answersTo(`${INTENT}${texts.join('\n')}\n`)).toEqual(texts.map((text) => [text, !text.includes('host')]));
});

test('expectations of few containers are asked of the same rules, those of many of their own', () => {
  const containers = Array.from({ length: 100 }, (_, index) => `container c${index} { network all }\n`).join('');
  const expectations = Array.from({ length: 99 }, (_, index) => `expect c${index} -> c${index + 1} allowed\n`);
  const whole = (protocol: string) => `expect all -> outside ${protocol} allowed\n`;
  const text = `network all { subnet 10.0.0.0/16 }\n${containers}${whole('tcp')}${expectations.join('')}${whole('udp')}`;
  const outcome = resolveSources([{ name: 'many.tsnet', text }]);
  if (!outcome.ok) throw new Error(outcome.diagnostics.map(({ message }) => message).join('\n'));
  const groups = groupsOf(outcome.value, new World(assumedSurroundings(outcome.value.topology)));
  expect(groups.map(({ asked }) => asked.length)).toEqual([2, 63, 36]);
});
