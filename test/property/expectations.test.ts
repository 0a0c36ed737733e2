import fc from 'fast-check';
import { type Compiled, compile } from '../../compiler';
import { answerExpectations } from '../../compiler/expect';
import { spell } from '../../compiler/frontend/spell';
import { type Explanation, explain, Unclear } from '../../compiler/why';
import { assumedSurroundings, World } from '../../compiler/world/world';
import { readAddress } from '../../dsl/core/address';
import { documents } from '../support/documents';

const PARTIES = ['outside', 'host', 'lan', 'n0', 'n1', 'c0', 'c1', 'c2', '203.0.113.0/24', '10.0.0.2', '8.8.8.8'];
const SERVICES = ['', ' tcp 80', ' tcp 1000-1003', ' udp 53', ' sctp 80', ' tcp 22, 9100'];
const OUTCOMES = ['denied', 'denied', 'allowed', 'reaches c0', 'reaches c0 tcp 80', 'reaches host'];

interface Asked {
  readonly compiled: Compiled;
  readonly world: World;
}

function ask(words: readonly string[], { compiled, world }: Asked): Explanation | undefined {
  try {
    return explain(words, { rulesFor: () => compiled.ruleset, world, resolved: undefined, describe: () => undefined });
  } catch (error) {
    // Some places have no network, or no family of addresses in common.
    if (error instanceof Unclear) return undefined;
    throw error;
  }
}

/** Whether a single packet is as was expected of all. */
function isSo(outcome: string, { outcome: end, answer }: Explanation, isOfAll: boolean): boolean {
  const arrived = end.kind === 'delivered';
  // Of a network all addresses count, whether somebody has them or not: what is lost was let through.
  if (outcome === 'denied')
    return end.kind === 'dropped' || end.kind === 'rejected' || (isOfAll && end.kind === 'lost');
  const answered = arrived && answer?.comesBack === true;
  const [, name, , port] = outcome.split(' ');
  if (name === undefined) return answered;
  return answered && end.at === name && (port === undefined || end.to?.endsWith(`:${port}`) === true);
}

/** Whether a container asks itself. */
function isOwn({ packet }: Explanation, world: World): boolean {
  const [source, target] = (/^\S+ \[?([^\s\]]+)\]?:\d+ -> \[?([^\s\]]+)\]?:\d+$/.exec(packet) ?? [])
    .slice(1)
    .map((text) => {
      const address = readAddress(text);
      return address && world.portOf(address)?.sandbox;
    });
  return source !== undefined && source === target;
}

/** An address in a block, to ask about. */
const placeIn = (party: string) => party.replace('203.0.113.0/24', '203.0.113.9').replace('lan', '192.168.1.5');

/** Packets that an expectation speaks of. */
function packetsOf(from: string, to: string, service: string, below: (count: number) => number): string[][] {
  const [protocol = 'tcp', ports = ''] = service.trim() === '' ? [] : service.trim().split(/ (.*)/);
  const [first = 0, last = first] = (ports.split(', ').at(-1) ?? '').split('-').filter(Boolean).map(Number);
  const port = ports === '' ? [22, 80, 1001, 9100, 1 + below(65535)][below(5)] : first + below(last - first + 1);
  const sport = 1024 + below(60000);
  return [['from', placeIn(from), 'to', placeIn(to), protocol, String(port), 'sport', String(sport)]];
}

/**
 * An expectation is of what the host lets through: where a container has another for its gateway, that is not asked. With
 * rules of the user's all containers' elements are asked, without them those that the expectation speaks of.
 */
const routerless = fc.tuple(documents, fc.boolean()).map(([document, hasRules]) => ({
  ...document,
  tables: hasRules ? document.tables : [],
  containers: (document.containers ?? []).map((container) => ({
    ...container,
    networks: Array.isArray(container.networks)
      ? container.networks.map((attachment) => ({ ...attachment, gateways: [] }))
      : container.networks,
  })),
}));

test('what holds of all packets holds of each, and what does not is shown by one', () => {
  const counts = { holding: 0, failing: 0, packets: 0 };
  const expectation = fc.tuple(
    fc.constantFrom(...PARTIES),
    fc.constantFrom(...PARTIES),
    fc.constantFrom(...SERVICES),
    fc.constantFrom(...OUTCOMES),
  );
  fc.assert(
    fc.property(
      routerless,
      fc.array(expectation, { minLength: 6, maxLength: 6 }),
      fc.gen(),
      (document, wanted, gen) => {
        const below = (count: number) => gen(fc.nat, count - 1);
        const lines = wanted.map((parts) => {
          const [from, to, service, outcome] = parts;
          return { text: `expect ${from} -> ${to}${service} ${outcome}\n`, parts };
        });
        const base = spell(document).replace(/^expect .*\n/gm, '');
        const right = lines.filter(({ text }) => compile([{ name: 'a.tsnet', text: base + text }]).ok);
        const outcome = compile([{ name: 'a.tsnet', text: base + right.map(({ text }) => text).join('') }]);
        if (!outcome.ok) return;
        const compiled = outcome.value;
        const world = new World(assumedSurroundings(compiled.topology));
        const { answers } = answerExpectations(compiled, world);
        expect(answers.length).toBe(right.length);
        for (const { index, holds, packet, reason } of answers) {
          const { text, parts } = right[index] ?? { text: '', parts: ['', '', '', ''] as const };
          const [from, to, service, expected] = parts;
          if (!holds) {
            counts.failing++;
            if (packet === undefined) expect(reason).toBeDefined();
            else {
              const shown = ask(packet, { compiled, world });
              // Where a network has one container, it is asked of itself.
              if (shown && isOwn(shown, world)) continue;
              const said = { text, packet: packet.join(' '), shows: shown && !isSo(expected, shown, false) };
              expect(said).toEqual({ ...said, shows: true });
            }
            continue;
          }
          counts.holding++;
          for (const words of packetsOf(from, to, service, below)) {
            const seen = ask(words, { compiled, world });
            // What a container sends to itself never leaves it.
            const sender = /^(\S+) stands for/.exec(seen?.notes[0] ?? '')?.[1] ?? from;
            if (!seen || isOwn(seen, world) || seen.outcome.at === sender) continue;
            // One of several networks is not the way that its containers send by.
            if (/has no route to/.test(seen.outcome.text)) continue;
            // What one outside sends another is not asked of the host.
            if (seen.notes.some((note) => /is taken for an address of the host$/.test(note))) continue;
            counts.packets++;
            const said = { text, packet: words.join(' '), outcome: seen.outcome.text, so: isSo(expected, seen, true) };
            expect(said).toEqual({ ...said, so: true });
          }
        }
      },
    ),
    { numRuns: 120 },
  );
  expect(counts.holding).toBeGreaterThan(20);
  expect(counts.failing).toBeGreaterThan(20);
  expect(counts.packets).toBeGreaterThan(20);
});
