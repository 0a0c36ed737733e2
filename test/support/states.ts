/** Intents that differ in about everything that two can differ in; the pairs of them are the corpus of changes. */
export const STATES: Readonly<Record<string, string>> = {
  nothing: '',
  one: 'network front { subnet 172.17.0.0/16 }\ncontainer web { network front; publish 8080:80 }',
  moved:
    'network front { subnet 172.17.0.0/16 }\ncontainer web { network front { address 172.17.0.9 }; publish 8081:80 }',
  more: `network front { subnet 172.17.0.0/16 }
    container web { network front; publish 8080:80 }
    container api { network front; publish 127.0.0.1:9000:90/udp; publish 80 }`,
  two: `network front { subnet 172.17.0.0/16; subnet fd00:17::/64 }
    network back { subnet 172.18.0.0/16; subnet fd00:18::/64; icc off }
    container web { network front; network back; publish 8080:80 }
    container db { network back; expose 5432 }
    container probe { network none }`,
  wider: `network front { subnet 172.17.0.0/16; mtu 1400 }
    container web { network front; publish 8080:80 }
    container db { network front }`,
  guarded: `network front { subnet 172.17.0.0/16; internal }
    network back { subnet 172.18.0.0/16; nat routed }
    network side { subnet 172.19.0.0/16; log drops }
    container web { network back; publish 8080:80 from 203.0.113.0/24 limit 10/second }
    container helper { network container web }
    container db { network front }
    allow back -> side tcp 5432
    deny web -> 10.0.0.0/8`,
};

export type Target = 'nft' | 'iptables';
export const TARGETS: readonly Target[] = ['nft', 'iptables'];

/** Every change from one of them to another, on each target and between the two. */
export const PAIRS = Object.keys(STATES).flatMap((from) =>
  Object.keys(STATES).flatMap((to) =>
    TARGETS.flatMap((before) =>
      TARGETS.filter((after) => before === after || (from !== 'nothing' && to !== 'nothing'))
        .filter((after) => from !== to || before !== after)
        .map((after) => [from, before, to, after] as const),
    ),
  ),
);

/** As many moments of a change as a run of all tests has the time for; `npm run reliability` tries them all. */
const FEW = 5;

/** The moments of one change at which something goes wrong: all of them, or some, others for each change. */
export function moments(count: number, change: readonly string[]): number[] {
  const all = Array.from({ length: count }, (_, at) => at);
  if (process.env.TSNET_EXHAUSTIVE === '1') return all;
  const step = Math.max(1, Math.ceil(count / FEW));
  const first = [...change.join()].reduce((sum, letter) => sum + letter.charCodeAt(0), 0) % step;
  return all.filter((at) => at % step === first);
}
