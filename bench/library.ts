import { Session } from '../runtime';
import { type Sample, timed, timedHere, within } from './measure';

/**
 * One container more, asked for by a call in a process that runs already; and the floor: `ip -batch`, `ip -netns -batch` and
 * one element, on a host of its own. library.ts STATE NETWORK FLOOR-HOST ROUNDS, in the namespace of the host; prints JSON.
 */
async function main(): Promise<void> {
  const [state = '', network = '', floor, rounds] = process.argv.slice(2);
  const session = Session.open(state);
  if (!session.ok) throw new Error(session.fault.message);
  const kept: Record<string, Sample[]> = { add: [], remove: [], floor: [] };
  const container = { name: 'called', networks: [{ network }], publish: ['60001:80'] };
  for (let round = 0; round <= Number(rounds); round++) {
    const fulfil = async (request: Parameters<Session['fulfil']>[0]) => {
      const response = await session.value.fulfil(request, { dryRun: false });
      if (response.kind !== 'applied') throw new Error(JSON.stringify(response));
    };
    const add = await timedHere(() => fulfil({ kind: 'add', where: 'bench: ', document: { containers: [container] } }));
    const remove = await timedHere(() => fulfil({ kind: 'remove', containers: ['called'] }));
    const bare = floor && floor !== '-' ? addBare(floor) : undefined;
    if (round === 0) continue;
    kept.add?.push(add);
    kept.remove?.push(remove);
    if (bare) kept.floor?.push(bare);
  }
  process.stdout.write(JSON.stringify(kept));
}

const OUTSIDE = `netns add floor-more
link add name floor-more type veth peer name eth0 netns floor-more
link set dev floor-more addrgenmode none master bare0
link set dev floor-more up
`;
const INSIDE = `link set dev lo up
address replace 10.0.250.2/16 dev eth0
link set dev eth0 up
route replace 0.0.0.0/0 via 10.0.0.1 dev eth0
`;
const MAP = 'inet tsnet publish4';

function addBare(host: string): Sample {
  return within(host, () => {
    const samples = [
      timed(['ip', '-batch', '-'], { input: OUTSIDE }),
      timed(['ip', '-netns', 'floor-more', '-batch', '-'], { input: INSIDE }),
      timed(['nft', `add element ${MAP} { tcp . 60001 : 10.0.250.2 . 80 }`]),
    ];
    timed(['nft', `delete element ${MAP} { tcp . 60001 }`]);
    timed(['ip', 'netns', 'delete', 'floor-more']);
    const sum = (of: keyof Sample) => samples.reduce((total, sample) => total + sample[of], 0);
    return { wall: sum('wall'), cpu: sum('cpu') };
  });
}

void main();
