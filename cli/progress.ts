import type { Progress } from '../runtime';

/** Less than this many steps are over before anyone has read of them. */
const MANY = 100;

const PHASES: Readonly<Record<Parameters<Progress>[0], string>> = {
  prepare: 'preparing',
  switch: 'switching the ruleset',
  activate: 'bringing up',
  record: 'writing down',
  retire: 'taking away what leaves',
};

/**
 * Says on a terminal how far a long change has come; a line that the next one overwrites. Whether there is a terminal is
 * found out when there is something to say: the stream alone takes Node 2 ms to make.
 */
export function progress(): Progress {
  let said = false;
  return (phase, steps) => {
    if ((steps < MANY && !said) || process.stderr.isTTY !== true) return;
    process.stderr.write(steps < MANY ? '\r\u001b[K' : `\r\u001b[K${PHASES[phase]}: ${steps} steps`);
    said = true;
    if (phase === 'retire') process.stderr.write('\r\u001b[K');
  };
}
