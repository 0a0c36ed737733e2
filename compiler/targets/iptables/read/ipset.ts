import type { Diagnostic } from '../../../../dsl/core/diagnostic';
import type { Source } from '../../../../dsl/core/source';
import type { IpSet } from '../extensions/module';
import { wordsOf } from './words';

interface Open extends IpSet {
  readonly members: string[][];
}

/** Reads what `ipset save` prints: `create NAME TYPE OPTIONS...`, `add NAME MEMBER...`. */
export function readIpSets(source: Source, diagnostics: Diagnostic[]): readonly IpSet[] {
  const sets = new Map<string, Open>();
  let start = 0;
  for (const line of source.text.split('\n')) {
    const words = wordsOf(source, start, start + line.length);
    start += line.length + 1;
    const [command, name, ...rest] = words;
    if (!command || command.text.startsWith('#')) continue;
    const wrong = (message: string) =>
      diagnostics.push({
        code: 'TN1205',
        severity: 'error',
        message,
        primary: { span: (name ?? command).span },
        secondary: [],
      });
    if (command.text === 'create' && name && rest[0]) {
      const options = new Map<string, string>();
      for (let at = 1; at < rest.length; at++) {
        const option = rest[at]?.text ?? '';
        if (FLAGS.has(option)) options.set(option, '');
        else options.set(option, rest[++at]?.text ?? '');
      }
      const family = options.get('family') === 'inet6' ? 'ip6' : 'ip';
      sets.set(name.text, { name: name.text, type: rest[0].text, family, options, members: [] });
    } else if (command.text === 'add' && name) {
      const set = sets.get(name.text);
      if (set) set.members.push(rest.map(({ text }) => text));
      else wrong(`no set \`${name.text}\` was created before this`);
    } else if (!['quit', 'COMMIT'].includes(command.text)) wrong(`\`${command.text}\` is not a line of \`ipset save\``);
  }
  return [...sets.values()];
}

/** Options of `create` that no value follows. */
const FLAGS: ReadonlySet<string> = new Set(['counters', 'comment', 'skbinfo', 'forceadd', 'nomatch']);
