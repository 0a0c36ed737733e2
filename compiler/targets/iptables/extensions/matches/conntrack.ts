import { ct, flags, match, number, symbol } from '../../../../../dsl/ruleset/nodes';
import type { CompareOp, Expression, Statement } from '../../../../../dsl/ruleset/tree';
import { readValue } from '../../../../../dsl/ruleset/value';
import { BOTH, type Meaning, type Module, means, type OptionShape, perOption, wrong } from '../module';
import { addressBlock, inBlock, portRange, protocolNumber } from '../values';

const ONE: OptionShape = { values: 1, negatable: true };

const STATES: ReadonlySet<string> = new Set(['INVALID', 'NEW', 'ESTABLISHED', 'RELATED', 'UNTRACKED']);

function statesMatch(list: string, negated: boolean): Meaning {
  const names = list.toUpperCase().split(',');
  const unknown = names.find((name) => !STATES.has(name) && name !== 'DNAT' && name !== 'SNAT');
  if (unknown !== undefined) return wrong(`\`${unknown}\` is not a state of conntrack`);
  const lower = (of: readonly string[]) => of.map((name) => name.toLowerCase());
  const states = lower(names.filter((name) => STATES.has(name)));
  const status = lower(names.filter((name) => !STATES.has(name)));
  const op: CompareOp = negated ? '!=' : '==';
  const ofState = states.length > 0 ? [match(ct('state'), op, flags(...states))] : [];
  if (status.length === 0) return means(...ofState);
  const ofStatus = match(ct('status'), '==', flags(...status));
  const alternatives: Statement[][] = [[ofStatus]];
  if (states.length > 0) alternatives.unshift([match(ct('state'), '==', flags(...states))]);
  return alternatives.length === 1 && !negated ? means(ofStatus) : means({ kind: 'either', alternatives, negated });
}

const STATUS: Readonly<Record<string, string>> = {
  EXPECTED: 'expected',
  SEEN_REPLY: 'seen-reply',
  ASSURED: 'assured',
  CONFIRMED: 'confirmed',
};

export const state: Module = perOption(
  { name: 'state', families: BOTH, options: { '--state': ONE } },
  ({ negated, values: [value = ''] }) => statesMatch(value, negated),
);

export const conntrack: Module = perOption(
  {
    name: 'conntrack',
    families: BOTH,
    options: {
      '--ctstate': ONE,
      '--ctproto': ONE,
      '--ctorigsrc': ONE,
      '--ctorigdst': ONE,
      '--ctreplsrc': ONE,
      '--ctrepldst': ONE,
      '--ctorigsrcport': ONE,
      '--ctorigdstport': ONE,
      '--ctreplsrcport': ONE,
      '--ctrepldstport': ONE,
      '--ctstatus': ONE,
      '--ctexpire': ONE,
      '--ctdir': { values: 1 },
    },
  },
  ({ name, negated, values: [value = ''] }, { family }) => {
    const op = negated ? '!=' : '==';
    const one = (left: Expression, right: Expression | undefined, what: string) =>
      right ? means(match(left, op, right)) : wrong(`\`${value}\` is not ${what}`);
    switch (name) {
      case '--ctstate':
        return statesMatch(value, negated);
      case '--ctstatus': {
        if (value === 'NONE') return means(match(ct('status'), op, number(0)));
        const names = value.split(',').map((word) => STATUS[word.toUpperCase()]);
        const known = names.filter((word) => word !== undefined);
        if (known.length < names.length) return wrong(`\`${value}\` is not a status of conntrack`);
        return means(match(ct('status'), negated ? '!' : '==', flags(...known)));
      }
      case '--ctdir':
        return /^(original|reply)$/i.test(value)
          ? means(match(ct('direction'), '==', symbol(value.toLowerCase())))
          : wrong('expected ORIGINAL or REPLY');
      case '--ctproto': {
        const protocol = protocolNumber(value);
        return one(ct('protocol'), protocol === undefined ? undefined : readValue(String(protocol)), 'a protocol');
      }
      case '--ctexpire':
        return { kind: 'impossible', reason: 'nft compares the time left in milliseconds, not in whole seconds' };
    }
    const direction = name.startsWith('--ctorig') ? 'original' : 'reply';
    const source = name.includes('src');
    if (name.endsWith('port'))
      return one({ kind: 'ct', key: source ? 'proto-src' : 'proto-dst', direction }, portRange(value), 'a port');
    const block = addressBlock(value, family);
    if (!block) return wrong(`\`${value}\` is not an address of this family`);
    return means(...inBlock({ kind: 'ct', key: source ? 'saddr' : 'daddr', direction, family }, op, block, family));
  },
);
