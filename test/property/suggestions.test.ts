import fc from 'fast-check';
import { type Compiled, compile } from '../../compiler';
import { spell } from '../../compiler/frontend/spell';
import { type Explanation, explain, Unclear } from '../../compiler/why';
import { assumedSurroundings, World } from '../../compiler/world/world';
import type { IntentDocument } from '../../dsl/intent/model';
import { documents } from '../support/documents';

type Document = Required<Omit<IntentDocument, '$schema'>>;

function compiled(document: Document): Compiled {
  const outcome = compile([{ name: 'a.tsnet', text: spell(document) }]);
  if (!outcome.ok) throw new Error(outcome.diagnostics.map(({ code, message }) => `${code} ${message}`).join('\n'));
  return outcome.value;
}

function asked(words: string, document: Document): Explanation | undefined {
  const one = compiled(document);
  const world = new World(assumedSurroundings(one.topology));
  try {
    return explain(words.split(' '), { rulesFor: () => one.ruleset, world, resolved: one, describe: () => undefined });
  } catch (error) {
    // Some places have no network, or no family of addresses in common.
    if (error instanceof Unclear) return undefined;
    throw error;
  }
}

/** What a reader does who follows a suggestion: the changed file, and what to ask then. */
function followed(text: string, words: string, document: Document): { document: string; words: string } {
  const written = spell(document);
  const [, policy] = /^add: (allow .*)$/.exec(text) ?? [];
  if (policy !== undefined) return { document: `${written}${policy}\n`, words };
  const [, name = '', publish, address, port] =
    /^add to container (\S+): (publish \S+) \(and ask for (\S+) port (\d+)\)$/.exec(text) ?? [];
  if (publish !== undefined)
    return {
      document: written.replace(`container ${name} {`, `container ${name} {\n  ${publish}`),
      words: words.replace(/ to \S+ (\S+) \d+/, ` to ${address} $1 ${port}`),
    };
  const [, statement] = /^take back: (.*)$/.exec(text) ?? [];
  if (statement !== undefined) return { document: written.replace(`${statement}\n`, ''), words };
  const [, more] = /^publish for more sources: (.*)$/.exec(text) ?? [];
  if (more !== undefined)
    return { document: written.replace(more, more.replace(/ from \{[^}]*\}| from \S+/, '')), words };
  throw new Error(`a reader would not know what to do: ${text}`);
}

function outcomeOf({ document, words }: { document: string; words: string }): string {
  const outcome = compile([{ name: 'a.tsnet', text: document }]);
  if (!outcome.ok) return outcome.diagnostics.map(({ code, message }) => `${code} ${message}`).join('\n');
  const world = new World(assumedSurroundings(outcome.value.topology));
  return explain(words.split(' '), {
    rulesFor: () => outcome.value.ruleset,
    world,
    resolved: outcome.value,
    describe: () => undefined,
  }).outcome.kind;
}

const PLACES = ['outside', 'host', 'c0', 'c1', 'c2', 'c3', '192.168.1.5', '203.0.113.9', '10.0.0.2'];
const SERVICES = ['tcp 80', 'tcp 22', 'udp 53', 'tcp 9100', 'sctp 5'];

/** Questions about anything, and about what the intent itself speaks of. */
function questionsOf({ policies = [], containers = [] }: Document, pick: <T>(from: readonly T[]) => T): string[] {
  const ports = containers.flatMap(({ publish = [] }) =>
    publish.flatMap((one) => {
      const spec = typeof one === 'string' ? one : one.spec;
      const [, port = '', protocol = 'tcp'] = /(\d+):\d+(?:\/(\w+))?$/.exec(spec) ?? [];
      return port === '' ? [] : [`from outside to host ${protocol} ${port}`];
    }),
  );
  const denied = policies.flatMap(({ action, from, to, protocol = 'tcp', ports: only }) =>
    action === 'deny' && from !== 'lan' && to !== 'lan' ? [`from ${from} to ${to} ${protocol} ${only?.[0] ?? 80}`] : [],
  );
  const any = () => `from ${pick(PLACES)} to ${pick(PLACES)} ${pick(SERVICES)}`;
  return [any(), any(), any(), ...ports.slice(0, 2), ...denied.slice(0, 2)];
}

test('what is suggested lets the packet in, once it is written into the file', () => {
  const counts = new Map<string, number>();
  fc.assert(
    fc.property(documents, fc.gen(), (document, gen) => {
      const pick = <T>(from: readonly T[]): T => gen(fc.constantFrom, ...from) as T;
      for (const words of questionsOf(document, pick))
        for (const { text } of asked(words, document)?.allowances ?? []) {
          const kind = text.split(/[: ]/)[0] ?? '';
          counts.set(kind, (counts.get(kind) ?? 0) + 1);
          const outcome = outcomeOf(followed(text, words, document));
          expect({ text, words, outcome }).toEqual({ text, words, outcome: 'delivered' });
        }
    }),
    { numRuns: 40 },
  );
  expect([...counts.keys()].sort()).toEqual(['add', 'publish', 'take']);
});
