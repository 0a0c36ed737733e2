import { written } from '../hosts';
import { TEN_LINES } from '../intent';
import { interleaved, TSNET, timed } from '../measure';
import { type Line, ms, type Row, times } from '../result';

/** How long it takes to begin: commands that do next to nothing, beside Node doing nothing. */
export const start: Row = {
  title: 'start-up',
  async measure(quick) {
    const file = written('ten', TEN_LINES);
    const commands = {
      node: [process.execPath, '-e', '0'],
      version: [...TSNET, '--version'],
      compile: [...TSNET, 'compile', file],
    };
    const measured = await interleaved(
      Object.entries(commands).map(([name, command]) => ({ name, run: () => timed(command) })),
      quick ? 9 : 41,
    );
    const line = (what: string, name: string, most: number): Line => {
      const ratio = measured.ratio(name, 'node', 'cpu');
      return {
        what,
        ours: `${ms(measured.median(name, 'cpu'))} of processor time (${ms(measured.median(name))} wall)`,
        others: `\`node -e 0\`: ${ms(measured.median('node', 'cpu'))} (${ms(measured.median('node'))})`,
        ratio: times(ratio),
        target: `at most ${most}×`,
        met: ratio <= most,
      };
    };
    return {
      lines: [line('`tsnet --version`', 'version', 1.1), line('`tsnet compile` of ten lines', 'compile', 1.25)],
    };
  },
};
