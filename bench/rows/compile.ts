import { written } from '../hosts';
import { flatIntentOf } from '../intent';
import { interleaved, peakOf, TSNET, timed } from '../measure';
import { ms, type Row, times } from '../result';

/** `tsnet compile` as a whole process, and how its time grows with what there is to compile. */
export const compile: Row = {
  title: 'compile',
  async measure(quick) {
    const counts = quick ? [1_000, 10_000] : [1_000, 10_000, 100_000];
    const files = new Map(counts.map((count) => [count, written(`flat-${count}`, flatIntentOf(count))]));
    const command = (count: number) => [...TSNET, 'compile', '-o', '/dev/null', files.get(count) ?? ''];
    const measured = await interleaved(
      counts.map((count) => ({ name: String(count), run: () => timed(command(count)) })),
      quick ? 3 : 5,
    );
    const wall = measured.median('10000');
    const most = counts.at(-1) ?? 0;
    const growth = measured.median(String(most)) / most / (wall / 10_000);
    return {
      lines: [
        {
          what: '`tsnet compile`, 10,000 containers',
          ours: `${ms(wall)} (${ms(measured.median('10000', 'cpu'))} of processor time)`,
          others: '',
          ratio: '',
          target: 'at most 2 s',
          met: wall <= 2000,
        },
        {
          what: `the same, ${most.toLocaleString('en')} containers`,
          ours: `${ms(measured.median(String(most)))}, ${peakOf(command(most)).toFixed(0)} MB`,
          others: `10,000: ${ms(wall)}`,
          ratio: `${times(growth)} a container`,
          target: 'linear: at most 1.1× a container',
          met: growth <= 1.1,
        },
      ],
    };
  },
};
