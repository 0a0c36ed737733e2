import { ct, field } from '../../../../../dsl/ruleset/nodes';
import type { Expression, Statement } from '../../../../../dsl/ruleset/tree';
import { BOTH, type Meaning, type Module, means, type Options, wrong } from '../module';
import { hex, wholeNumber } from '../values';

const ALL = 0xffffffffn;
const ONE = { values: 1 } as const;

const SETTING = {
  '--set-xmark': ONE,
  '--set-mark': ONE,
  '--and-mark': ONE,
  '--or-mark': ONE,
  '--xor-mark': ONE,
} as const;

/** `(own & ~cleared) ^ flipped`, as short as it can be said. */
function changed(own: Expression, cleared: bigint, flipped: bigint): Statement {
  if (cleared === ALL) return { kind: 'assign', target: own, value: hex(flipped) };
  const kept: Expression = cleared === 0n ? own : { kind: 'binary', op: '&', left: own, right: hex(ALL & ~cleared) };
  const inCleared = (flipped & ~cleared) === 0n;
  const value: Expression =
    flipped === 0n ? kept : { kind: 'binary', op: inCleared ? '|' : '^', left: kept, right: hex(flipped) };
  return { kind: 'assign', target: own, value };
}

/** Bits of one mark written to another; the masks say which are read and which are cleared first. */
function copied(to: Expression, from: Expression, clear: bigint, read: bigint): Statement {
  const right: Expression = read === ALL ? from : { kind: 'binary', op: '&', left: from, right: hex(read) };
  if (clear === ALL) return { kind: 'assign', target: to, value: right };
  const left: Expression = clear === 0n ? to : { kind: 'binary', op: '&', left: to, right: hex(ALL & ~clear) };
  return { kind: 'assign', target: to, value: { kind: 'binary', op: '^', left, right } };
}

/** `--set-xmark v/m` clears the mask's bits and flips those of the value (iptables-extensions(8)). */
function setMark(own: Expression, options: Options): Meaning | undefined {
  const [first, second] = options.all.filter(
    ({ name }) => name in SETTING || name === '--save-mark' || name === '--restore-mark',
  );
  if (first && second) return wrong(`\`${first.name}\` and \`${second.name}\` exclude each other`, second.span);
  for (const { name, values, span } of options.all) {
    const [text = '', maskText] = (values[0] ?? '').split('/');
    const value = wholeNumber(text);
    const mask = maskText === undefined ? ALL : wholeNumber(maskText);
    const bad = value === undefined || mask === undefined || (maskText !== undefined && !/^--set-x?mark$/.test(name));
    switch (name) {
      case '--set-xmark':
        return bad ? wrong(`\`${values[0]}\` is not a mark`, span) : means(changed(own, mask, value));
      case '--set-mark':
        return bad ? wrong(`\`${values[0]}\` is not a mark`, span) : means(changed(own, mask | value, value));
      case '--and-mark':
        return bad ? wrong(`\`${values[0]}\` is not a mark`, span) : means(changed(own, ALL & ~value, 0n));
      case '--or-mark':
        return bad ? wrong(`\`${values[0]}\` is not a mark`, span) : means(changed(own, value, value));
      case '--xor-mark':
        return bad ? wrong(`\`${values[0]}\` is not a mark`, span) : means(changed(own, 0n, value));
    }
  }
  return undefined;
}

export const MARK: Module = {
  name: 'MARK',
  families: BOTH,
  options: SETTING,
  read: (options) => setMark(field('meta mark'), options) ?? wrong('MARK needs `--set-mark` or another of its options'),
};

export const CONNMARK: Module = {
  name: 'CONNMARK',
  families: BOTH,
  options: {
    ...SETTING,
    '--save-mark': { values: 0 },
    '--restore-mark': { values: 0 },
    '--nfmask': ONE,
    '--ctmask': ONE,
    '--mask': ONE,
    '--left-shift-mark': ONE,
    '--right-shift-mark': ONE,
  },
  read(options) {
    const set = setMark(ct('mark'), options);
    if (set) return set;
    const masks = ['--nfmask', '--ctmask', '--mask'].map((name) => options.value(name));
    const [nf, conn, both] = masks.map((text) => (text === undefined ? undefined : wholeNumber(text)));
    const [nfmask, ctmask] = [nf ?? both ?? ALL, conn ?? both ?? ALL];
    if (options.has('--left-shift-mark') || options.has('--right-shift-mark'))
      return { kind: 'impossible', reason: 'nft 1.0.6 does not shift one mark into another' };
    if (options.has('--save-mark')) return means(copied(ct('mark'), field('meta mark'), ctmask, nfmask));
    if (options.has('--restore-mark')) return means(copied(field('meta mark'), ct('mark'), nfmask, ctmask));
    return wrong('CONNMARK needs `--save-mark`, `--restore-mark` or `--set-mark`');
  },
};
