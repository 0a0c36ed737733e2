import type { Described, Side } from '../../../compiler/prove/witness';
import { type Explanation, explain } from '../../../compiler/why';
import { NO_SURROUNDINGS, World } from '../../../compiler/world/world';
import type { Ruleset } from '../../../dsl/ruleset/tree';

const KINDS: Readonly<Record<string, Explanation['outcome']['kind']>> = {
  accept: 'delivered',
  drop: 'dropped',
  reject: 'rejected',
  queue: 'other',
  other: 'other',
};

/** What `why` answers to the question that a difference is printed as, asked of both rulesets. */
export function askedOf({ question }: Described, rulesets: readonly [Ruleset, Ruleset]): readonly Explanation[] {
  if (!question) throw new Error('there is no question');
  return rulesets.map((ruleset) =>
    explain(question, {
      rulesFor: () => ruleset,
      world: new World(NO_SURROUNDINGS),
      resolved: undefined,
      describe: () => undefined,
    }),
  );
}

/** Whether a rule remembers somebody to ask for the rate: `why` does not tell of a rule that its rate stops. */
function isRated(said: string, seen: readonly string[]): boolean {
  const [, set = ''] = /^\w+ .* to (\S+)/.exec(said) ?? [];
  return seen.some((text) => text.includes(` of ${set} by `));
}

/** What of a side's fate the answer does not say; empty when it says all. */
export function unsaid({ verdict, seen }: Side, { outcome, path }: Explanation): readonly string[] {
  const [kind = '', ...more] = verdict.split(' ');
  const effects = path.flatMap(({ rules }) => rules.map(({ effect }) => effect));
  const wrong: string[] = [];
  if (seen.every((text) => !/ bit \d/.test(text))) {
    if (outcome.kind !== KINDS[kind]) wrong.push(`${verdict}, not ${outcome.text}`);
    if (more.length > 0 && !outcome.text.includes(more.join(' '))) wrong.push(`${verdict}, not ${outcome.text}`);
  }
  const hook = path.at(0);
  for (const text of seen) {
    const [, what = '', said = ''] = /^(\w+): (.*)$/s.exec(text) ?? [];
    const [, name = '', index = '', routed = '', value = ''] =
      /^(mark|ct mark|ct label) bit (\d+)( when routed)? ([01])$/.exec(text) ?? [];
    if (name === 'ct label') continue;
    if (name !== '') {
      const mark = name === 'ct mark' ? outcome.connectionMark : routed ? (hook?.mark ?? 0) : outcome.mark;
      // A way is chosen for what its first hook lets go on.
      const isRouted = path.length > 1;
      const counts = name === 'ct mark' || (routed ? isRouted : outcome.kind === 'delivered');
      if (String(counts ? Math.floor(mark / 2 ** Number(index)) % 2 : 0) !== value)
        wrong.push(`${text}, not 0x${mark.toString(16)}`);
    } else if (what === 'nat') {
      if (!effects.some((effect) => /^(sent on to|now as from)/.test(effect))) wrong.push(text);
    } else if (what === 'log' && said !== 'trace' && !said.startsWith('?')) {
      const prefix = /prefix ("[^"]*")/.exec(said)?.[1] ?? 'logged';
      if (!effects.some((effect) => effect.includes(prefix))) wrong.push(text);
    } else if (text.startsWith('writes ')) {
      const field = text.slice('writes '.length);
      const said = field === 'ct.state' ? 'from now on' : `${field} set to`;
      if (!effects.some((effect) => effect.includes(said))) wrong.push(text);
    } else if (what === 'mangle' || what === 'other' || (what === 'set' && !isRated(said, seen))) {
      if (!effects.some((effect) => effect.includes(said))) wrong.push(text);
    }
  }
  return wrong;
}
