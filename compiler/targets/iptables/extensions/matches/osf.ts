import { match, text } from '../../../../../dsl/ruleset/nodes';
import { type Module, means, wrong } from '../module';
import { wholeNumber } from '../values';

const TCP = 6;
const TTL = [undefined, 'loose', 'skip'] as const;

export const osf: Module = {
  name: 'osf',
  families: ['ip'],
  options: { '--genre': { values: 1, negatable: true }, '--ttl': { values: 1 }, '--log': { values: 1 } },
  needsOption: true,
  read(options, { protocol }) {
    const genre = options.find('--genre');
    const level = wholeNumber(options.value('--ttl') ?? '0', 2n);
    if (protocol !== TCP || !genre) return wrong('osf needs `-p tcp` and `--genre`');
    if (level === undefined) return wrong('a level is 0, 1 or 2', options.find('--ttl')?.span);
    if (wholeNumber(options.value('--log') ?? '0', 2n) === undefined)
      return wrong('a level is 0, 1 or 2', options.find('--log')?.span);
    const ttl = TTL[Number(level)];
    const asked = match(
      { kind: 'osf', ...(ttl ? { ttl } : {}), result: 'name' },
      genre.negated ? '!=' : '==',
      text(genre.values[0] ?? ''),
    );
    return options.has('--log') ? { ...means(asked), note: 'what is found is not logged' } : means(asked);
  },
};
