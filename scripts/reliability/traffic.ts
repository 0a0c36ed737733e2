import { INTENTS, note, Victim } from './host';

export interface Traffic {
  readonly applies: number;
  readonly seconds: number;
  /** Held connections, each a byte every five milliseconds. */
  readonly streams: {
    readonly held: number;
    readonly sent: number;
    readonly received: number;
    readonly broken: number;
  };
  readonly connections: { readonly sent: number; readonly answered: number };
  readonly datagrams: { readonly sent: number; readonly answered: number };
  /** Packets that our rules refused meanwhile. */
  readonly refused: number;
}

const HELD = 4;

/** Applies in a row, each a change of everything but one container, under steady traffic to that one. */
export async function applyUnderTraffic(target: 'nft' | 'iptables', applies: number): Promise<Traffic> {
  const victim = new Victim(target);
  const { lab } = victim;
  await victim.apply(INTENTS[0]);
  const [still, outside] = [lab.agent('still'), lab.agent('outside')];
  await still.echo(7001);
  await still.serve(7000, 'tcp');
  await still.serve(7000, 'udp');
  const intents = INTENTS.map((intent) =>
    intent.replace('publish 7000:7000;', 'publish 7000:7000; publish 7001:7001;'),
  );
  await victim.apply(intents[0] ?? '');
  const streams = await Promise.all(Array.from({ length: HELD }, () => outside.hold('192.0.2.1', 7001)));
  const connections = await outside.knock('192.0.2.1', 7000);
  const datagrams = await outside.ping('192.0.2.1', 7000);
  const started = Date.now();
  let refused = 0;
  for (let count = 1; count <= applies; count++) {
    const { code, stderr } = await victim.apply(intents[count % 2] ?? '');
    if (code !== 0) throw new Error(stderr);
    if (target === 'nft') refused += refusedIn(lab.on('host', 'nft', ['list', 'chain', 'inet', 'tsnet', 'refuse']));
    if (count % 50 === 0) note(`${target}: ${count} applies under traffic`);
  }
  const seconds = (Date.now() - started) / 1000;
  const held = await Promise.all(streams.map((stream) => stream.end()));
  const result: Traffic = {
    applies,
    seconds: Math.round(seconds),
    streams: {
      held: HELD,
      sent: sum(held.map(({ sent }) => sent)),
      received: sum(held.map(({ received }) => received)),
      broken: held.filter(({ broken }) => broken).length,
    },
    connections: await connections.end(),
    datagrams: await datagrams.end(),
    refused,
  };
  victim.close();
  return result;
}

function refusedIn(chain: string): number {
  return Number(/counter packets (\d+)/.exec(chain)?.[1] ?? 0);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => a + b, 0);
}

export interface Moves {
  readonly moves: number;
  readonly connections: { readonly sent: number; readonly answered: number };
  /** Connections, opened a millisecond apart, that were not answered, for each move. */
  readonly unanswered: number;
}

/** A container that changes its address while new connections come to its published port. */
export async function moveUnderTraffic(target: 'nft' | 'iptables', moves: number): Promise<Moves> {
  const victim = new Victim(target);
  const { lab } = victim;
  const intent = (address: string) => `network front { subnet 172.17.0.0/16 }
    container still { network front { address 172.17.0.50 } }
    container web { network front { address ${address} }; publish 8080:80 }`;
  await victim.apply(intent('172.17.0.2'));
  const [web, outside] = [lab.agent('web'), lab.agent('outside')];
  await web.serve(80, 'tcp');
  const knocking = await outside.knock('192.0.2.1', 8080);
  for (let count = 1; count <= moves; count++) {
    const { code, stderr } = await victim.apply(intent(count % 2 === 0 ? '172.17.0.2' : '172.17.0.9'));
    if (code !== 0) throw new Error(stderr);
  }
  const connections = await knocking.end();
  victim.close();
  return { moves, connections, unanswered: Math.round((connections.sent - connections.answered) / moves) };
}
