import { runNft } from '../../runtime/host/native/nft';
import { folder, newHost, written } from '../hosts';
import { portsIntentOf } from '../intent';
import { interleaved, kernel, run, TSNET, timed, timedHere, within } from '../measure';
import { fill, peersOf } from '../peers';
import { ms, type Row, times } from '../result';

/** The rules of many published ports, loaded where there are none. */
export const load: Row = {
  title: 'the first load',
  async measure(quick) {
    const ports = quick ? 1000 : 10_000;
    const text = run([...TSNET, 'compile', written('load', portsIntentOf(ports, 'load', '10.70.0.0/16'))]);
    const fresh = { before: () => void newHost('load'), after: () => void run(['ip', 'netns', 'delete', 'load']) };
    const peers = peersOf(newHost, folder);
    for (const peer of peers) peer.add(0);
    const load = () => {
      const { ok, error } = runNft(kernel().nft, text);
      if (!ok) throw new Error(error);
    };
    const measured = await interleaved(
      [
        { name: 'ours', ...fresh, run: () => timedHere(() => within('load', load)) },
        { name: 'nft', ...fresh, run: () => timed(['nft', '-f', '-'], { host: 'load', input: text }) },
      ],
      quick ? 3 : 9,
    );
    const others = peers.map((peer) => ({ name: peer.name, wall: fill(peer, 1, ports).wall }));
    const what = `rules of ${ports.toLocaleString('en')} published ports, first load`;
    const [ours, nft] = [measured.median('ours'), measured.median('nft')];
    return {
      lines: [
        {
          what,
          ours: `${ms(ours)} (${ms(measured.median('ours', 'cpu'))} of processor time)`,
          others: `\`nft -f\` of the same text: ${ms(nft)} (${ms(measured.median('nft', 'cpu'))})`,
          ratio: times(measured.ratio('ours', 'nft')),
          target: 'no slower',
          met: measured.ratio('ours', 'nft') <= 1.02,
        },
        ...others.map(({ name, wall }) => ({
          what,
          ours: ms(ours),
          others: `in the layout of ${name}, \`iptables-restore\`: ${ms(wall)} (once)`,
          ratio: times(ours / wall),
          target: '',
          met: undefined,
        })),
      ],
    };
  },
};
