import type { Span } from '../../../../../dsl/core/source';
import { ct, field, number } from '../../../../../dsl/ruleset/nodes';
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

/** Towards the high bits; towards the low ones below 0. */
type Shift = number;

function moved(value: bigint, by: Shift): bigint {
  return by < 0 ? value >> BigInt(-by) : (value << BigInt(by)) & ALL;
}

/** A mark's bits `read` in their new places: moved first, since nft 1.0.6 does not read a shift behind an `&`. */
function bits(of: Expression, read: bigint, by: Shift): Expression {
  const left: Expression =
    by === 0 ? of : { kind: 'binary', op: by < 0 ? '>>' : '<<', left: of, right: number(Math.abs(by)) };
  const mask = moved(read, by);
  return mask === moved(ALL, by) ? left : { kind: 'binary', op: '&', left, right: hex(mask) };
}

/** Bits of one mark written to another; the masks say which are read and which are cleared first. */
function copied(to: Expression, from: Expression, clear: bigint, read: bigint, by: Shift): Statement {
  const right = bits(from, read, by);
  if (clear === ALL) return { kind: 'assign', target: to, value: right };
  const left: Expression = clear === 0n ? to : { kind: 'binary', op: '&', left: to, right: hex(ALL & ~clear) };
  return { kind: 'assign', target: to, value: { kind: 'binary', op: '^', left, right } };
}

/** What `--set-xmark` and its like have made of it, moved (xt_connmark.c). */
function alsoMoved(own: Expression, cleared: bigint, flipped: bigint, by: Shift): Statement {
  if (by === 0) return changed(own, cleared, flipped);
  const [kept, flips] = [moved(ALL & ~cleared, by), moved(flipped, by)];
  if (kept === 0n) return { kind: 'assign', target: own, value: hex(flips) };
  const left = bits(own, ALL & ~cleared, by);
  return {
    kind: 'assign',
    target: own,
    value: flips === 0n ? left : { kind: 'binary', op: (kept & flips) === 0n ? '|' : '^', left, right: hex(flips) },
  };
}

/** `--set-xmark v/m` clears the mask's bits and flips those of the value (iptables-extensions(8)). */
function setMark(own: Expression, options: Options, by: Shift): Meaning | undefined {
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
        return bad ? wrong(`\`${values[0]}\` is not a mark`, span) : means(alsoMoved(own, mask, value, by));
      case '--set-mark':
        return bad ? wrong(`\`${values[0]}\` is not a mark`, span) : means(alsoMoved(own, mask | value, value, by));
      case '--and-mark':
        return bad ? wrong(`\`${values[0]}\` is not a mark`, span) : means(alsoMoved(own, ALL & ~value, 0n, by));
      case '--or-mark':
        return bad ? wrong(`\`${values[0]}\` is not a mark`, span) : means(alsoMoved(own, value, value, by));
      case '--xor-mark':
        return bad ? wrong(`\`${values[0]}\` is not a mark`, span) : means(alsoMoved(own, 0n, value, by));
    }
  }
  return undefined;
}

export const MARK: Module = {
  name: 'MARK',
  families: BOTH,
  options: SETTING,
  read: (options) =>
    setMark(field('meta mark'), options, 0) ?? wrong('MARK needs `--set-mark` or another of its options'),
};

/** The last one counts; undefined for one that the kernel refuses. */
function shiftOf(options: Options): Shift | undefined {
  const given = options.all.findLast(({ name }) => name.endsWith('-shift-mark'));
  if (!given) return 0;
  const by = wholeNumber(given.values[0] ?? '', 31n);
  if (by === undefined) return undefined;
  return given.name === '--right-shift-mark' ? -Number(by) : Number(by);
}

/** Tomato's: the packet gets the bits that its connection got, and leaves the chain. */
function setAndReturn(text: string, span: Span | undefined): Meaning {
  const [valueText = '', maskText] = text.split('/');
  const value = wholeNumber(valueText);
  const mask = maskText === undefined ? ALL : wholeNumber(maskText);
  if (value === undefined || mask === undefined) return wrong(`\`${text}\` is not a mark`, span);
  return means(
    changed(ct('mark'), mask | value, value),
    { kind: 'assign', target: field('meta mark'), value: bits(ct('mark'), mask, 0) },
    { kind: 'verdict', verdict: { kind: 'return' } },
  );
}

export const CONNMARK: Module = {
  name: 'CONNMARK',
  families: BOTH,
  options: {
    ...SETTING,
    '--set-return': ONE,
    '--save-mark': { values: 0 },
    '--restore-mark': { values: 0 },
    '--nfmask': ONE,
    '--ctmask': ONE,
    '--mask': ONE,
    '--left-shift-mark': ONE,
    '--right-shift-mark': ONE,
  },
  read(options) {
    const returned = options.find('--set-return');
    if (returned) return setAndReturn(returned.values[0] ?? '', returned.span);
    const by = shiftOf(options);
    if (by === undefined) return wrong('a mark is shifted by 0 to 31 bits', options.all.at(-1)?.span);
    const set = setMark(ct('mark'), options, by);
    if (set) return set;
    const masks = ['--nfmask', '--ctmask', '--mask'].map((name) => options.value(name));
    const [nf, conn, both] = masks.map((text) => (text === undefined ? undefined : wholeNumber(text)));
    const [nfmask, ctmask] = [nf ?? both ?? ALL, conn ?? both ?? ALL];
    if (options.has('--save-mark')) return means(copied(ct('mark'), field('meta mark'), ctmask, nfmask, by));
    if (options.has('--restore-mark')) return means(copied(field('meta mark'), ct('mark'), nfmask, ctmask, by));
    return wrong('CONNMARK needs `--save-mark`, `--restore-mark` or `--set-mark`');
  },
};
