import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { raise } from '../../../compiler/migrate/raise';
import { readDumps } from '../../../compiler/targets/iptables/read';

const CASES = join(__dirname, 'cases');

function raised(text: string) {
  return raise(readDumps([{ source: { name: 'docker.rules', text } }]).tables);
}

/** What is raised, wherever it was read from. */
function meaning(text: string): string {
  return raised(text).text.replace(/^# .*\n/gm, '');
}

function dumpOf(name: string) {
  const lines = readFileSync(join(CASES, `${name}.rules`), 'utf8').split('\n');
  return { lines, rules: lines.filter((line) => line.startsWith('-A')), whole: meaning(lines.join('\n')) };
}

/**
 * Rules of the one network that may go without a trace: those that keep it apart from others, of which there are none, and
 * those whose work a promise does (`PROMISES`).
 */
const IDLE = [
  / DOCKER-ISOLATION-STAGE-/,
  /^-A POSTROUTING -s (\S+) -d \1 .*-j MASQUERADE$/,
  /^-A DOCKER -i \S+ -j RETURN$/,
  /-j RETURN$/,
];

describe('one network, and rules of the host around it', () => {
  const { lines, rules, whole } = dumpOf('docker20-18-foreign-rules');
  const end = lines.findIndex((line, at) => line === 'COMMIT' && at > lines.indexOf('*filter'));
  const filtering = rules.filter((rule) => lines.indexOf(rule) > lines.indexOf('*filter') && lines.indexOf(rule) < end);

  test.each(rules.filter((rule) => !IDLE.some((pattern) => pattern.test(rule))))('without %s', (rule) => {
    expect(meaning(lines.filter((line) => line !== rule).join('\n'))).not.toBe(whole);
  });

  test.each(filtering)('with a drop before %s', (rule) => {
    const [, chain = ''] = /^-A (\S+)/.exec(rule) ?? [];
    const drop = `-A ${chain} -s 198.51.100.77/32 -j DROP`;
    const edited = lines.flatMap((line) => (line === rule ? [drop, line] : [line]));
    expect(meaning(edited.join('\n'))).toContain('198.51.100.77');
  });
});

describe('networks that are kept apart', () => {
  const { lines, rules, whole } = dumpOf('docker20-20-compose-stack');

  test.each(rules.filter((rule) => /DOCKER-ISOLATION.* DROP$/.test(rule)))('without %s', (rule) => {
    expect(meaning(lines.filter((line) => line !== rule).join('\n'))).not.toBe(whole);
  });
});
