import { join } from 'node:path';
import { migrate } from '../../compiler/migrate';
import { renderDiagnostics } from '../../dsl/core/render';
import { savedHosts } from '../support/migrate/hosts';
import { mutate, randomFrom } from '../support/mutate';

/** Dumps that nobody saved: there is an answer to each, in time, and nothing in it that a terminal would obey. */
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029]/;

function answerTo(text: string): string {
  const { diagnostics, unit } = migrate([{ name: 'dump', text }], { literal: true });
  return `${renderDiagnostics(diagnostics, { color: false })}\n${unit.text}`;
}

test('mangled dumps', () => {
  const texts = savedHosts(join(__dirname, 'corpus')).flatMap(({ dumps }) => dumps.map(({ source }) => source.text));
  const short = texts.filter((text) => text.length < 12_000);
  const random = randomFrom(11);
  for (let run = 0; run < 300; run++) {
    const text = mutate(short[random(short.length)] ?? '', random);
    expect(CONTROL.exec(answerTo(text))?.index ?? text).toBe(text);
  }
});

const table = (lines: readonly string[]) => `*filter\n:INPUT ACCEPT [0:0]\n${lines.join('\n')}\nCOMMIT\n`;
const numbers = (count: number) => Array.from({ length: count }, (_, at) => at);

const LARGE: readonly (readonly [what: string, text: string])[] = [
  ['a line of ten million letters', table([`-A INPUT -m comment --comment ${'x'.repeat(10_000_000)} -j ACCEPT`])],
  ['a prefix of a million letters', table([`-A INPUT -j LOG --log-prefix ${'x'.repeat(1_000_000)}`])],
  ['a million words', table([`-A INPUT ${'! '.repeat(1_000_000)}`])],
  [
    'a million addresses',
    table([
      `-A INPUT -s ${numbers(200_000)
        .map((at) => `10.${at >> 16}.${(at >> 8) & 255}.${at & 255}`)
        .join(',')} -j DROP`,
    ]),
  ],
  ['many chains', table(numbers(100_000).map((at) => `:c${at} - [0:0]`))],
  [
    'a chain of chains',
    table([
      ...numbers(5000).map((at) => `:c${at} - [0:0]`),
      '-A INPUT -j c0',
      ...numbers(4999).map((at) => `-A c${at} -j c${at + 1}`),
    ]),
  ],
];

test.each(LARGE)(
  '%s',
  (_, text) => {
    const started = process.cpuUsage().user;
    answerTo(text);
    // Of this process alone, in microseconds.
    expect(process.cpuUsage().user - started).toBeLessThan(10_000_000);
  },
  60_000,
);

test('a circle of chains, which iptables refuses too', () => {
  const { diagnostics } = migrate([
    { name: 'dump', text: table([':a - [0:0]', ':b - [0:0]', '-A INPUT -j a', '-A a -j b', '-A b -j a']) },
  ]);
  expect(diagnostics.map(({ severity }) => severity)).toContain('error');
});
