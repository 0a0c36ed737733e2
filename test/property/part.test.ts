import fc from 'fast-check';
import { compile, compileIntent } from '../../compiler';
import { spell } from '../../compiler/frontend/spell';
import { explain } from '../../compiler/why';
import { partFor, rulesFor } from '../../compiler/why/part';
import { type Question, questionOf } from '../../compiler/why/question';
import { Unclear } from '../../compiler/why/words';
import { Programs } from '../../compiler/world/programs';
import { travel } from '../../compiler/world/travel';
import type { Trip } from '../../compiler/world/trip';
import { assumedSurroundings, World } from '../../compiler/world/world';
import type { Origin } from '../../dsl/core/origin';
import type { Ruleset } from '../../dsl/ruleset/tree';
import { documents } from '../support/documents';
import { oneOf, randomly } from '../support/random';
import { RandomIntent } from '../support/random-intents';

/** Rules of the user's may lead a packet anywhere: there, nothing is left out. */
const ruleless = documents.map((document) => ({ ...document, tables: [] }));

const PLACES = ['outside', 'host', 'c0', 'c1', 'c2', 'c3', 'n0', 'n1', '192.168.1.5', '10.0.0.2', '10.0.0.3'];
const SERVICES = ['tcp 80', 'tcp 1001', 'udp 1002', 'tcp 1003', 'tcp 1004', 'tcp 9100', 'sctp 1001', 'icmp'];
/** What more can be said of a packet. */
const MORE = [
  ...['', '', '', 'state established', 'state established status dnat', 'state invalid', 'in eth0', 'in tn-n1'],
  ...['as 10.0.0.2', 'as 10.0.0.3', 'sport 1001', 'sport 1003', 'mac 02:42:0a:00:00:02', 'type 5'],
  ...['with dport=1001', 'with daddr=167772163', 'with iif=tv-c1-0'],
];

function asked(words: string, world: World): Question | undefined {
  try {
    return questionOf(words.split(' '), world, undefined);
  } catch (error) {
    // Some places have no network, or no family of addresses in common.
    if (error instanceof Unclear) return undefined;
    throw error;
  }
}

function told({ end, stops }: Trip): unknown {
  const hooks = stops.map(({ plane, hook }) => `${plane} ${hook}`);
  switch (end.kind) {
    case 'lost':
      return [hooks, end.because];
    case 'stopped':
      return [hooks, end.decision.kind];
    case 'delivered':
      return [hooks, end.place.kind === 'port' ? end.place.port : end.place, end.headers];
  }
}

test('a packet meets in the part of an intent that is for it what it meets in the whole', () => {
  const counts = { whole: 0, part: 0, delivered: 0, stopped: 0, lost: 0 };
  fc.assert(
    fc.property(ruleless, fc.gen(), (document, gen) => {
      const pick = (from: readonly string[]) => gen(fc.constantFrom, ...from) as string;
      const whole = compile([{ name: 'a.tsnet', text: spell(document) }]);
      if (!whole.ok) throw new Error(whole.diagnostics.map(({ message }) => message).join('\n'));
      const { intent, leases, topology, ruleset } = whole.value;
      const world = new World(assumedSurroundings(topology));
      for (let count = 0; count < 6; count++) {
        const words = `from ${pick(PLACES)} to ${pick(PLACES)} ${pick(SERVICES)}`;
        const question = asked(words, world);
        if (!question) continue;
        const some = partFor(question, intent, topology);
        const part = compileIntent({ ...whole.value, intent: some }, { leases: leases() });
        if (!part.ok) throw new Error(part.diagnostics.map(({ message }) => message).join('\n'));
        const around = question.world.withIntent(part.value.topology);
        const own = travel(new Programs(ruleset), question.world, question.packet, question.start);
        const other = travel(new Programs(part.value.ruleset), around, question.packet, question.start);
        expect([words, told(other)]).toEqual([words, told(own)]);
        counts.whole += intent.containers.length;
        counts.part += some.containers.length;
        counts[own.end.kind]++;
      }
    }),
    { numRuns: 150 },
  );
  expect(counts.part).toBeLessThan(0.8 * counts.whole);
  expect(Math.min(counts.delivered, counts.stopped, counts.lost)).toBeGreaterThan(20);
});

function elementsIn({ tables }: Ruleset): number {
  return tables.flatMap(({ sets }) => sets.flatMap(({ elements }) => elements)).length;
}

test('all that is told of a packet is told by the rules that are made for it', () => {
  const counts = { whole: 0, part: 0, answered: 0 };
  fc.assert(
    fc.property(ruleless, fc.gen(), (document, gen) => {
      const pick = (from: readonly string[]) => gen(fc.constantFrom, ...from) as string;
      const outcome = compile([{ name: 'a.tsnet', text: spell(document) }]);
      if (!outcome.ok) throw new Error(outcome.diagnostics.map(({ message }) => message).join('\n'));
      const compiled = outcome.value;
      const world = new World(assumedSurroundings(compiled.topology));
      const describe = (origin: Origin) => (origin.kind === 'intent' ? origin.path.join('.') : undefined);
      const told = (words: string, rules: (question: Question) => Ruleset) =>
        explain(words.split(' '), { rulesFor: rules, world, resolved: compiled, describe });
      for (let count = 0; count < 6; count++) {
        const words = `from ${pick(PLACES)} to ${pick(PLACES)} ${pick(SERVICES)} ${pick(MORE)}`.trimEnd();
        const question = asked(words, world);
        if (!question) continue;
        const own = told(words, () => compiled.ruleset);
        const other = told(words, (one) => rulesFor(one, compiled));
        expect([words, other]).toEqual([words, own]);
        counts.whole += elementsIn(compiled.ruleset);
        counts.part += elementsIn(rulesFor(question, compiled));
        counts.answered += Number(own.answer !== undefined);
      }
    }),
    { numRuns: 300 },
  );
  expect(counts.part).toBeLessThan(0.9 * counts.whole);
  expect(counts.answered).toBeGreaterThan(100);
});

test('so it is of intents of every kind', () => {
  let answered = 0;
  for (let seed = 1; seed <= 25; seed++) {
    const random = randomly(seed);
    const outcome = compile([{ name: 'a.tsnet', text: new RandomIntent(random).text }]);
    if (!outcome.ok) throw new Error(outcome.diagnostics.map(({ message }) => message).join('\n'));
    const compiled = outcome.value;
    const world = new World({ ...assumedSurroundings(compiled.topology), bridgeNetfilter: seed % 2 === 0 });
    const describe = (origin: Origin) => (origin.kind === 'intent' ? origin.path.join('.') : undefined);
    for (let count = 0; count < 12; count++) {
      const places = `from ${oneOf(random, PLACES)} to ${oneOf(random, PLACES)}`;
      const words = `${places} ${oneOf(random, SERVICES)} ${oneOf(random, MORE)}`.trimEnd();
      if (!asked(words, world)) continue;
      const told = (rules: (question: Question) => Ruleset) =>
        explain(words.split(' '), { rulesFor: rules, world, resolved: compiled, describe });
      expect([words, told((one) => rulesFor(one, compiled))]).toEqual([words, told(() => compiled.ruleset)]);
      answered++;
    }
  }
  expect(answered).toBeGreaterThan(100);
});
