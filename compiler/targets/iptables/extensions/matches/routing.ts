import { field, match, number, symbol } from '../../../../../dsl/ruleset/nodes';
import type { Expression, Statement } from '../../../../../dsl/ruleset/tree';
import { BOTH, impossible, type Module, means, perOption, wrong } from '../module';
import { underMask, wholeNumber } from '../values';

const FLAG = { values: 0 } as const;

/**
 * Whether an answer would go out where the packet came in. A source that is a broadcast address is no answer's destination
 * in iptables alone; routing drops it right after (fib_validate_source).
 */
export const rpfilter: Module = {
  name: 'rpfilter',
  families: BOTH,
  tables: ['raw', 'mangle'],
  hooks: ['PREROUTING'],
  options: { '--loose': FLAG, '--validmark': FLAG, '--accept-local': FLAG, '--invert': FLAG },
  read(options, { family }) {
    const strict = !options.has('--loose');
    const device = strict ? (['iif'] as const) : [];
    const mark = options.has('--validmark') ? (['mark'] as const) : [];
    const passes = !options.has('--invert');
    const reached: Statement = match({ kind: 'fib', keys: ['saddr', ...mark, ...device], result: 'oif' }, '==', {
      kind: 'exists',
      present: passes,
    });
    if (!options.has('--accept-local')) return means(reached);
    // IPv6 takes an address of any of the host's interfaces (ip6t_rpfilter.c).
    const type: Expression = { kind: 'fib', keys: ['saddr', ...(family === 'ip' ? device : [])], result: 'type' };
    const local = match(type, passes ? '==' : '!=', symbol('local'));
    return passes
      ? means({ kind: 'either', alternatives: [[reached], [local]], negated: false })
      : means(reached, local);
  },
};

/** The only name that iproute2 gives a realm by itself (rt_realms). */
const UNKNOWN_REALM = 'cosmos';

export const realm: Module = perOption(
  {
    name: 'realm',
    families: ['ip'],
    hooks: ['INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'],
    options: { '--realm': { values: 1, negatable: true } },
    needsOption: true,
  },
  ({ negated, values: [value = ''] }) => {
    const [text = '', maskText] = value.split('/');
    const id = text === UNKNOWN_REALM ? 0n : wholeNumber(text);
    const mask = maskText === undefined ? 0xffffffffn : wholeNumber(maskText);
    if (id === undefined && /^[a-z_]/i.test(text))
      return impossible(`\`${text}\` is a name of this host (rt_realms); give its number`);
    if (id === undefined || mask === undefined) return wrong(`\`${value}\` is not a realm`);
    return means(...underMask(field('meta rtclassid'), mask, negated ? '!=' : '==', id, { spelt: number }));
  },
);
