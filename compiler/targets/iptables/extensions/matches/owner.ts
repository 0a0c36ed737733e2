import { field, match, number, text } from '../../../../../dsl/ruleset/nodes';
import type { Expression, Statement } from '../../../../../dsl/ruleset/tree';
import { BOTH, type Given, impossible, type Meaning, type Module, means, noted, perOption, wrong } from '../module';
import { numberRange } from '../values';

const ONE = { values: 1, negatable: true } as const;
/** The last number that a user or a group can have. */
const LAST = 0xfffffffen;

/** What the kernel sends by itself belongs to nobody: `!` matches it too, which a comparison of nft would not. */
function askedOf(left: Expression, op: '==' | '>=', right: Expression, negated: boolean): Meaning {
  const of: Statement = match(left, op, right);
  return negated ? means({ kind: 'either', alternatives: [[of]], negated }) : means(of);
}

function idMeaning({ name, values: [value = ''], negated, span }: Given, groups: boolean): Meaning {
  if (groups)
    return impossible('nft asks for the group that a process runs as, not for its other groups (--suppl-groups)');
  const left = field(name === '--uid-owner' ? 'meta skuid' : 'meta skgid');
  const range = value === 'root' ? number(0) : numberRange(value, LAST, '-');
  if (range) return askedOf(left, '==', range, negated);
  if (!/^[^\d\s"\u0000-\u001f\u007f-\u009f][^\s"\u0000-\u001f\u007f-\u009f]*$/.test(value))
    return wrong(`\`${value}\` is not the number of a user or a group`, span);
  const asked = askedOf(left, '==', text(value), negated);
  return asked.kind === 'means'
    ? noted(`nft looks \`${value}\` up when it loads the rule, as iptables does`, ...asked.statements)
    : asked;
}

export const owner: Module = {
  ...perOption(
    {
      name: 'owner',
      families: BOTH,
      needsOption: true,
      options: {
        '--uid-owner': ONE,
        '--gid-owner': ONE,
        '--socket-exists': { values: 0, negatable: true },
        '--suppl-groups': { values: 0 },
      },
    },
    (given, _, options) => {
      switch (given.name) {
        case '--suppl-groups':
          return options.all.findIndex(({ name }) => name === '--gid-owner') < options.all.indexOf(given) &&
            options.has('--gid-owner')
            ? means()
            : wrong('`--suppl-groups` needs `--gid-owner` before it', given.span);
        case '--socket-exists':
          return askedOf(field('meta skuid'), '>=', number(0), given.negated);
        default:
          return idMeaning(given, given.name === '--gid-owner' && options.has('--suppl-groups'));
      }
    },
  ),
  hooks: ['OUTPUT', 'POSTROUTING'],
};
