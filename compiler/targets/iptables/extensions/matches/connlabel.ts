import { ct, flags, match, number } from '../../../../../dsl/ruleset/nodes';
import type { Statement } from '../../../../../dsl/ruleset/tree';
import { BOTH, impossible, type Meaning, type Module, means, wrong } from '../module';
import { HAS_CONNECTION, wholeNumber } from '../values';

const MOST = 127n;

export const connlabel: Module = {
  name: 'connlabel',
  families: BOTH,
  options: { '--label': { values: 1, negatable: true }, '--set': { values: 0 } },
  read(options): Meaning {
    const given = options.find('--label');
    const text = given?.values[0] ?? '';
    if (!given) return wrong('connlabel needs `--label`');
    if (/^\D/.test(text)) return impossible(`\`${text}\` is a name of connlabel.conf on that host; give its number`);
    const label = wholeNumber(text, MOST);
    if (label === undefined) return wrong(`a label is a number up to ${MOST}`, given.span);
    const labels = ct('label');
    if (!options.has('--set'))
      return means(match(labels, given.negated ? '!' : '==', { kind: 'flags', flags: [number(label)] }));
    const put: Statement = { kind: 'assign', target: labels, value: number(label) };
    // What has no connection gets no label: it is that which `!` lets pass, and nothing else.
    return given.negated
      ? means(put, match(ct('state'), '==', flags('invalid', 'untracked')))
      : means(HAS_CONNECTION, put);
  },
};
