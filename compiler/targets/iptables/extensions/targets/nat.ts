import type { FieldName } from '../../../../../dsl/ruleset/fields';
import { field } from '../../../../../dsl/ruleset/nodes';
import type { Expression, Nat } from '../../../../../dsl/ruleset/tree';
import type { XtFamily } from '../../tables';
import { BOTH, type Meaning, type Module, means, type Options, wrong } from '../module';
import {
  addressBlock,
  addressNumber,
  addressOf,
  addressRange,
  isBackward,
  numberRange,
  portNumber,
  prefixLength,
} from '../values';
import { movedPorts } from './moved-ports';

/** TCP, UDP, DCCP, SCTP; and ICMP, whose identifiers are translated as ports are. */
const WITH_PORTS: readonly number[] = [6, 17, 33, 132, 1, 58];

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
  const colon = family === 'ip' || /^:\d/.test(text) ? text.lastIndexOf(':') : -1;
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
  return (options, { family, protocol, excluded, asked }): Meaning => {
    const given = options.find(option);
    const whole = given?.values[0];
    if (whole === undefined) return wrong(`it needs \`${option}\``);
    const [text = '', baseText] = kind === 'dnat' ? whole.split('/') : [whole];
    const to = endpoint(text, family);
    if (!to && /^[^:[\]]+-[^:[\]]+$/.test(text) && isBackward(text, (word) => addressNumber(word, family), '-'))
      return { kind: 'impossible', reason: 'a range of addresses that ends before it begins' };
    if (!to) return wrong(`\`${text}\` is not an address and port to translate to`, given?.span);
    if (to.port && excluded) return { kind: 'impossible', reason: 'nft translates ports of a protocol that is named' };
    if (to.port && !WITH_PORTS.includes(protocol ?? 0))
      return wrong('a port needs `-p tcp`, `-p udp`, `-p dccp` or `-p sctp`', given?.span);
    const base = baseText === undefined ? undefined : portNumber(baseText);
    if (baseText === undefined) return means({ kind, family, ...to, flags: natFlags(options) });
    if (!base || to.port?.kind !== 'range')
      return wrong(`\`${whole}\` is not a range of ports and the port that its first is for`, given?.span);
    const port = movedPorts(to.port, Number(base), asked);
    return port
      ? means({ kind, family, ...to, port, flags: natFlags(options) })
      : {
          kind: 'impossible',
          reason: 'nft moves ports by a map, and this one would have too many',
          mend: 'ask for the ports in the rule: `--dport 5000:5100`',
        };
  };
}

export const DNAT: Module = {
  name: 'DNAT',
  families: BOTH,
  tables: ['nat'],
  hooks: ['PREROUTING', 'OUTPUT'],
  options: { '--to-destination': { values: 1 }, ...FLAGS },
  final: true,
  read: translation('dnat', '--to-destination'),
};

export const SNAT: Module = {
  name: 'SNAT',
  families: BOTH,
  tables: ['nat'],
  hooks: ['POSTROUTING', 'INPUT'],
  options: { '--to-source': { values: 1 }, ...FLAGS },
  final: true,
  read: translation('snat', '--to-source'),
};

function toOwnAddress(kind: 'masquerade' | 'redirect'): Module['read'] {
  return (options, { protocol }): Meaning => {
    const text = options.value('--to-ports');
    if (text !== undefined && !WITH_PORTS.includes(protocol ?? 0))
      return wrong('a port needs `-p tcp`, `-p udp`, `-p dccp` or `-p sctp`', options.find('--to-ports')?.span);
    const port = text === undefined ? undefined : numberRange(text, 65535n, '-', portNumber);
    if (text !== undefined && !port) return wrong(`\`${text}\` is not a port or a range of ports`);
    return means({ kind, ...(port ? { port } : {}), flags: natFlags(options) });
  };
}

export const MASQUERADE: Module = {
  name: 'MASQUERADE',
  families: BOTH,
  tables: ['nat'],
  hooks: ['POSTROUTING'],
  options: { '--to-ports': { values: 1 }, '--random': { values: 0 }, '--random-fully': { values: 0 } },
  final: true,
  read: toOwnAddress('masquerade'),
};

export const REDIRECT: Module = {
  name: 'REDIRECT',
  families: BOTH,
  tables: ['nat'],
  hooks: ['PREROUTING', 'OUTPUT'],
  options: { '--to-ports': { values: 1 }, '--random': { values: 0 } },
  final: true,
  read: toOwnAddress('redirect'),
};

/** `--to 10.0.0.0/24`: the block's bits for the address's own, whatever the rest of it is. */
export const NETMAP: Module = {
  name: 'NETMAP',
  families: BOTH,
  tables: ['nat'],
  options: { '--to': { values: 1 } },
  final: true,
  read(options, { family, chain }): Meaning {
    const given = options.find('--to');
    const bits = family === 'ip' ? 32 : 128;
    // A length that is too large is taken for that of one address.
    const text = (given?.values[0] ?? '').replace(/\/(\d+)$/, (length, digits) =>
      Number(digits) > bits ? '' : length,
    );
    const block = given && addressBlock(text, family);
    const length = block && prefixLength(block.mask, family);
    if (block && length === undefined)
      return { kind: 'impossible', reason: 'nft maps blocks of addresses, and a mask with holes is none' };
    if (!block || length === undefined) return wrong('NETMAP needs `--to` and a block of addresses', given?.span);
    const destination = chain === 'PREROUTING' || chain === 'OUTPUT';
    if (!destination && chain !== 'POSTROUTING' && chain !== 'INPUT')
      return {
        kind: 'impossible',
        reason: 'in a chain of its own it changes source or destination by who called it; move it to a built-in chain',
      };
    const key = field(`${family} ${destination ? 'daddr' : 'saddr'}` as FieldName);
    const everything: Expression = { kind: 'prefix', address: addressOf(0n, family), length: 0 };
    const data: Expression = { kind: 'prefix', address: block.address, length };
    const elements = [{ key: everything, data, origin: { kind: 'program' as const } }];
    const address: Expression = { kind: 'map', key, map: { kind: 'anonymous', elements } };
    return means({ kind: destination ? 'dnat' : 'snat', family, prefix: true, address, flags: [] });
  },
};
