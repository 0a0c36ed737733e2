import { match, number } from '../../../../../dsl/ruleset/nodes';
import type { CtKey, Expression } from '../../../../../dsl/ruleset/tree';
import { BOTH, type Meaning, type Module, means, wrong } from '../module';
import { wholeNumber } from '../values';

const LARGEST = 0xffffffffffffffffn;
const KEYS: Readonly<Record<string, CtKey>> = { packets: 'packets', bytes: 'bytes', avgpkt: 'avgpkt' };

export const connbytes: Module = {
  name: 'connbytes',
  families: BOTH,
  options: {
    '--connbytes': { values: 1, negatable: true },
    '--connbytes-dir': { values: 1 },
    '--connbytes-mode': { values: 1 },
  },
  read(options): Meaning {
    const given = options.find('--connbytes');
    const [fromText = '', toText] = (given?.values[0] ?? '').split(':');
    const from = wholeNumber(fromText === '' && toText ? '0' : fromText, LARGEST);
    const to = toText ? wholeNumber(toText, LARGEST) : LARGEST;
    if (!given || from === undefined || to === undefined || to < from)
      return wrong('connbytes needs `--connbytes FROM:TO`, two numbers in rising order', given?.span);
    const key = KEYS[options.value('--connbytes-mode') ?? ''];
    if (!key) return wrong('connbytes needs `--connbytes-mode` with packets, bytes or avgpkt');
    const direction = options.value('--connbytes-dir');
    if (direction !== 'original' && direction !== 'reply' && direction !== 'both')
      return wrong('connbytes needs `--connbytes-dir` with original, reply or both');
    const left: Expression = { kind: 'ct', key, ...(direction === 'both' ? {} : { direction }) };
    const { negated } = given;
    if (to === LARGEST) return means(match(left, negated ? '<' : '>=', number(from)));
    if (from === to) return means(match(left, negated ? '!=' : '==', number(from)));
    return means(match(left, negated ? '!=' : '==', { kind: 'range', first: number(from), last: number(to) }));
  },
};
