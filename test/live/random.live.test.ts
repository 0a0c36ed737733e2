import { explain, rulesFor, Unclear } from '../../compiler/why';
import { type Question, questionOf } from '../../compiler/why/question';
import { assumedSurroundings, World } from '../../compiler/world/world';
import { formatAddress, parseAddress } from '../../dsl/core/address';
import type { Topology } from '../../dsl/intent/topology';
import { Session } from '../../runtime/session';
import { Lab } from '../support/lab';
import { oneOf, randomly } from '../support/random';
import { RandomIntent } from '../support/random-intents';

/** Random intents on a real host, one after the other: does `why` say of random connections what the kernel does? */

const SERVED = [53, 54, 55, 80, 81, 82];
const ASKED = [53, 54, 80, 80, 81, 1000, 1001, 1002, 1003];
const HOST = ['192.0.2.1', '192.0.2.2', '2001:db8::1', '2001:db8::2'];
const OUTSIDE = ['192.0.2.9', '198.51.100.9', '2001:db8::9', '2001:db8:51::9'];
const CONNECTIONS = 40;

interface Told {
  readonly words: string;
  readonly from: string;
  readonly source: string | undefined;
  readonly to: string;
  readonly port: number;
  /** The address that whoever answers sees; null when no answer comes back. */
  readonly seen: string | null;
}

/** The host of a lab. */
function worldOf(topology: Topology, bridgeNetfilter: boolean): World {
  let world = new World({ ...assumedSurroundings(topology), bridgeNetfilter });
  for (const text of HOST) {
    const address = parseAddress(text);
    if (address.ok && !world.isLocal(address.value)) world = world.and({ address: address.value, interface: 'eth0' });
  }
  return world;
}

function senderOf({ start }: Question): string | undefined {
  if (start.kind === 'port') return start.port.sandbox;
  return start.kind === 'told' ? undefined : start.kind;
}

/** What is told of a connection; undefined when there is none like it, or nobody would be there to answer. */
function told(session: Session, bridgeNetfilter: boolean, random: (below: number) => number): Told | undefined {
  const state = session.state();
  const applied = state.ok ? session.applied(state.value) : state;
  if (!applied.ok) throw new Error(applied.fault.message);
  const resolved = applied.value;
  const { networks, containers } = resolved.topology;
  const world = worldOf(resolved.topology, bridgeNetfilter);
  const bridged = containers.flatMap(({ mode }) => (mode.kind === 'bridged' ? mode.endpoints : []));
  const addresses = bridged.flatMap((endpoint) => endpoint.addresses.map(({ address }) => formatAddress(address)));
  const gateways = networks.flatMap(({ subnets }) => subnets.map(({ gateway }) => formatAddress(gateway)));
  const from = oneOf(random, [...OUTSIDE, ...addresses, ...addresses, 'host']);
  const to = oneOf(random, [...HOST, ...HOST, ...addresses, ...gateways, ...(OUTSIDE.includes(from) ? [] : OUTSIDE)]);
  const port = oneOf(random, ASKED);
  const words = `from ${from} to ${to} tcp ${port}`;
  try {
    const question = questionOf(words.split(' '), world, undefined);
    const sender = senderOf(question);
    const { outcome, answer } = explain(words.split(' '), {
      rulesFor: (one) => rulesFor(one, resolved),
      world,
      resolved,
      describe: () => undefined,
    });
    const isServed = outcome.to === null || SERVED.includes(Number(/:(\d+)$/.exec(outcome.to)?.[1]));
    if (sender === undefined || outcome.at === 'host' || !isServed) return undefined;
    const seen = answer?.comesBack && outcome.from !== null ? outcome.from.replace(/^\[?(.*?)\]?:\d+$/, '$1') : null;
    return { words, from: sender, source: sender === 'host' ? undefined : from, to, port, seen };
  } catch (error) {
    if (error instanceof Unclear) return undefined;
    throw error;
  }
}

async function askedOf(lab: Lab, { from, source, to, port }: Told): Promise<string | null> {
  const seen = await lab.agent(from).probe({ address: to, port, ...(source === undefined ? {} : { from: source }) });
  // Which of its addresses the host asks with is the kernel's choice.
  return from === 'host' && seen !== null ? 'host' : seen;
}

describe.each([
  ['nft', 0],
  ['nft', 1],
  ['iptables', 0],
  ['iptables', 1],
] as const)('target %s, bridge-nf-call-iptables %i', (target, bridgeNetfilter) => {
  test.each([1, 2])('random intent %i, and the one it becomes', async (seed) => {
    const random = randomly(100 * seed + (target === 'nft' ? 0 : 10) + bridgeNetfilter);
    const lab = new Lab(bridgeNetfilter, target);
    try {
      const intent = new RandomIntent(random);
      lab.on('outside', 'ip', ['route', 'add', '10.0.0.0/8', 'via', '192.0.2.1']);
      lab.on('outside', 'ip', ['-6', 'route', 'add', 'fd00::/16', 'via', '2001:db8::1']);
      for (const port of SERVED) await lab.agent('outside').serve(port);
      const served = new Set<string>();
      const counts = { answered: 0, refused: 0 };
      for (const change of ['', 'changed']) {
        if (change !== '') intent.shrink();
        if (change !== '') intent.grow();
        lab.apply(intent.text);
        expect([intent.text, lab.tsnet(['status']).code]).toEqual([intent.text, 0]);
        const session = Session.open(lab.state);
        if (!session.ok) throw new Error(session.fault.message);
        const all = Array.from({ length: CONNECTIONS }, () => told(session.value, bridgeNetfilter === 1, random));
        const asked = all.filter((one) => one !== undefined);
        for (const line of intent.text.matchAll(/^container (\S+) \{\n((?: .*\n)*)/gm)) {
          const [, name = '', lines = ''] = line;
          if (served.has(name) || !/^ {2}network n\d/m.test(lines)) continue;
          served.add(name);
          for (const port of SERVED) await lab.agent(name).serve(port);
        }
        const heard = await Promise.all(asked.map((one) => askedOf(lab, one)));
        for (const [index, one] of asked.entries()) {
          const wanted = one.from === 'host' && one.seen !== null ? 'host' : one.seen;
          // Who has not found the other yet may have been too slow.
          const seen = heard[index] === wanted ? wanted : await askedOf(lab, one);
          expect({ intent: intent.text, asked: one.words, seen }).toEqual({
            intent: intent.text,
            asked: one.words,
            seen: wanted,
          });
          counts[wanted === null ? 'refused' : 'answered']++;
        }
      }
      expect(Math.min(counts.answered, counts.refused)).toBeGreaterThan(0);
    } finally {
      lab.close();
    }
  });
});
