import { describeOrigin, type Ruleset } from '../../compiler';
import type { Observed } from '../../compiler/meaning/steps';
import { commonPlanes, type Described, outsideOf, prove, sameAtDevices } from '../../compiler/prove';
import type { Diagnostic } from '../../dsl/core/diagnostic';
import type { Origin } from '../../dsl/core/origin';
import { diagnosticToJson } from '../../dsl/core/render';
import { EXIT, type Invocation, UsageError } from '../command';
import { proofText } from '../proof';
import { printJson, reportDiagnostics } from '../report';
import { type Given, readRules, rulesetOf } from '../rulesets';

const IGNORABLE: Readonly<Record<string, readonly Observed[]>> = {
  log: ['log'],
  counter: ['counter'],
  set: ['set'],
};
/** About as many as fit into a gigabyte. */
const CAP = 1_000_000;
/** As many ways to differ as are shown with --all; that there are more is said. */
const ALL = 50;

interface Side extends Given {
  readonly ruleset: Ruleset;
}

export async function execute({ flags, words }: Invocation): Promise<number> {
  const ignored = (flags.text('ignore') ?? '').split(',').filter((word) => word !== '');
  const unknown = ignored.find((word) => !IGNORABLE[word]);
  if (unknown !== undefined)
    throw new UsageError(`--ignore takes ${Object.keys(IGNORABLE).join(', ')}, not ${unknown}`);
  if (words.flatMap(filesOf).filter((file) => file === '-').length > 1)
    throw new UsageError('`-` is standard input, which can be read once');
  const given: Side[] = [];
  const warnings: Diagnostic[] = [];
  for (const word of words) {
    const outcome = await readRules(filesOf(word));
    if (!outcome.ok) {
      reportDiagnostics(outcome.diagnostics, flags);
      return EXIT.input;
    }
    warnings.push(...outcome.warnings);
    given.push({ ...outcome.value, ruleset: rulesetOf(outcome.value) });
  }
  const [first, second] = given as [Side, Side];
  const planes = commonPlanes(first, second);
  const bare = words.filter((_, index) => given[index]?.families.size === 0);
  if (bare.length > 0) {
    reportDiagnostics(bare.map(nothingToCompare), flags);
    return EXIT.input;
  }
  if (planes.length === 0) throw new UsageError('one is of IPv4 and the other of IPv6: there is nothing to compare');
  const ignore = new Set<Observed>(ignored.flatMap((word) => IGNORABLE[word] ?? []));
  const most = flags.has('all') ? ALL + 1 : 1;
  const proofs = prove(first.ruleset, second.ruleset, planes, { ignore, cap: CAP, most }).map((proof) => ({
    ...proof,
    differences: proof.differences.slice(0, ALL),
    more: proof.comparison.kind === 'different' && proof.comparison.differences.length > ALL,
  }));
  // A dump of iptables says nothing of devices.
  const told = given.every(({ families }) => families.has('arp'));
  const open = told && !sameAtDevices(first.ruleset, second.ruleset);
  const outside = given.map(({ ruleset }) => outsideOf(ruleset, planes));
  const origins = given.map(
    ({ resolved }) =>
      (origin: Origin | undefined) =>
        origin && describeOrigin(origin, resolved?.locate ?? (() => ({})), { alone: true }),
  );
  const text = (side: Described['first'], index: number) => {
    const rule = origins[index]?.(side.decidedBy);
    return { verdict: side.verdict, seen: side.seen, chain: side.chain ?? null, rule: rule ?? null };
  };
  if (flags.has('json'))
    printJson({
      planes: proofs.map(({ plane, comparison, differences, more }) => ({
        plane,
        result: comparison.kind,
        more,
        differences: differences.map(({ journey, packet, question, first: a, second: b }) => ({
          journey,
          packet,
          question: question ?? null,
          first: text(a, 0),
          second: text(b, 1),
        })),
      })),
      outside: { first: outside[0] ?? [], second: outside[1] ?? [], proven: !open },
      diagnostics: warnings.map(diagnosticToJson),
    });
  else {
    if (warnings.length > 0) reportDiagnostics(warnings, flags);
    for (const proof of proofs) process.stdout.write(proofText(proof, words, text));
    if (open) process.stdout.write('devices: not proven: netdev tables, ingress and egress are not the same text\n');
    for (const [index, names] of outside.entries())
      if (names.length > 0) process.stderr.write(`not compared: ${names.join(', ')} of ${words[index]}\n`);
  }
  return !open && proofs.every(({ comparison }) => comparison.kind === 'equal') ? EXIT.done : EXIT.difference;
}

/** Sets and names of hosts alone are no rules. */
function nothingToCompare(word: string): Diagnostic {
  return { code: 'TN4003', severity: 'error', message: `there are no rules in ${word} to compare`, secondary: [] };
}

function filesOf(word: string): readonly string[] {
  return word.split(',');
}
