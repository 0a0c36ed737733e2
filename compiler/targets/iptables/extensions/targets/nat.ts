import type { Expression, Nat } from '../../../../../dsl/ruleset/tree';
import type { XtFamily } from '../../tables';
import { BOTH, type Meaning, type Module, means, type Options, wrong } from '../module';
import { addressRange, numberRange, portNumber } from '../values';

const FLAGS = { '--random': { values: 0 }, '--random-fully': { values: 0 }, '--persistent': { values: 0 } } as const;

function natFlags(options: Options): Nat['flags'] {
  return [
    ...(options.has('--random') ? (['random'] as const) : []),
    ...(options.has('--random-fully') ? (['fully-random'] as const) : []),
    ...(options.has('--persistent') ? (['persistent'] as const) : []),
  ];
}

/** `1.2.3.4`, `1.2.3.4-1.2.3.8:80-90`, `:80`, `[2001:db8::1]:80`. */
function endpoint(text: string, family: XtFamily): Pick<Nat, 'address' | 'port'> | undefined {
  const bracket = /^\[([^\]]+)\](?:-\[([^\]]+)\])?(?::(.+))?$/.exec(text);
  const colon = family === 'ip' ? text.lastIndexOf(':') : -1;
  const last = bracket?.[2] === undefined ? '' : `-${bracket[2]}`;
  const host = bracket ? `${bracket[1]}${last}` : colon < 0 ? text : text.slice(0, colon);
  const portText = bracket ? bracket[3] : colon < 0 ? undefined : text.slice(colon + 1);
  const address = host === '' ? undefined : addressRange(host, family);
  const port: Expression | undefined =
    portText === undefined ? undefined : numberRange(portText, 65535n, '-', portNumber);
  if ((host !== '' && !address) || (portText !== undefined && !port)) return undefined;
  return { ...(address ? { address } : {}), ...(port ? { port } : {}) };
}

function translation(kind: 'dnat' | 'snat', option: string): Module['read'] {
  return (options, { family, protocol }): Meaning => {
    const given = options.find(option);
    const text = given?.values[0];
    if (text === undefined) return wrong(`it needs \`${option}\``);
    const shift = text.indexOf('/');
    if (shift >= 0) return { kind: 'impossible', reason: 'nft does not move a range of ports by an offset' };
    const to = endpoint(text, family);
    if (!to) return wrong(`\`${text}\` is not an address and port to translate to`, given?.span);
    if (to.port && ![6, 17, 33, 132].includes(protocol ?? 0))
      return wrong('a port needs `-p tcp`, `-p udp`, `-p dccp` or `-p sctp`', given?.span);
    return means({ kind, family, ...to, flags: natFlags(options) });
  };
}

export const DNAT: Module = {
  name: 'DNAT',
  families: BOTH,
  options: { '--to-destination': { values: 1 }, ...FLAGS },
  final: true,
  read: translation('dnat', '--to-destination'),
};

export const SNAT: Module = {
  name: 'SNAT',
  families: BOTH,
  options: { '--to-source': { values: 1 }, ...FLAGS },
  final: true,
  read: translation('snat', '--to-source'),
};

function toOwnAddress(kind: 'masquerade' | 'redirect'): Module['read'] {
  return (options): Meaning => {
    const text = options.value('--to-ports');
    const port = text === undefined ? undefined : numberRange(text, 65535n, '-', portNumber);
    if (text !== undefined && !port) return wrong(`\`${text}\` is not a port or a range of ports`);
    return means({ kind, ...(port ? { port } : {}), flags: natFlags(options) });
  };
}

export const MASQUERADE: Module = {
  name: 'MASQUERADE',
  families: BOTH,
  options: { '--to-ports': { values: 1 }, '--random': { values: 0 }, '--random-fully': { values: 0 } },
  final: true,
  read: toOwnAddress('masquerade'),
};

export const REDIRECT: Module = {
  name: 'REDIRECT',
  families: BOTH,
  options: { '--to-ports': { values: 1 }, '--random': { values: 0 } },
  final: true,
  read: toOwnAddress('redirect'),
};
