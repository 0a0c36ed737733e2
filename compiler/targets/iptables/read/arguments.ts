import type { Span } from '../../../../dsl/core/source';
import { closest } from '../../../../dsl/core/suggest';
import { MATCHES, TARGETS } from '../extensions';
import type { Given, Module, OptionShape } from '../extensions/module';
import { protocolNumber } from '../extensions/values';
import type { XtFamily } from '../tables';
import { strayHint } from './stray';
import type { Word } from './words';

/** A rule's arguments, each with the module that it belongs to. */
export interface Arguments {
  /** `-p`, `-s`, `-d`, `-i`, `-o`, `-f`. */
  readonly basics: readonly Given[];
  readonly matches: readonly Use[];
  readonly target: Use | undefined;
  /** Where `-j` or `-g` leads when it is no target of iptables. */
  readonly chain: { readonly name: string; readonly goes: boolean; readonly span: Span } | undefined;
  /** `-4` and `-6`: the rule is for one family only. */
  readonly only: XtFamily | undefined;
}

export interface Use {
  readonly module: Module;
  readonly options: readonly Given[];
  readonly span: Span;
}

/** Why arguments cannot be read, as iptables would say it. */
export interface Misread {
  readonly code: 'TN1202' | 'TN1203' | 'TN1204';
  readonly message: string;
  readonly span: Span;
  readonly hint?: string;
  /** Of something that is known, but not to nftables: the rule is lost rather than wrong. */
  readonly lost?: true;
}

const ONE: OptionShape = { values: 1, negatable: true };

/** iptables(8), parameters. */
const BASICS: Readonly<Record<string, OptionShape>> = {
  '-p': ONE,
  '--protocol': { ...ONE, is: '-p' },
  '-s': ONE,
  '--source': { ...ONE, is: '-s' },
  '--src': { ...ONE, is: '-s' },
  '-d': ONE,
  '--destination': { ...ONE, is: '-d' },
  '--dst': { ...ONE, is: '-d' },
  '-i': ONE,
  '--in-interface': { ...ONE, is: '-i' },
  '-o': ONE,
  '--out-interface': { ...ONE, is: '-o' },
  '-f': { values: 0, negatable: true },
  '--fragment': { values: 0, negatable: true, is: '-f' },
  '--fragments': { values: 0, negatable: true, is: '-f' },
  '-m': { values: 1 },
  '--match': { values: 1, is: '-m' },
  '-j': { values: 1 },
  '--jump': { values: 1, is: '-j' },
  '-g': { values: 1 },
  '--goto': { values: 1, is: '-g' },
  '-c': { values: 2 },
  '--set-counters': { values: 2, is: '-c' },
  '-4': { values: 0 },
  '--ipv4': { values: 0, is: '-4' },
  '-6': { values: 0 },
  '--ipv6': { values: 0, is: '-6' },
  '-w': { values: 'at most one' },
  '--wait': { values: 'at most one', is: '-w' },
  '-v': { values: 0 },
  '--verbose': { values: 0, is: '-v' },
  '-n': { values: 0 },
  '--numeric': { values: 0, is: '-n' },
  '-x': { values: 0, is: '-n' },
  '--exact': { values: 0, is: '-n' },
  '-W': { values: 'at most one', is: '-w' },
  '--wait-interval': { values: 'at most one', is: '-w' },
  '-M': { values: 1 },
  '--modprobe': { values: 1, is: '-M' },
};

/** The match that `-p` brings along, by the protocol's number. */
const OF_PROTOCOL: Readonly<Record<number, string>> = {
  1: 'icmp',
  6: 'tcp',
  17: 'udp',
  33: 'dccp',
  50: 'esp',
  51: 'ah',
  58: 'icmp6',
  108: 'ipcomp',
  115: 'l2tp',
  132: 'sctp',
  135: 'mh',
  136: 'udplite',
};

/** Matches under other names. */
const MATCH_NAMES: Readonly<Record<string, string>> = { icmpv6: 'icmp6', 'ipv6-icmp': 'icmp6' };

interface Loaded {
  readonly module: Module;
  readonly options: Given[];
  readonly span: Span;
  readonly target: boolean;
}

/**
 * Reads a rule's arguments as iptables does: an option belongs to the module loaded last that has it, else to the
 * protocol's; long options may be cut short where that is clear; `!` stands before an option or, of old, after it.
 */
export class ArgumentReader {
  private readonly basics: Given[] = [];
  private readonly loaded: Loaded[] = [];
  private chain: Arguments['chain'];
  private only: XtFamily | undefined;
  private protocol: number | undefined;
  private at = 0;

  constructor(
    private readonly words: readonly Word[],
    private readonly family: XtFamily,
    private readonly chains: ReadonlySet<string>,
  ) {}

  read(): Arguments | Misread {
    while (this.at < this.words.length) {
      const misread = this.argument();
      if (misread) return misread;
    }
    return {
      basics: this.basics,
      matches: this.loaded.filter(({ target }) => !target),
      target: this.loaded.find(({ target }) => target),
      chain: this.chain,
      only: this.only,
    };
  }

  private argument(): Misread | undefined {
    let word = this.words[this.at++] as Word;
    const bang = word.text === '!' ? word : undefined;
    if (bang) {
      const after = this.words[this.at++];
      if (!after) return { code: 'TN1202', message: '`!` without an option after it', span: bang.span };
      word = after;
    }
    if (!word.text.startsWith('-') || word.text === '-') {
      const hint = strayHint(word.text);
      const message = `\`${word.text}\` is no option, and no option takes it`;
      return { code: 'TN1202', message, span: word.span, ...(hint === undefined ? {} : { hint }) };
    }
    const { name, attached } = splitOption(word.text);
    const basic = exactly(name, BASICS);
    if (basic) return this.basic(basic, word, attached, bang !== undefined);
    const loaded = this.among(name, [...this.loaded].reverse());
    const short = loaded ? undefined : shortened(name, BASICS);
    if (short) return this.basic(short, word, attached, bang !== undefined);
    const owner = loaded ?? this.ownerOf(name);
    if ('code' in owner) return { ...owner, span: word.span };
    const taken = this.values(owner.shape, word, attached);
    if ('code' in taken) return taken;
    const negated = (bang !== undefined) !== taken.negated;
    if (negated && !owner.shape.negatable)
      return { code: 'TN1202', message: `\`${owner.name}\` cannot be negated`, span: word.span };
    const span = { source: word.span.source, start: (bang ?? word).span.start, end: taken.end };
    owner.of.options.push({ name: owner.name, negated, values: taken.values, span });
    return undefined;
  }

  private basic(
    { name, shape }: Resolved,
    word: Word,
    attached: string | undefined,
    bang: boolean,
  ): Misread | undefined {
    const taken = this.values(shape, word, attached);
    if ('code' in taken) return taken;
    const negated = bang !== taken.negated;
    if (negated && !shape.negatable)
      return { code: 'TN1202', message: `\`${name}\` cannot be negated`, span: word.span };
    const span = { source: word.span.source, start: word.span.start, end: taken.end };
    const [value = ''] = taken.values;
    switch (name) {
      case '-m':
        return this.match(value, span);
      case '-j':
      case '-g':
        return this.target(value, name === '-g', span);
      case '-4':
      case '-6':
        this.only = name === '-4' ? 'ip' : 'ip6';
        return undefined;
      case '-c':
      case '-w':
      case '-v':
      case '-n':
      case '-M':
        return undefined;
      case '-p':
        if (!negated) this.protocol = protocolNumber(value);
    }
    if (this.basics.some((one) => one.name === name))
      return { code: 'TN1202', message: `\`${name}\` stands there twice`, span };
    this.basics.push({ name, negated, values: taken.values, span });
    return undefined;
  }

  private match(name: string, span: Span): Misread | undefined {
    const module = MATCHES.get(MATCH_NAMES[name] ?? name);
    if (!module?.families.includes(this.family)) return unknownModule('match', name, MATCHES, span);
    this.loaded.push({ module, options: [], span, target: false });
    return undefined;
  }

  private target(name: string, goes: boolean, span: Span): Misread | undefined {
    if (this.chain || this.loaded.some(({ target }) => target))
      return { code: 'TN1202', message: 'a rule has one target', span };
    if (goes || this.chains.has(name)) {
      this.chain = { name, goes, span };
      return undefined;
    }
    const module = TARGETS.get(name);
    if (!module?.families.includes(this.family)) return unknownModule('target', name, TARGETS, span, this.chains);
    this.loaded.push({ module, options: [], span, target: true });
    return undefined;
  }

  /** The module that an option belongs to; that of the protocol is loaded by its first option. */
  private ownerOf(name: string): (Resolved & { readonly of: Loaded }) | Omit<Misread, 'span'> {
    const implied = this.impliedMatch();
    const found = implied && this.among(name, [implied]);
    if (found) {
      this.loaded.push(implied);
      return found;
    }
    const open = this.loaded.findLast(({ module }) => module.open);
    if (open) return { name, shape: { values: 'any', negatable: true }, of: open };
    const known = [...this.loaded.flatMap(({ module }) => Object.keys(module.options)), ...Object.keys(BASICS)];
    const near = closest(name, known);
    const owners = [...MATCHES.values()].filter(({ options }) => name in options).map((one) => one.name);
    return {
      code: 'TN1203',
      message: `no match or target of this rule has an option \`${name}\``,
      ...(owners.length > 0
        ? { hint: `\`-m ${owners[0]}\` has it` }
        : near === undefined
          ? {}
          : { hint: `did you mean \`${near}\`?` }),
    };
  }

  private among(name: string, uses: readonly Loaded[]): (Resolved & { readonly of: Loaded }) | undefined {
    for (const find of [exactly, shortened])
      for (const of of uses) {
        const found = find(name, of.module.options);
        if (found) return { ...found, of };
      }
    return undefined;
  }

  /** The match of the protocol, when it is not loaded yet. */
  private impliedMatch(): Loaded | undefined {
    const module = this.protocol === undefined ? undefined : MATCHES.get(OF_PROTOCOL[this.protocol] ?? '');
    if (!module?.families.includes(this.family) || this.loaded.some((one) => one.module === module)) return undefined;
    return { module, options: [], span: this.words[this.at - 1]?.span as Span, target: false };
  }

  /** `-s ! 10.0.0.1` of old, in scripts also `-s '!' 10.0.0.1`; `--string '!'` is a value. */
  private isNegation(): boolean {
    const [mark, value] = this.words.slice(this.at, this.at + 2);
    return mark?.text === '!' && (!mark.quoted || value?.text.startsWith('-') === false);
  }

  private values(
    shape: OptionShape,
    word: Word,
    attached: string | undefined,
  ): { readonly values: readonly string[]; readonly negated: boolean; readonly end: number } | Misread {
    const values: string[] = attached === undefined ? [] : [attached];
    let end = word.span.end;
    let negated = false;
    const next = () => this.words[this.at];
    const take = () => {
      const taken = this.words[this.at++] as Word;
      end = taken.span.end;
      return taken.text;
    };
    if (shape.negatable && values.length === 0 && shape.values !== 0 && this.isNegation()) {
      negated = true;
      take();
    }
    const most = typeof shape.values === 'number' ? shape.values : shape.values === 'any' ? 99 : 1;
    while (values.length < most && next()) {
      const optional = typeof shape.values !== 'number';
      if (optional && !next()?.quoted && /^(!$|-)/.test(next()?.text ?? '')) break;
      values.push(take());
    }
    if (typeof shape.values === 'number' && values.length < shape.values)
      return {
        code: 'TN1202',
        message: `\`${word.text}\` takes ${shape.values === 1 ? 'a value' : `${shape.values} values`}`,
        span: word.span,
      };
    return { values, negated, end };
  }
}

interface Resolved {
  readonly name: string;
  readonly shape: OptionShape;
}

type Options = Readonly<Record<string, OptionShape>>;

function exactly(name: string, options: Options): Resolved | undefined {
  const shape = Object.hasOwn(options, name) ? options[name] : undefined;
  return shape && { name: shape.is ?? name, shape };
}

/** The only option that a word is the beginning of, as getopt_long(3) has it. */
function shortened(name: string, options: Options): Resolved | undefined {
  if (!name.startsWith('--') || name.length < 4) return undefined;
  const longer = Object.entries(options).filter(([option]) => option.startsWith(name));
  const [first] = longer;
  if (!first || new Set(longer.map(([option, { is }]) => is ?? option)).size > 1) return undefined;
  return { name: first[1].is ?? first[0], shape: first[1] };
}

/** `--option=value` and `-pvalue`. */
function splitOption(text: string): { readonly name: string; readonly attached: string | undefined } {
  if (text.startsWith('--')) {
    const equals = text.indexOf('=');
    return equals < 0
      ? { name: text, attached: undefined }
      : { name: text.slice(0, equals), attached: text.slice(equals + 1) };
  }
  return text.length > 2 ? { name: text.slice(0, 2), attached: text.slice(2) } : { name: text, attached: undefined };
}

function unknownModule(
  what: 'match' | 'target',
  name: string,
  modules: ReadonlyMap<string, Module>,
  span: Span,
  chains: ReadonlySet<string> = new Set(),
): Misread {
  const other = modules.get(name);
  if (other) {
    const family = other.families.includes('ip') ? 'IPv4' : 'IPv6';
    return { code: 'TN1204', message: `iptables has the ${what} \`${name}\` for ${family} only`, span };
  }
  const near = closest(name, [...modules.keys(), ...chains]);
  return {
    code: 'TN1204',
    message: what === 'match' ? `iptables has no match \`${name}\`` : `there is no chain or target \`${name}\``,
    span,
    ...(near === undefined ? {} : { hint: `did you mean \`${near}\`?` }),
  };
}
