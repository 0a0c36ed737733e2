import type { FieldName } from '../../../../../dsl/ruleset/fields';
import { anonymousSet, field, match, number, text } from '../../../../../dsl/ruleset/nodes';
import type { Statement } from '../../../../../dsl/ruleset/tree';
import { BOTH, impossible, type Meaning, type Module, means, noted, perOption, wrong } from '../module';
import { wholeNumber } from '../values';

const FLAG = { values: 0 } as const;
const ONE = { values: 1, negatable: true } as const;

const IS_TRANSPARENT = match(field('socket transparent'), '==', number(1));
/** True of every socket, and asked of nothing else. */
const IS_SOCKET = match(field('socket transparent'), '==', anonymousSet(number(0), number(1)));
const IS_BOUND = match(field('socket wildcard'), '==', number(0));

/** Sockets that listen on any address are left out, but for `--nowildcard` (xt_socket.c). */
export const socket: Module = {
  name: 'socket',
  families: BOTH,
  hooks: ['PREROUTING', 'INPUT'],
  options: { '--transparent': FLAG, '--nowildcard': FLAG, '--restore-skmark': FLAG },
  read(options) {
    const transparent = options.has('--transparent');
    const restored: readonly Statement[] = options.has('--restore-skmark')
      ? [{ kind: 'assign', target: field('meta mark'), value: field('socket mark') }]
      : [];
    if (options.has('--nowildcard')) return means(transparent ? IS_TRANSPARENT : IS_SOCKET, ...restored);
    return noted(
      'what comes for a connection that is closed already (TIME_WAIT) has no socket to `socket wildcard`',
      ...(transparent ? [IS_TRANSPARENT] : []),
      IS_BOUND,
      ...restored,
    );
  },
};

/** How deep nft asks for groups: as far as the fields go. */
const DEEPEST = 8;

function pathMeaning(path: string, negated: boolean, chain: string): Meaning {
  const parts = path.split('/').filter((part) => part !== '');
  if (chain === 'POSTROUTING') return impossible('nft does not ask for sockets in POSTROUTING');
  if (parts.length === 0) return impossible('every group is in `/`, and nft asks for those below it only');
  if (parts.length > DEEPEST) return impossible(`nft of tsnet asks for ${DEEPEST} levels of groups only`);
  const own = field(`socket cgroupv2 level ${parts.length}` as FieldName);
  return noted(
    'nft loads this only where the group exists, and in INPUT finds sockets that iptables does not look for',
    match(own, negated ? '!=' : '==', text(parts.join('/'))),
  );
}

export const cgroup: Module = perOption(
  {
    name: 'cgroup',
    families: BOTH,
    hooks: ['INPUT', 'OUTPUT', 'POSTROUTING'],
    options: { '--cgroup': ONE, '--path': ONE },
    needsOption: true,
  },
  ({ name, negated, values: [value = ''] }, { chain }) => {
    if (name === '--path') return pathMeaning(value, negated, chain);
    const id = wholeNumber(value);
    return id === undefined
      ? wrong(`\`${value}\` is not a class of net_cls`)
      : means(match(field('meta cgroup'), negated ? '!=' : '==', number(id)));
  },
);
