import { type Evaluation, evaluate, type Facts } from '../../compiler/evaluate/evaluate';
import { type Field, holds } from '../../compiler/meaning/condition';
import { bitsOf, ctStateNumber, OPENING, REROUTED, routedBit } from '../../compiler/meaning/fields';
import { JOURNEYS, type Journey } from '../../compiler/meaning/journey';
import type { Program } from '../../compiler/meaning/program';
import type { Observed } from '../../compiler/meaning/steps';

const MARKS = [...bitsOf('mark', 32), ...bitsOf('ct mark', 32), ...bitsOf('ct label', 128)];
const UNTRACKED = ctStateNumber('untracked');
/** What is compared by what was done to it, or not at all. */
const TRANSLATED = /^(!|\?|@|ct\.|ct original |fib |fragment|[sd]addr|[sd]port|.* checksum$)/;

export function walk(program: Program, facts: Facts, journey: Journey): Evaluation {
  // Nothing comes in by an interface that the host sends, and nothing leaves that it keeps.
  const told = new Map(facts);
  if (journey === 'output') told.set('iif', 0);
  if (journey === 'input') told.set('oif', 0);
  return evaluate(program, told, JOURNEYS[journey][0], () =>
    journey === 'input' ? { kind: 'input' } : { kind: 'forward', oif: told.get('oif') ?? 0 },
  );
}

/** All that a comparison looks at of what the evaluator says of a packet. */
export function fatesOf(
  programs: readonly [Program, Program],
  facts: Facts,
  journey: Journey,
  ignore: ReadonlySet<Observed> = new Set(),
): readonly [string, string] {
  const walks = programs.map((program) => walk(program, facts, journey));
  const written = [
    ...new Set(walks.flatMap(({ met }) => met.flatMap(({ writes }) => writes.map(([field]) => field)))),
  ].filter((field) => !TRANSLATED.test(field));
  const [one, other] = walks.map((each) => JSON.stringify(fateOf(each, facts, written, ignore)));
  return [one as string, other as string];
}

function fateOf(walked: Evaluation, facts: Facts, written: readonly string[], ignore: ReadonlySet<Observed>): unknown {
  const { verdict, text, observations, read, readWhenRouted } = walked;
  const accepted = verdict === 'accept';
  const seen = observations.filter(
    ({ what }) => !ignore.has(what) && (accepted || (what !== 'nat' && what !== 'mangle')),
  );
  // Rules before conntrack see no entry of a packet that has one all the same.
  const state = read('ct.state') === UNTRACKED ? UNTRACKED : (facts.get('ct.state') ?? 0);
  const isKept =
    accepted || (verdict !== 'drop' && verdict !== 'reject') || !holds(OPENING, (field) => facts.get(field) ?? 0);
  const hasEntry = state !== ctStateNumber('invalid') && state !== UNTRACKED;
  const markOf = (field: Field) => (isKept || !field.startsWith('ct ') ? read(field) : (facts.get(field) ?? 0));
  return {
    verdict,
    text,
    seen: seen.map(({ what, text: said }) => `${what}: ${said}`),
    marks: MARKS.map((field) => (field.startsWith('ct ') ? hasEntry : accepted) && markOf(field) === 1),
    routed: MARKS.map((field) => field.startsWith('mark.') && readWhenRouted(field) === 1),
    left: MARKS.map((field) => accepted && read(routedBit(field) ?? '') === 1),
    rerouted: accepted && read(REROUTED) === 1,
    headers: accepted ? written.map((field) => [field, read(field)]) : [],
  };
}
