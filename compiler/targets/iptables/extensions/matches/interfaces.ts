import { field, match, number } from '../../../../../dsl/ruleset/nodes';
import type { Expression } from '../../../../../dsl/ruleset/tree';
import { BOTH, impossible, type Module, means, perOption, wrong } from '../module';
import { hex, wholeNumber } from '../values';

const ONE = { values: 1, negatable: true } as const;

/** The only name that iproute2 gives a group by itself (/etc/iproute2/group). */
const DEFAULT_GROUP = 'default';

export const devgroup: Module = perOption(
  { name: 'devgroup', families: BOTH, options: { '--src-group': ONE, '--dst-group': ONE }, needsOption: true },
  ({ name, negated, values: [value = ''], span }, { chain }) => {
    const incoming = name === '--src-group';
    if (incoming ? /^(OUTPUT|POSTROUTING)$/.test(chain) : /^(PREROUTING|INPUT)$/.test(chain))
      return wrong(`\`${name}\` may not stand in ${chain}: no interface is known there`, span);
    const [text = '', maskText] = value.split('/');
    const group = text === DEFAULT_GROUP ? 0n : wholeNumber(text);
    const mask = maskText === undefined ? undefined : wholeNumber(maskText);
    if (group === undefined && /^[a-z_]/i.test(text))
      return impossible(`\`${text}\` is a name of this host (/etc/iproute2/group); give its number`);
    if (group === undefined || (maskText !== undefined && mask === undefined))
      return wrong(`\`${value}\` is not a group of interfaces`);
    const own = field(incoming ? 'meta iifgroup' : 'meta oifgroup');
    const left: Expression = mask === undefined ? own : { kind: 'binary', op: '&', left: own, right: hex(mask) };
    return means(match(left, negated ? '!=' : '==', mask === undefined ? number(group) : hex(group)));
  },
);

export const cpu: Module = perOption(
  { name: 'cpu', families: BOTH, options: { '--cpu': ONE }, needsOption: true },
  ({ negated, values: [value = ''] }) => {
    const count = wholeNumber(value);
    return count === undefined
      ? wrong(`\`${value}\` is not the number of a processor`)
      : means(match(field('meta cpu'), negated ? '!=' : '==', number(count)));
  },
);
