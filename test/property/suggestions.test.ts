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
function followed(text: string, words: string, written: string): { document: string; words: string } {
  const [, first, second] = /^(take back: .*), and (add: .*)$/.exec(text) ?? [];
  if (first !== undefined && second !== undefined) {
    const changed = followed(first, words, written);
    return followed(second, words, changed.document);
  }
  const [, policy] = /^add: (allow .*)$/.exec(text) ?? [];
  if (policy !== undefined) return { document: `${written}${policy}\n`, words };
  const [, address, port] = /(?:^|\(and )ask for (\S+) port (\d+)\)?$/.exec(text) ?? [];
  const askedNow = address === undefined ? words : words.replace(/ to \S+ (\S+) \d+/, ` to ${address} $1 ${port}`);
  const [, name = '', publish] = /^add to container (\S+): (publish \S+)/.exec(text) ?? [];
  if (publish !== undefined)
    return { document: written.replace(`container ${name} {`, `container ${name} {\n  ${publish}`), words: askedNow };
  if (text.startsWith('ask for')) return { document: written, words: askedNow };
  const [, statement] = /^take back: (.*?)(?: \(of network \S+\))?$/.exec(text) ?? [];
  if (statement !== undefined) return { document: written.replace(`${statement}\n`, ''), words };
  const [, old, other = ''] = /^instead of (.*) write: (.*)$/.exec(text) ?? [];
  if (old !== undefined) return { document: written.replace(`${old}\n`, `${other}\n`), words };
  const [, network = '', subnet] = /^add to network (\S+): (subnet \S+)$/.exec(text) ?? [];
  if (subnet !== undefined)
    return { document: written.replace(`network ${network} {`, `network ${network} {\n  ${subnet}`), words };
  throw new Error(`a reader would not know what to do: ${text}`);
}

function outcomeOf({ document, words }: { document: string; words: string }, reaches: string | null): unknown {
  const outcome = compile([{ name: 'a.tsnet', text: document }]);
  if (!outcome.ok) return outcome.diagnostics.map(({ code, message }) => `${code} ${message}`).join('\n');
  const world = new World(assumedSurroundings(outcome.value.topology));
  const { kind, at } = explain(words.split(' '), {
    rulesFor: () => outcome.value.ruleset,
    world,
    resolved: outcome.value,
    describe: () => undefined,
  }).outcome;
  return reaches === null ? kind : `${kind} at ${at}`;
}

const PLACES = ['outside', 'host', 'c0', 'c1', 'c2', 'c3', '192.168.1.5', '203.0.113.9', '10.0.0.2'];
const SERVICES = ['tcp 80', 'tcp 22', 'udp 53', 'tcp 9100', 'sctp 5'];

/** Questions about anything, and about what the intent itself speaks of. */
function questionsOf({ policies = [], containers = [] }: Document, pick: <T>(from: readonly T[]) => T): string[] {
  const ports = containers.flatMap(({ publish = [] }) =>
    publish.flatMap((one) => {
      const spec = typeof one === 'string' ? one : one.spec;
      const [, port = '', protocol = 'tcp'] = /(\d+):\d+(?:\/(\w+))?$/.exec(spec) ?? [];
      return port === ''
        ? []
        : [
            `from outside to host ${protocol} ${port}`,
            `from outside to host ${protocol === 'udp' ? 'tcp' : 'udp'} ${port}`,
            `from outside to 2001:db8::1 ${protocol} ${port}`,
          ];
    }),
  );
  const denied = policies.flatMap(({ action, from, to, protocol = 'tcp', ports: only }) =>
    action === 'deny' && from !== 'lan' && to !== 'lan' ? [`from ${from} to ${to} ${protocol} ${only?.[0] ?? 80}`] : [],
  );
  const any = () => `from ${pick(PLACES)} to ${pick(PLACES)} ${pick(SERVICES)}`;
  return ['from outside to host tcp 80', any(), any(), any(), ...ports.slice(0, 4), ...denied.slice(0, 2)];
}

test('what is suggested lets the packet in, once it is written into the file', () => {
  const counts = new Map<string, number>();
  fc.assert(
    fc.property(documents, fc.boolean(), fc.gen(), (all, hasTables, gen) => {
      // Without rules of the user's, a suggestion is tried on a part of the intent.
      const document = hasTables ? all : { ...all, tables: [] };
      const pick = <T>(from: readonly T[]): T => gen(fc.constantFrom, ...from) as T;
      for (const words of questionsOf(document, pick))
        for (const { text, reaches } of asked(words, document)?.allowances ?? []) {
          const kind = text.replace(/[:\d].*| c\d.*/, '');
          counts.set(kind, (counts.get(kind) ?? 0) + 1);
          const outcome = outcomeOf(followed(text, words, spell(document)), reaches);
          const wanted = reaches === null ? 'delivered' : `delivered at ${reaches}`;
          expect({ text, words, outcome }).toEqual({ text, words, outcome: wanted });
        }
    }),
    { numRuns: 40 },
  );
  // Of some seeds no packet asks for the family that a network lacks: that suggestion has a unit test.
  counts.delete('add to network n');
  expect([...counts.keys()].sort()).toEqual([
    'add',
    'add to container',
    'ask for ',
    'instead of publish ',
    'take back',
  ]);
});
