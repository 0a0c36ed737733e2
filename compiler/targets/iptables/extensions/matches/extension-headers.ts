import type { FieldName } from '../../../../../dsl/ruleset/fields';
import { field, match, number } from '../../../../../dsl/ruleset/nodes';
import type { Expression, Statement } from '../../../../../dsl/ruleset/tree';
import { impossible, inOrder, type Meaning, type Module, means, type Options, wrong } from '../module';
import { NEVER, numberRange, wholeNumber } from '../values';

const ONE = { values: 1, negatable: true } as const;
const FLAG = { values: 0 } as const;

const SIX = ['ip6'] as const;

/** Whether a packet has an extension header, wherever it stands. */
export function hasHeader(header: string, present = true): Statement {
  return match({ kind: 'exthdr', header }, '==', { kind: 'exists', present });
}

/** What is asked of a header: that it is there, where nothing else is. */
function askedOf(header: string, asked: readonly Meaning[]): Meaning {
  const all = inOrder(asked);
  return all.kind === 'means' && all.statements.length === 0 ? means(hasHeader(header)) : all;
}

/** The header's length in bytes; in the packet it is in units of eight, less one (RFC 8200, 4.3). */
function lengthMeaning(of: FieldName, text: string, negated: boolean): Meaning {
  const bytes = wholeNumber(text);
  if (bytes === undefined) return wrong(`\`${text}\` is not a length`);
  const units = bytes / 8n - 1n;
  if (bytes % 8n === 0n && units >= 0n && units <= 255n)
    return means(match(field(of), negated ? '!=' : '==', number(units)));
  return negated ? means() : means(NEVER);
}

function rangeMeaning(of: FieldName, text: string, negated: boolean, max = 0xffffffffn): Meaning {
  const range = numberRange(text);
  if (!range) return wrong(`\`${text}\` is not a number or a range of numbers`);
  const first = range.kind === 'range' ? range.first : range;
  if (first.kind === 'number' && first.value > max) return negated ? means() : means(NEVER);
  const last: Expression =
    range.kind === 'range' && range.last.kind === 'number' && range.last.value > max
      ? { ...range, last: number(max) }
      : range;
  return means(match(field(of), negated ? '!=' : '==', last));
}

/** `--fraglen` is read and never asked (ip6t_frag.c). */
export const frag: Module = {
  name: 'frag',
  families: SIX,
  options: {
    '--fragid': ONE,
    '--fraglen': ONE,
    '--fragres': FLAG,
    '--fragfirst': FLAG,
    '--fragmore': FLAG,
    '--fraglast': FLAG,
  },
  read(options) {
    if (options.has('--fragmore') && options.has('--fraglast'))
      return wrong('`--fragmore` and `--fraglast` exclude each other', options.find('--fraglast')?.span);
    const asked = options.all.map(({ name, negated, values: [value = ''] }): Meaning => {
      switch (name) {
        case '--fragid':
          return rangeMeaning('frag id', value, negated);
        case '--fragres':
          return means(match(field('frag reserved'), '==', number(0)), match(field('frag reserved2'), '==', number(0)));
        case '--fragfirst':
          return means(match(field('frag frag-off'), '==', number(0)));
        case '--fraglen':
          return wholeNumber(value) === undefined ? wrong(`\`${value}\` is not a length`) : means();
        default:
          return means(match(field('frag more-fragments'), '==', number(name === '--fragmore' ? 1 : 0)));
      }
    });
    return askedOf('frag', asked);
  },
};

export const rt: Module = {
  name: 'rt',
  families: SIX,
  options: {
    '--rt-type': ONE,
    '--rt-segsleft': ONE,
    '--rt-len': ONE,
    '--rt-0-res': FLAG,
    '--rt-0-addrs': { values: 1 },
    '--rt-0-not-strict': FLAG,
  },
  read(options) {
    const ofZero = options.all.find(({ name }) => name.startsWith('--rt-0'));
    const [type] = [options.find('--rt-type')];
    if (ofZero && (type?.values[0] !== '0' || type.negated))
      return wrong(`\`${ofZero.name}\` needs \`--rt-type 0\``, ofZero.span);
    if (ofZero)
      return impossible('nft does not ask what a routing header of type 0 holds, which no host obeys any more');
    const asked = options.all.map(({ name, negated, values: [value = ''] }): Meaning => {
      switch (name) {
        case '--rt-type':
          return rangeMeaning('rt type', value, negated, 255n);
        case '--rt-segsleft':
          return rangeMeaning('rt seg-left', value, negated, 255n);
        default:
          return lengthMeaning('rt hdrlength', value, negated);
      }
    });
    return askedOf('rt', asked);
  },
};

function optionsHeader(name: 'hbh' | 'dst'): Module {
  return {
    name,
    families: SIX,
    options: { [`--${name}-len`]: ONE, [`--${name}-opts`]: { values: 1 } },
    read(options: Options) {
      if (options.has(`--${name}-opts`)) return impossible('nft does not read the options in a header of IPv6');
      const length = options.find(`--${name}-len`);
      if (!length) return means(hasHeader(name));
      const meaning = lengthMeaning(`${name} hdrlength`, length.values[0] ?? '', length.negated);
      return askedOf(name, [meaning]);
    },
  };
}

export const hbh = optionsHeader('hbh');
export const dst = optionsHeader('dst');
