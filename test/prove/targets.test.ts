import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compile, type Ruleset } from '../../compiler';
import { evaluate } from '../../compiler/evaluate/evaluate';
import { namesOf, type Program, programsOf } from '../../compiler/meaning/program';
import type { Observed } from '../../compiler/meaning/steps';
import { prove } from '../../compiler/prove';
import { compare, type Difference } from '../../compiler/prove/compare';
import { readDump } from '../../compiler/targets/iptables/read';

const GOLDEN = join(__dirname, '../golden');
const intents = readdirSync(GOLDEN).filter((file) => file.endsWith('.tsnet'));

function intentOf(file: string): Ruleset {
  const outcome = compile([{ name: file, text: readFileSync(join(GOLDEN, file), 'utf8') }]);
  if (!outcome.ok) throw new Error(outcome.diagnostics[0].message);
  return outcome.value.ruleset;
}

function dumpOf(text: string, family: 'ip' | 'ip6'): Ruleset {
  const outcome = readDump({ name: 'rules', text }, family);
  if (!outcome.ok) throw new Error(outcome.diagnostics[0].message);
  return { tables: outcome.value };
}

/** Each table of iptables has a copy of a chain that logs, with a rate of its own: nft has one for all. */
const WITHOUT_LOGS = { ignore: new Set<Observed>(['log', 'counter']), cap: 1_000_000, most: 1 };

describe('the nft and the iptables form of an intent decide alike', () => {
  test.each(intents)('%s', (file) => {
    for (const plane of ['ip', 'ip6'] as const) {
      const text = readFileSync(
        join(GOLDEN, file.replace('.tsnet', plane === 'ip' ? '.iptables' : '.ip6tables')),
        'utf8',
      );
      const [proof] = prove(intentOf(file), dumpOf(text, plane), [plane], WITHOUT_LOGS);
      expect({ plane, result: proof?.comparison.kind, differences: proof?.differences }).toEqual({
        plane,
        result: 'equal',
        differences: [],
      });
    }
  });
});

/** Every rule of a dump with one thing wrong. */
function mutants(text: string): string[] {
  const lines = text.split('\n');
  return lines.flatMap((line, index) => {
    if (!line.startsWith('-')) return [];
    const wrong = [
      '',
      line.replace('-j ACCEPT', '-j DROP'),
      line.replace('-j DROP', '-j ACCEPT'),
      line.replace(/--dport (\d+)/, (_, port: string) => `--dport ${Number(port) ^ 1}`),
      line.replace(
        /--to-destination (\S+):(\d+)/,
        (_, host: string, port: string) => `--to-destination ${host}:${Number(port) ^ 2}`,
      ),
      line
        .replace(/(-[sd] \d+\.\d+\.\d+\.)(\d+)/, (_, head: string, last: string) => `${head}${Number(last) ^ 1}`)
        .replace(/\/(8|16) /, '/32 '),
      line.replace(/-d (\d+)\.(\d+)/, (_, a: string, b: string) => `-d ${a}.${Number(b) ^ 4}`),
      line.replace('-s 172.17', '-s 172.16'),
      line.replace('-i tn-bridge', '-i tn-bridgf'),
      line.replace('-o tn-bridge', '-o tn-bridgd'),
      line.replace(/-p tcp (.*-j (?:DNAT|ACCEPT|RETURN))/, '-p udp $1'),
      line.replace(/--ctstate (\w+)/, (_, state: string) => `--ctstate ${state === 'RELATED' ? 'NEW' : 'RELATED'}`),
      line.replace('--ctdir ORIGINAL', '--ctdir REPLY'),
      line.replace('-j MASQUERADE', '-j RETURN'),
    ];
    return [...new Set(wrong)].filter((one) => one !== line).map((one) => lines.with(index, one).join('\n'));
  });
}

/** What a packet meets, as far as comparisons look at it. */
function fateOf(program: Program, { journey, facts }: Difference): string {
  const walk = evaluate(program, facts, journey === 'output' ? 'output' : 'prerouting', () =>
    journey === 'input' ? { kind: 'input' } : { kind: 'forward', oif: facts.get('oif') ?? 0 },
  );
  const nat = walk.observations.filter(({ what }) => what === 'nat').map(({ text }) => text);
  return [walk.verdict, walk.text, ...(walk.verdict === 'accept' ? nat : [])].join(' ');
}

test('an error planted in a rule is found, with a packet that the evaluator treats otherwise', () => {
  const texts = ['seed', 'dual-stack', 'policies'].map((name) =>
    readFileSync(join(GOLDEN, `${name}.iptables`), 'utf8'),
  );
  let different = 0;
  const equal: string[] = [];
  for (const text of texts)
    for (const wrong of mutants(text)) {
      const [one, other] = [dumpOf(text, 'ip'), dumpOf(wrong, 'ip')];
      const names = namesOf([one, other]);
      const [first, second] = programsOf([one, other], 'ip', names);
      const result = compare(first, second, WITHOUT_LOGS);
      if (result.kind === 'different') {
        const [difference] = result.differences as [Difference];
        expect(fateOf(first, difference)).not.toBe(fateOf(second, difference));
        different++;
      } else {
        const lines = text.split('\n');
        const index = wrong.split('\n').findIndex((line, at) => line !== lines[at]);
        equal.push(`${lines[index]} -> ${wrong.split('\n')[index]}`);
      }
    }
  expect(different).toBeGreaterThan(100);
  expect(equal).toMatchSnapshot('changes that make no difference');
});
