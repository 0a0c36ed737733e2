import type { NamedObject } from '../../../../../dsl/ruleset/tree';
import { BOTH, type Meaning, type Module, means, noted, unsupported, wrong } from '../module';
import { NEVER, wholeNumber } from '../values';

/** More than nft counts up to, exactly where it is read again. */
const MOST_BYTES = 0x1fffffffffffffn;

export const quota: Module = {
  name: 'quota',
  families: BOTH,
  options: { '--quota': { values: 1, negatable: true } },
  read(options): Meaning {
    const given = options.find('--quota');
    const bytes = wholeNumber(given?.values[0] ?? '', 0xffffffffffffffffn);
    if (!given || bytes === undefined) return wrong('quota needs `--quota` and a number of bytes', given?.span);
    if (bytes === 0n) return given.negated ? means() : means(NEVER);
    if (bytes > MOST_BYTES) {
      const note = `nobody uses up ${bytes} bytes: it is left out`;
      return given.negated ? noted(note, NEVER) : noted(note);
    }
    return noted('older kernels take a packet that uses up the quota to the byte as over it', {
      kind: 'quota',
      quota: { bytes, over: given.negated },
    });
  },
};

export const nfacct: Module = {
  name: 'nfacct',
  families: BOTH,
  options: { '--nfacct-name': { values: 1 } },
  read(options): Meaning {
    const name = options.value('--nfacct-name');
    if (!name) return wrong('nfacct needs `--nfacct-name`');
    const object: NamedObject = {
      kind: 'counter',
      name: `nfacct-${name.replace(/[^\w.-]/g, '_')}`,
      origin: { kind: 'program' },
    };
    return {
      ...means({ kind: 'object', object: 'counter', name: object.name }),
      objects: [object],
      note: `\`${name}\` of nfacct becomes a counter of nft that begins with 0; where it has a quota, the rule matched above it only`,
    };
  },
};

export const rateest = unsupported('rateest', 'nft has no estimator of rates');
