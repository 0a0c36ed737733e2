import { field, number } from '../../../../../dsl/ruleset/nodes';
import type { Expression, Statement } from '../../../../../dsl/ruleset/tree';
import { tcpOptionName } from '../../../../meaning/symbols';
import { BOTH, type Module, means, noted, wrong } from '../module';
import { wholeNumber } from '../values';

const ONE = { values: 1 } as const;
const TCP = 6;
const SEGMENT_SIZE: Expression = { kind: 'option', protocol: 'tcp', option: 'maxseg', field: 'size' };

/** Both only lower a size that is there (xt_TCPMSS.c, nft_exthdr.c). */
export const TCPMSS: Module = {
  name: 'TCPMSS',
  families: BOTH,
  options: { '--set-mss': ONE, '--clamp-mss-to-pmtu': { values: 0 } },
  read(options, { protocol, chain }) {
    const clamps = options.has('--clamp-mss-to-pmtu');
    const given = options.find('--set-mss');
    const size = given && wholeNumber(given.values[0] ?? '', 65534n);
    if (protocol !== TCP) return wrong('TCPMSS needs `-p tcp` and a match for SYN');
    if (!clamps && size === undefined) return wrong('TCPMSS needs `--set-mss` or `--clamp-mss-to-pmtu`', given?.span);
    if (clamps && (chain === 'PREROUTING' || chain === 'INPUT'))
      return wrong('`--clamp-mss-to-pmtu` may stand in FORWARD, OUTPUT, POSTROUTING only');
    return noted('a SYN that has no option for its segment size gets none; iptables adds one', {
      kind: 'assign',
      target: SEGMENT_SIZE,
      value: clamps ? field('rt mtu') : number(size as bigint),
    });
  },
};

/** By number and by name (libxt_TCPOPTSTRIP.c). */
const OPTION_NUMBERS: Readonly<Record<string, number>> = {
  mss: 2,
  wscale: 3,
  'sack-permitted': 4,
  sack: 5,
  timestamp: 8,
  md5: 19,
};
export const TCPOPTSTRIP: Module = {
  name: 'TCPOPTSTRIP',
  families: BOTH,
  tables: ['mangle'],
  options: { '--strip-options': ONE },
  read(options, { protocol }) {
    if (protocol !== TCP) return wrong('TCPOPTSTRIP needs `-p tcp`');
    const given = options.find('--strip-options');
    const statements: Statement[] = [];
    for (const word of (given?.values[0] ?? '').split(',').filter((one) => one !== '')) {
      const option = OPTION_NUMBERS[word] ?? wholeNumber(word, 255n);
      if (option === undefined) return wrong(`\`${word}\` is not an option of TCP`, given?.span);
      statements.push({ kind: 'reset-option', option: tcpOptionName(Number(option)) });
    }
    return means(...statements);
  },
};

export const SYNPROXY: Module = {
  name: 'SYNPROXY',
  families: BOTH,
  hooks: ['INPUT', 'FORWARD'],
  options: {
    '--sack-perm': { values: 0 },
    '--timestamp': { values: 0 },
    '--ecn': { values: 0 },
    '--wscale': ONE,
    '--mss': ONE,
  },
  final: true,
  read(options, { protocol }) {
    if (protocol !== TCP) return wrong('SYNPROXY needs `-p tcp`');
    const [mss, wscale] = ['--mss', '--wscale'].map((name) => {
      const text = options.value(name);
      return text === undefined ? undefined : wholeNumber(text, 65535n);
    });
    if (options.has('--mss') && mss === undefined) return wrong('not a size', options.find('--mss')?.span);
    if (options.has('--wscale') && wscale === undefined) return wrong('not a scale', options.find('--wscale')?.span);
    const statement: Statement = {
      kind: 'synproxy',
      ...(mss === undefined ? {} : { mss: Number(mss) }),
      ...(wscale === undefined ? {} : { wscale: Number(wscale) }),
      flags: [
        ...(options.has('--timestamp') ? (['timestamp'] as const) : []),
        ...(options.has('--sack-perm') ? (['sack-perm'] as const) : []),
      ],
    };
    return options.has('--ecn') ? noted('nft answers without ECN', statement) : means(statement);
  },
};
