import type { Span } from '../../../../dsl/core/source';
import { closest } from '../../../../dsl/core/suggest';
import type { FieldName } from '../../../../dsl/ruleset/fields';
import { field, match, number, symbol, text } from '../../../../dsl/ruleset/nodes';
import type { Expression, NamedObject, NamedSet, Opaque, Rule, Statement } from '../../../../dsl/ruleset/tree';
import {
  type Around,
  type Beside,
  type Given,
  type HelperChain,
  type Hosts,
  type Meaning,
  type Module,
  means,
  Options,
  type Uses,
  wrong,
} from '../extensions/module';
import { addressBlock, type Block, inBlock, NEVER, prefixLength, protocolNumber } from '../extensions/values';
import type { XtFamily } from '../tables';
import { ArgumentReader, type Arguments, type Misread, type Use } from './arguments';
import type { Word } from './words';

/** Where a rule stands. */
export interface Place extends Beside {
  readonly family: XtFamily;
  readonly table: string;
  readonly chain: string;
  readonly chains: ReadonlySet<string>;
  readonly uses: Uses;
  readonly nameFor: Around['nameFor'];
}

/** What became of a line: rules (`-s a,b` makes two), or why it cannot be read. */
export interface ReadRule {
  readonly rules: readonly Rule[];
  readonly sets: readonly NamedSet[];
  readonly objects: readonly NamedObject[];
  readonly chains: readonly HelperChain[];
  readonly notes: readonly string[];
  /** Why no rule of nftables says this. */
  readonly lost: readonly { readonly reason: string; readonly span: Span }[];
  readonly misread: Misread | undefined;
}

const NOTHING = { rules: [], sets: [], objects: [], chains: [], notes: [], lost: [], misread: undefined };

/** Reads the words after `-A CHAIN`. */
export function readRule(words: readonly Word[], place: Place, span: Span): ReadRule {
  const read = new ArgumentReader(words, place.family, place.chains).read();
  if ('code' in read)
    return isForOther(words, place.family)
      ? NOTHING
      : { ...NOTHING, rules: [lostRule(span, read.message)], misread: read };
  if (read.only !== undefined && read.only !== place.family) return NOTHING;
  return new RuleBuilder(read, place, span).build();
}

/** Whether a line is for the other family, which need not know its matches: `-6 -A INPUT -m rt`. */
function isForOther(words: readonly Word[], family: XtFamily): boolean {
  const other = family === 'ip' ? /^(-6|--ipv6)$/ : /^(-4|--ipv4)$/;
  return words.some(({ text, quoted }) => !quoted && other.test(text));
}

/** Stands for a rule that could not be read, so that those around it keep their places. */
export function lostRule(span: Span, reason: string): Rule {
  return { statements: [opaque('match', spanText(span), { reason })], origin: { kind: 'source', span } };
}

type Impossible = Extract<Meaning, { kind: 'impossible' }>;

function opaque(role: Opaque['role'], text: string, why: Omit<Impossible, 'kind'>): Opaque {
  const { reason, stateful, mend } = why;
  return { kind: 'opaque', role, text, stateful: stateful === true, reason, ...(mend === undefined ? {} : { mend }) };
}

function spanText({ source, start, end }: Span): string {
  return source.text.slice(start, end);
}

class RuleBuilder {
  private readonly statements: Statement[] = [];
  private readonly sets: NamedSet[] = [];
  private readonly objects: NamedObject[] = [];
  private readonly chains: HelperChain[] = [];
  private readonly notes: string[] = [];
  private readonly lost: { reason: string; span: Span }[] = [];
  private readonly comments: string[] = [];
  private readonly around: Around;
  private misread: Misread | undefined;

  constructor(
    private readonly given: Arguments,
    private readonly place: Place,
    private readonly span: Span,
  ) {
    const asked = given.basics.find(({ name }) => name === '-p');
    const protocol = asked && !asked.negated ? protocolNumber(asked.values[0] ?? '') : undefined;
    this.around = {
      ...place,
      protocol: protocol === 0 ? undefined : protocol,
      excluded: asked?.negated === true,
      asked: this.statements,
    };
  }

  build(): ReadRule {
    const { basics, matches, target, chain } = this.given;
    for (const basic of inUsualOrder(basics)) this.take(basicMeaning(basic, this.place), basic.span);
    for (const use of matches) this.use(use, 'match');
    if (target) this.use(target, target.module.final ? 'verdict' : 'action');
    else if (chain) this.chain(chain);
    const { sets, objects, chains, notes, lost, misread, span } = this;
    if (misread) return { ...NOTHING, rules: [lostRule(span, misread.message)], misread };
    if ((!target && !chain && !this.statements.some(remembers)) || this.statements.length === 0)
      this.statements.push({ kind: 'counter' });
    const comment = this.comments.join(' ');
    const rule = (statements: readonly Statement[]): Rule => ({
      statements,
      ...(comment === '' ? {} : { comment }),
      origin: { kind: 'source', span },
    });
    return { rules: spread(this.statements).map(rule), sets, objects, chains, notes, lost, misread };
  }

  private use({ module, options, span }: Use, role: Opaque['role']): void {
    const twice = options.find((one, index) => options.findIndex(({ name }) => name === one.name) < index);
    const misused = this.misplaced(module) ?? unasked(module, options);
    const meaning = misused
      ? wrong(misused, span)
      : twice && !module.options[twice.name]?.repeats
        ? wrong(`\`${twice.name}\` stands there twice`, twice.span)
        : module.read(new Options(options), this.around);
    if (meaning.kind !== 'impossible') {
      this.take(meaning, span);
      return;
    }
    this.lost.push({ reason: `${role === 'match' ? '-m' : '-j'} ${module.name}: ${meaning.reason}`, span });
    const words = options.map(({ name, negated, values }) => `${negated ? '! ' : ''}${[name, ...values].join(' ')}`);
    const text = [module.name, ...words.sort()].join(' ');
    this.statements.push(opaque(role, text, meaning));
  }

  /** Why the kernel would not have a module here. */
  private misplaced({ name, tables, hooks }: Module): string | undefined {
    const { table, chain } = this.place;
    if (tables && !tables.includes(table)) return `\`${name}\` may stand in the table ${tables.join(' or ')} only`;
    return hooks && isBuiltIn(chain) && !hooks.includes(chain)
      ? `\`${name}\` may stand in ${hooks.join(', ')} only`
      : undefined;
  }

  private chain({ name, goes, span }: NonNullable<Arguments['chain']>): void {
    if (!this.place.chains.has(name)) {
      const near = closest(name, this.place.chains);
      this.misread = {
        code: 'TN1204',
        message: `the table has no chain \`${name}\``,
        span,
        ...(near === undefined ? {} : { hint: `did you mean \`${near}\`?` }),
      };
    }
    this.statements.push({ kind: 'verdict', verdict: { kind: goes ? 'goto' : 'jump', chain: name } });
  }

  private take(meaning: Meaning, span: Span): void {
    switch (meaning.kind) {
      case 'means':
        this.statements.push(...meaning.statements);
        this.sets.push(...(meaning.sets ?? []));
        this.objects.push(...(meaning.objects ?? []));
        this.chains.push(...(meaning.chains ?? []));
        if (meaning.note !== undefined) this.notes.push(meaning.note);
        if (meaning.comment !== undefined) this.comments.push(meaning.comment);
        return;
      case 'wrong':
        this.misread ??= {
          code: 'TN1202',
          message: meaning.message,
          span: meaning.span ?? span,
          ...(meaning.hint === undefined ? {} : { hint: meaning.hint }),
        };
        return;
      case 'impossible':
        this.lost.push({ reason: meaning.reason, span });
        this.statements.push(opaque('match', spanText(span), meaning));
    }
  }
}

function unasked({ name, needsOption, options }: Module, given: readonly Given[]): string | undefined {
  if (!needsOption || given.length > 0) return undefined;
  const own = Object.entries(options).flatMap(([option, { is }]) => (is === undefined ? [`\`${option}\``] : []));
  return own.length === 1 ? `\`${name}\` needs ${own[0]}` : `\`${name}\` needs one of ${own.join(', ')}`;
}

/** Whether it does something by itself: of a rule without a target, what it is there for. */
function remembers(statement: Statement): boolean {
  return (
    statement.kind === 'set-update' ||
    (statement.kind === 'either' && statement.alternatives.some((all) => all.some(remembers)))
  );
}

function isBuiltIn(chain: string): boolean {
  return ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'].includes(chain);
}

const USUAL = ['-s', '-d', '-i', '-o', '-p', '-f'];

/** As iptables-save prints them; in which order they are asked makes no difference. */
function inUsualOrder(basics: readonly Given[]): readonly Given[] {
  return [...basics].sort((a, b) => USUAL.indexOf(a.name) - USUAL.indexOf(b.name));
}

function basicMeaning(given: Given, { family, hosts }: Place): Meaning {
  const { name, negated, values, span } = given;
  const [value = ''] = values;
  const op = negated ? '!=' : '==';
  switch (name) {
    case '-p':
      return protocolMeaning(value, op, span, family);
    case '-s':
    case '-d':
      return addressMeaning(given, family, hosts);
    case '-i':
    case '-o': {
      const left = field(name === '-i' ? 'meta iifname' : 'meta oifname');
      if (value.length > 15) return wrong(`\`${value}\` is longer than the 15 characters of an interface name`, span);
      if (value === '') return wrong('an interface has a name', span);
      if (/["\u0000-\u001f\u007f-\u009f\u2028\u2029]/.test(value))
        return {
          kind: 'impossible',
          reason: 'nft cannot spell the name of an interface with a quote or a control character',
        };
      const alias = /^([^:]+):/.exec(value)?.[1];
      if (alias !== undefined)
        return {
          ...means(match(left, op, text(value))),
          note: `no packet comes or goes by \`${value}\`: it is an address of \`${alias}\`, and that is what rules see`,
        };
      if (!value.endsWith('+')) return means(match(left, op, text(value)));
      if (value === '+') return negated ? means(NEVER) : means();
      return means(match(left, op, { kind: 'string', value: value.slice(0, -1), wildcard: true }));
    }
    default: {
      if (family === 'ip6') return wrong('ip6tables has no `-f`; `-m frag` asks for fragments', span);
      const offset: Expression = { kind: 'binary', op: '&', left: field('ip frag-off'), right: FRAGMENT_OFFSET };
      return means(match(offset, negated ? '==' : '!=', number(0)));
    }
  }
}

const FRAGMENT_OFFSET: Expression = { kind: 'number', value: 0x1fffn, base: 16 };

function protocolMeaning(value: string, op: '==' | '!=', span: Span, family: XtFamily): Meaning {
  if (/^all$/i.test(value) || value === '0') return op === '==' ? means() : wrong('`! -p all` matches nothing', span);
  const protocol = protocolNumber(value);
  if (protocol === undefined) return wrong(`\`${value}\` is not a protocol`, span);
  if (protocol === 0) return op === '==' ? means() : wrong('`! -p all` matches nothing', span);
  const name = protocol === 58 ? 'ipv6-icmp' : PROTOCOL_WORDS[protocol];
  return {
    ...means(match(field('meta l4proto'), op, name === undefined ? number(protocol) : symbol(name))),
    ...(family === 'ip6' && (EXTENSION_HEADERS as readonly number[]).includes(protocol)
      ? { note: `protocol ${protocol} is an extension header of IPv6, which is never a packet's last` }
      : {}),
  };
}

/** Those that nft knows by name wherever it runs. */
const PROTOCOL_WORDS: Readonly<Record<number, string>> = {
  1: 'icmp',
  6: 'tcp',
  17: 'udp',
  33: 'dccp',
  50: 'esp',
  51: 'ah',
  108: 'comp',
  132: 'sctp',
  136: 'udplite',
};

const EXTENSION_HEADERS = [0, 43, 44, 60] as const;

function setOf(members: readonly Expression[]): Expression {
  return { kind: 'set', elements: members.map((key) => ({ key, origin: { kind: 'program' } })) };
}

/** Several addresses after one `-s` are as many rules; here, members of a set. */
function addressMeaning({ name, negated, values: [value = ''], span }: Given, family: XtFamily, hosts: Hosts): Meaning {
  const left = field(`${family} ${name === '-s' ? 'saddr' : 'daddr'}` as FieldName);
  const op = negated ? '!=' : '==';
  const blocks: Block[] = [];
  for (const word of value.split(',')) {
    const found = hostBlocks(word, family, hosts);
    if (found.length > 0) blocks.push(...found);
    else if (isHostName(word))
      return {
        kind: 'impossible',
        reason: `iptables looks \`${word}\` up when it loads the rule, and keeps the addresses of then: give them in its place`,
        mend: 'or give a further FILE with lines of addresses and names, as in /etc/hosts',
      };
    else return wrong(notAnAddress(word, family), span);
  }
  const [only] = blocks;
  if (only && blocks.length === 1) return means(...blockMatch(left, op, only, family));
  if (negated) return wrong('`!` goes with one address', span);
  const members = blocks.map((block) => blockMember(block, family));
  const plain = members.filter((one) => one !== undefined);
  if (blocks.some(({ mask }) => mask === 0n)) return means();
  if (plain.length === blocks.length) return means(match(left, '==', setOf(plain)));
  const alternatives = blocks.map((block) => inBlock(left, '==', block, family));
  return means({ kind: 'either', alternatives, negated: false });
}

const LOCALHOST: Readonly<Record<XtFamily, string>> = { ip: '127.0.0.1', ip6: '::1' };

function hostBlocks(word: string, family: XtFamily, hosts: Hosts): readonly Block[] {
  const block = addressBlock(word === 'localhost' ? LOCALHOST[family] : word, family);
  if (block) return [block];
  const [, name = '', mask = ''] = /^([^/]*)(\/.*)?$/.exec(word) ?? [];
  const addresses = hosts.get(name.toLowerCase().replace(/\.$/, '')) ?? [];
  return addresses.flatMap((address) => addressBlock(`${address}${mask}`, family) ?? []);
}

function isHostName(word: string): boolean {
  const [host = ''] = word.split('/');
  return /^(?=.*[A-Za-z_])[\w-]+(\.[\w-]+)*\.?$/.test(host) && !/^[\d.]+$/.test(host);
}

function notAnAddress(word: string, family: XtFamily): string {
  const [own, other, rules] = family === 'ip' ? ['IPv4', 'ip6', 'IPv6'] : ['IPv6', 'ip', 'IPv4'];
  return addressBlock(word, other as XtFamily)
    ? `\`${word}\` is an address of ${rules} in a rule for ${own}`
    : `\`${word}\` is not an address of ${own}`;
}

function blockMatch(left: Expression, op: '==' | '!=', block: Block, family: XtFamily): readonly Statement[] {
  return op === '!=' && block.mask === 0n ? [NEVER] : inBlock(left, op, block, family);
}

function blockMember({ address, mask }: Block, family: XtFamily): Expression | undefined {
  const length = prefixLength(mask, family);
  if (length === undefined) return undefined;
  return length === (family === 'ip' ? 32 : 128) ? address : { kind: 'prefix', address, length };
}

/** A rule for each of several addresses has limits of its own: only then do they have to stay apart. */
function spread(statements: readonly Statement[]): readonly (readonly Statement[])[] {
  if (!statements.some(({ kind }) => kind === 'limit' || kind === 'quota')) return [statements];
  const at = statements.findIndex(
    (one) =>
      one.kind === 'match' &&
      one.left.kind === 'field' &&
      /^ip6? [sd]addr$/.test(one.left.field) &&
      one.right.kind === 'set',
  );
  const found = statements[at];
  if (found?.kind !== 'match' || found.right.kind !== 'set') return [statements];
  return found.right.elements.flatMap(({ key }) =>
    key === 'default' ? [] : spread(statements.with(at, { ...found, right: key })),
  );
}
