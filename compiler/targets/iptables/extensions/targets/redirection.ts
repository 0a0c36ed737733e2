import { ct, field, number } from '../../../../../dsl/ruleset/nodes';
import type { Expression, Statement } from '../../../../../dsl/ruleset/tree';
import { BOTH, type Meaning, type Module, means, noted, wrong } from '../module';
import { addressNumber, addressOf, hex, numberRange, wholeNumber } from '../values';

const ONE = { values: 1 } as const;

/**
 * A packet that a socket is found for is accepted, and dropped when there is none (xt_TPROXY.c); in nft the rule just ends
 * there, so that a chain has to say both.
 */
export const TPROXY: Module = {
  name: 'TPROXY',
  families: BOTH,
  tables: ['mangle'],
  hooks: ['PREROUTING'],
  options: { '--on-port': ONE, '--on-ip': ONE, '--tproxy-mark': ONE },
  final: true,
  read(options, { family, protocol }): Meaning {
    if (protocol !== 6 && protocol !== 17) return wrong('TPROXY needs `-p tcp` or `-p udp`');
    const port = wholeNumber(options.value('--on-port') ?? '', 65535n);
    if (port === undefined) return wrong('TPROXY needs `--on-port`', options.find('--on-port')?.span);
    const host = options.value('--on-ip');
    const address = addressNumber(host ?? (family === 'ip' ? '0.0.0.0' : '::'), family);
    if (address === undefined)
      return wrong(`\`${host}\` is not an address of this family`, options.find('--on-ip')?.span);
    const mark = markChange(options.value('--tproxy-mark') ?? '0/0');
    if (!mark) return wrong('not a mark', options.find('--tproxy-mark')?.span);
    const takes: Statement[] = [
      {
        kind: 'match',
        left: field('meta l4proto'),
        op: '==',
        right: { kind: 'symbol', name: protocol === 6 ? 'tcp' : 'udp' },
      },
      {
        kind: 'tproxy',
        family,
        // No address stands for that of the interface, in nft as here; but one of the two has to be there.
        ...(address !== 0n || port === 0n ? { address: addressOf(address, family) } : {}),
        ...(port === 0n ? {} : { port: number(port) }),
      },
      ...mark,
      { kind: 'verdict', verdict: { kind: 'accept' } },
    ];
    const name = [
      'tproxy',
      protocol === 6 ? 'tcp' : 'udp',
      address === 0n ? undefined : host,
      port,
      options.value('--tproxy-mark'),
    ]
      .filter((part) => part !== undefined)
      .join('-')
      .replaceAll(/[^\w.-]/g, '_');
    return {
      ...means({ kind: 'verdict', verdict: { kind: 'goto', chain: name } }),
      chains: [{ name, rules: [takes, [{ kind: 'verdict', verdict: { kind: 'drop' } }]] }],
    };
  },
};

function markChange(text: string): readonly Statement[] | undefined {
  const [valueText = '', maskText] = text.split('/');
  const [value, mask] = [wholeNumber(valueText), maskText === undefined ? 0xffffffffn : wholeNumber(maskText)];
  if (value === undefined || mask === undefined) return undefined;
  if (mask === 0n && value === 0n) return [];
  const target = field('meta mark');
  if (mask === 0xffffffffn) return [{ kind: 'assign', target, value: hex(value) }];
  const kept: Expression = { kind: 'binary', op: '&', left: target, right: hex(0xffffffffn & ~mask) };
  return [{ kind: 'assign', target, value: { kind: 'binary', op: '^', left: kept, right: hex(value) } }];
}

export const NFQUEUE: Module = {
  name: 'NFQUEUE',
  families: BOTH,
  options: {
    '--queue-num': ONE,
    '--queue-balance': ONE,
    '--queue-bypass': { values: 0 },
    '--queue-cpu-fanout': { values: 0 },
  },
  final: true,
  read(options) {
    const [one, several] = [options.find('--queue-num'), options.find('--queue-balance')];
    const balanced = several && numberRange(several.values[0] ?? '', 65535n);
    const single = wholeNumber(one?.values[0] ?? '0', 65535n);
    if (single === undefined) return wrong('a queue is a number up to 65535', one?.span);
    if (several && (balanced?.kind !== 'range' || one || several.values[0]?.endsWith(':65535')))
      return wrong('expected `FIRST:LAST` of queues', several.span);
    if (options.has('--queue-cpu-fanout') && !several) return wrong('`--queue-cpu-fanout` needs `--queue-balance`');
    return means({
      kind: 'queue',
      first: balanced ?? number(single),
      flags: [
        ...(options.has('--queue-bypass') ? (['bypass'] as const) : []),
        ...(options.has('--queue-cpu-fanout') ? (['fanout'] as const) : []),
      ],
    });
  },
};

export const QUEUE: Module = {
  name: 'QUEUE',
  families: BOTH,
  options: {},
  final: true,
  read: () => means({ kind: 'queue', first: number(0), flags: [] }),
};

export const TEE: Module = {
  name: 'TEE',
  families: BOTH,
  options: { '--gateway': ONE, '--oif': ONE },
  read(options, { family }) {
    const given = options.find('--gateway');
    const address = given && addressNumber(given.values[0] ?? '', family);
    if (address === undefined) return wrong('TEE needs `--gateway` and an address of this family', given?.span);
    const device = options.value('--oif');
    const statement: Statement = { kind: 'dup', address: addressOf(address, family) };
    return device === undefined
      ? means(statement)
      : noted(`nft loads this only where \`${device}\` exists`, {
          ...statement,
          device: { kind: 'string', value: device },
        });
  },
};

export const CONNSECMARK: Module = {
  name: 'CONNSECMARK',
  families: BOTH,
  tables: ['mangle', 'security'],
  options: { '--save': { values: 0 }, '--restore': { values: 0 } },
  read(options) {
    const [connection, packet] = [ct('secmark'), field('meta secmark')];
    if (options.all.length !== 1) return wrong('CONNSECMARK needs `--save` or `--restore`');
    return options.has('--save')
      ? means({ kind: 'assign', target: connection, value: packet })
      : means({ kind: 'assign', target: packet, value: connection });
  },
};
