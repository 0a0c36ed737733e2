import { readIpv4, readIpv6 } from '../../../../dsl/core/address';
import { assertNever } from '../../../../dsl/core/brand';
import type { Diagnostic } from '../../../../dsl/core/diagnostic';
import { byteLength, quoted } from '../../../../dsl/core/names';
import type { Origin } from '../../../../dsl/core/origin';
import type { Span } from '../../../../dsl/core/source';
import { type DataType, isBits } from '../../../../dsl/ruleset/data-type';
import type {
  Constant,
  Element,
  Expression,
  IpsecKey,
  Log,
  MapReference,
  NamedSet,
  Nat,
  Quota,
  RateLimit,
  Reject,
  Rule,
  Statement,
  Verdict,
} from '../../../../dsl/ruleset/tree';
import { misfit } from '../../../../dsl/ruleset/value';
import type {
  ElementNode,
  ExpressionNode,
  LimitNode,
  MapNode,
  QuotaNode,
  StatementNode,
  VerdictNode,
  WordNode,
} from '../../../../grammar/rules/nodes';
import { typesOf, wordValue } from './value';

type Types = readonly (DataType | undefined)[];
type SetUpdate = Extract<Statement, { kind: 'set-update' }>;

/** Turns the syntax of rules and elements into nodes of the tree; what the tree has no node for is reported. */
export class RuleReader {
  constructor(
    private readonly diagnostics: Diagnostic[],
    /** Whether what has no node of its own may stand as it is: it is compared with others, and never printed. */
    private readonly anyone: boolean,
  ) {}

  /** What the flowtables of the table say, by name. */
  readonly flowtables = new Map<string, string>();

  private readonly meters: NamedSet[] = [];

  /** The sets that `meter` makes, in the table of its rule. */
  takeMeters(): NamedSet[] {
    return this.meters.splice(0);
  }

  rule(nodes: readonly StatementNode[], span: Span): Rule {
    const [comment, second] = nodes.filter((node) => node.kind === 'comment');
    if (second) this.report('TN1101', 'a rule has one comment', second.text.span);
    const statements = nodes.filter((node) => node.kind !== 'comment').map((node) => this.statement(node));
    const origin: Origin = { kind: 'source', span };
    return comment ? { statements, comment: comment.text.text, origin } : { statements, origin };
  }

  element(node: ElementNode, keyTypes: Types, dataTypes: Types | 'verdict', span: Span): Element {
    const { key, options, data } = node;
    const statements: Statement[] = [];
    let element: Element = {
      key: key.kind === 'word' && key.text === '*' ? 'default' : this.expression(key, keyTypes),
      ...(data ? { data: this.data(data, dataTypes) } : {}),
      origin: { kind: 'source', span },
    };
    for (const option of options)
      switch (option.kind) {
        case 'timeout':
          element = { ...element, timeoutMs: this.duration(option.value) };
          break;
        case 'expires':
          element = { ...element, expiresMs: this.duration(option.value) };
          break;
        case 'comment':
          element = { ...element, comment: option.value.text };
          break;
        case 'statement':
          statements.push(this.statement(option.statement));
          break;
        default:
          assertNever(option);
      }
    return statements.length > 0 ? { ...element, statements } : element;
  }

  statement(node: StatementNode): Statement {
    switch (node.kind) {
      case 'match': {
        const types = typesOf(node.left);
        const right = this.expression(node.right, types);
        const anyOf = isBits(types[0]) && node.left.kind === 'selector' && (!node.op || node.op === '!');
        return {
          kind: 'match',
          left: this.expression(node.left),
          op: node.op ?? '==',
          right: anyOf ? flagsOf(right) : alternatives(right),
        };
      }
      case 'masked':
        return {
          kind: 'match',
          left: {
            kind: 'binary',
            op: '&',
            left: this.expression(node.left),
            right: alternatives(this.expression(node.mask)),
          },
          op: node.op,
          right: alternatives(this.expression(node.value)),
        };
      case 'vmap':
        return { kind: 'vmap', key: this.expression(node.key), map: this.map(node.map, typesOf(node.key), 'verdict') };
      case 'verdict':
        return { kind: 'verdict', verdict: verdictOf(node) };
      case 'counter':
        return node.packets && node.bytes
          ? { kind: 'counter', packets: this.integer(node.packets), bytes: this.integer(node.bytes) }
          : { kind: 'counter' };
      case 'object': {
        const { name } = node;
        return {
          kind: 'object',
          object: node.object,
          name: name.kind === 'word' || name.kind === 'string' ? name.text : this.expression(name, ['string']),
        };
      }
      case 'limit':
        return { kind: 'limit', rate: this.rate(node) };
      case 'quota':
        return { kind: 'quota', quota: this.quota(node) };
      case 'connlimit':
        return { kind: 'connlimit', over: node.over, count: Number(this.integer(node.count)) };
      case 'log':
        return this.log(node);
      case 'reject':
        return node.with ? { kind: 'reject', with: rejectOf(node.with, node.code?.text) } : { kind: 'reject' };
      case 'nat':
        return this.nat(node);
      case 'notrack':
        return { kind: 'notrack' };
      case 'assign':
        return {
          kind: 'assign',
          target: this.expression(node.target),
          value: this.expression(node.value, typesOf(node.target)),
        };
      case 'set-update':
        return this.update(node.op, node.set.text, node.element);
      case 'meter': {
        const set = this.meterSet(node);
        this.meters.push(set);
        return this.update(set.flags.includes('timeout') ? 'update' : 'add', set.name, node.element);
      }
      case 'queue':
        return {
          kind: 'queue',
          flags: node.flags.map(({ text }) => text as 'bypass' | 'fanout'),
          ...(node.first ? { first: this.expression(node.first) } : {}),
        };
      case 'tproxy':
        return { kind: 'tproxy', ...familyOf(node.family), ...this.endpoint(node.target) };
      case 'dup':
        return {
          kind: 'dup',
          address: this.expression(node.address),
          ...(node.device ? { device: this.expression(node.device, ['iface_index']) } : {}),
        };
      case 'fwd':
        return { kind: 'fwd', device: this.expression(node.device, ['iface_index']) };
      case 'flow':
        if (!this.anyone) this.refuse(node.span, '`flow`');
        return { kind: 'opaque', role: 'action', text: this.flowText(node.table.text), stateful: false };
      case 'reset-option':
        return { kind: 'reset-option', option: node.option.text };
      case 'synproxy':
        return this.synproxy(node);
      case 'comment':
        throw new Error('a comment is no statement');
      default:
        return assertNever(node);
    }
  }

  expression(node: ExpressionNode, types: Types = []): Expression {
    const [type] = types;
    switch (node.kind) {
      case 'word':
      case 'string':
        return this.value(node, type);
      case 'selector':
        return node.selector;
      case 'payload': {
        const [base = 'th', offset = '0', bits = '0'] = node.word.text.slice(1).split(',');
        return { kind: 'payload', base: base as 'll' | 'nh' | 'th' | 'ih', offset: Number(offset), bits: Number(bits) };
      }
      case 'setref':
        return { kind: 'named set', name: node.name.text };
      case 'fib':
        return {
          kind: 'fib',
          keys: node.keys.map(({ text }) => text as 'saddr'),
          result: node.result.text as 'oif' | 'oifname' | 'type',
        };
      case 'exthdr':
        return { kind: 'exthdr', header: node.header.text };
      case 'ipsec':
        return {
          kind: 'ipsec',
          direction: node.direction.text as 'in' | 'out',
          spnum: node.spnum ? Number(this.integer(node.spnum)) : 0,
          key: node.key.text as IpsecKey,
        };
      case 'osf':
        return {
          kind: 'osf',
          ...(node.ttl ? { ttl: node.ttl.text as 'loose' | 'skip' } : {}),
          result: node.result.text as 'name' | 'version',
        };
      case 'numgen':
        return {
          kind: 'numgen',
          mode: node.mode.text as 'inc' | 'random',
          modulus: Number(this.integer(node.modulus)),
          offset: node.offset ? Number(this.integer(node.offset)) : 0,
        };
      case 'hash':
        return {
          kind: 'hash',
          function: node.function,
          ...(node.of ? { of: this.expression(node.of) } : {}),
          modulus: Number(this.integer(node.modulus)),
          ...(node.seed ? { seed: Number(this.integer(node.seed)) } : {}),
          offset: node.offset ? Number(this.integer(node.offset)) : 0,
        };
      case 'binary':
        return {
          kind: 'binary',
          op: node.op,
          left: this.expression(node.left, types),
          right: this.expression(node.right, types),
        };
      case 'range':
        return { kind: 'range', first: this.constant(node.first, type), last: this.constant(node.last, type) };
      case 'concat':
        return { kind: 'concat', parts: node.parts.map((part, index) => this.expression(part, [types[index]])) };
      case 'list':
        return { kind: 'flags', flags: node.items.map((item) => this.constant(item, type)) };
      case 'set':
        return { kind: 'set', elements: this.elements(node.elements, types, []) };
      case 'map':
        return { kind: 'map', key: this.expression(node.key), map: this.map(node.map, typesOf(node.key), types) };
      default:
        return assertNever(node);
    }
  }

  rate({ over, rate, burst }: LimitNode): RateLimit {
    const [count, unit] = rate.length === 2 ? [rate[0], rate[1]?.text ?? ''] : [rate[0], 'packets'];
    const text = rate.length === 2 ? `${count?.text}/${unit.split('/')[1]}` : (count?.text ?? '');
    const [amount = '0', per = 'second'] = text.split('/');
    const factor = unit.startsWith('k')
      ? 1024n
      : unit.startsWith('m')
        ? 1048576n
        : unit.startsWith('g')
          ? 1073741824n
          : 1n;
    const value = count && /^\d+$/.test(amount) ? BigInt(amount) * factor : 0n;
    return {
      count: value,
      unit: rate.length === 2 ? 'bytes' : 'packets',
      per: per as RateLimit['per'],
      over,
      ...(burst ? { burst: this.amount(burst) } : {}),
    };
  }

  quota({ over, amount, used }: QuotaNode): Quota {
    return { bytes: this.amount(amount), over, ...(used ? { used: this.amount(used) } : {}) };
  }

  duration({ text, span }: WordNode): number {
    const units: Record<string, number> = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1000, ms: 1 };
    if (/^\d+$/.test(text)) return Number(text) * 1000;
    if (!/^(?:\d+(?:ms|[dhms]))+$/.test(text)) {
      this.report('TN1103', `\`${text}\` is not a time such as 1h30m`, span);
      return 0;
    }
    return [...text.matchAll(/(\d+)(ms|[dhms])/g)].reduce(
      (sum, [, count, unit = 's']) => sum + Number(count) * (units[unit] ?? 0),
      0,
    );
  }

  integer({ text, span }: WordNode): bigint {
    if (/^(\d+|0x[0-9a-fA-F]+)$/.test(text)) return BigInt(text);
    this.report('TN1103', `\`${text}\` is not a number`, span);
    return 0n;
  }

  private value(word: WordNode, type: DataType | undefined): Expression {
    const value = wordValue(word, type);
    const wrong = type && misfit(value, type);
    if (wrong) this.report('TN1103', `${quoted(word.text)} does not fit here`, word.span, wrong);
    return value;
  }

  private constant(node: ExpressionNode, type: DataType | undefined): Constant {
    const value = this.expression(node, [type]);
    switch (value.kind) {
      case 'ipv4':
      case 'ipv6':
      case 'ether':
      case 'number':
      case 'symbol':
      case 'string':
        return value;
      default:
        this.report(
          'TN1103',
          `a list has single values, and this is a ${value.kind}`,
          spanOf(node),
          'use a set in braces',
        );
        return { kind: 'symbol', name: '' };
    }
  }

  private elements(nodes: readonly ElementNode[], types: Types, data: Types | 'verdict'): Element[] {
    return nodes.map((node) => this.element(node, types, data, spanOf(node.key)));
  }

  private map(node: MapNode, types: Types, data: Types | 'verdict'): MapReference {
    if (node.kind === 'setref') return { kind: 'named', name: node.name.text };
    return { kind: 'anonymous', elements: this.elements(node.elements, types, data) };
  }

  private data(node: ExpressionNode | VerdictNode, types: Types | 'verdict'): Expression | Verdict {
    if (types === 'verdict') {
      if (node.kind === 'verdict') return verdictOf(node);
      this.report('TN1103', 'expected a verdict', spanOf(node));
      return { kind: 'continue' };
    }
    if (node.kind !== 'verdict') return this.expression(node, types);
    this.report('TN1103', 'expected a value, not a verdict', node.verdict.span);
    return { kind: 'symbol', name: node.verdict.text };
  }

  private amount([count, unit]: readonly [WordNode, WordNode]): bigint {
    const factors: Record<string, bigint> = {
      bytes: 1n,
      packets: 1n,
      kbytes: 1024n,
      mbytes: 1048576n,
      gbytes: 1073741824n,
    };
    const factor = factors[unit.text];
    if (factor === undefined) this.report('TN1103', `\`${unit.text}\` is not a unit`, unit.span);
    return this.integer(count) * (factor ?? 1n);
  }

  private log({ options }: Extract<StatementNode, { kind: 'log' }>): Log {
    let log: Log = { kind: 'log', flags: [] };
    const seen = new Set<string>();
    for (const { name, value } of options) {
      const [first] = value;
      if (!first) continue;
      if (seen.has(name.text) && name.text !== 'flags')
        this.report('TN1103', `${quoted(name.text)} is said twice`, name.span);
      seen.add(name.text);
      switch (name.text) {
        case 'prefix':
          // NF_LOG_PREFIXLEN less its terminating NUL; nft 1.0.6 crashes on much longer ones.
          if (byteLength(first.text) > 127) this.report('TN1103', 'a log prefix has at most 127 bytes', first.span);
          log = { ...log, prefix: first.text };
          break;
        case 'level':
          log = { ...log, level: first.text as NonNullable<Log['level']> };
          break;
        case 'group':
          log = { ...log, group: Number(this.integer(first)) };
          break;
        case 'snaplen':
          log = { ...log, snaplen: Number(this.integer(first)) };
          break;
        case 'queue-threshold':
          log = { ...log, queueThreshold: Number(this.integer(first)) };
          break;
        default:
          log = { ...log, flags: [...log.flags, ...value.map(({ text }) => text as Log['flags'][number])] };
      }
    }
    return log;
  }

  private nat(node: Extract<StatementNode, { kind: 'nat' }>): Nat {
    const { target, port } = node;
    const written =
      target?.kind === 'word' ? this.endpoint(target) : target ? { address: this.expression(target) } : {};
    return {
      kind: node.nat,
      ...familyOf(node.family),
      ...written,
      ...(port ? { port: this.expression(port) } : {}),
      flags: node.flags.map(({ text }) => text as Nat['flags'][number]),
      ...(node.prefix ? { prefix: true } : {}),
    };
  }

  /** `1.2.3.4`, `1.2.3.4:80`, `:80-90`, `[2001:db8::1]:80`, `1.2.3.4-1.2.3.8:1000-2000`, `10.0.0.0/8`. */
  private endpoint(word: WordNode): { address?: Expression; port?: Expression } {
    const { text, span } = word;
    const of = (part: string) => wordValue({ kind: 'word', text: part, span });
    const whole = of(text);
    if (whole.kind === 'ipv6' || readIpv6(text) !== undefined) return { address: of(text) };
    const bracket = /^\[([^\]]+)\](?:-\[([^\]]+)\])?(?::(.+))?$/.exec(text);
    if (bracket) {
      const [, first = '', last, port] = bracket;
      return { address: of(last ? `${first}-${last}` : first), ...(port ? { port: of(port) } : {}) };
    }
    const ipv6Range = text.split('-');
    if (ipv6Range.every((part) => readIpv6(part) !== undefined)) return { address: of(text) };
    const colon = text.lastIndexOf(':');
    const head = colon < 0 ? text : text.slice(0, colon);
    const tail = colon < 0 ? undefined : text.slice(colon + 1);
    if (
      head !== '' &&
      head.split('-').some((part) => readIpv4(part.split('/')[0] ?? '') === undefined) &&
      !/^(\d+(-\d+)?)?$/.test(head) &&
      !text.includes('/')
    )
      this.report('TN1103', `\`${text}\` is not an address to translate to`, span);
    return { ...(head === '' ? {} : { address: of(head) }), ...(tail === undefined ? {} : { port: of(tail) }) };
  }

  private update(op: SetUpdate['op'], set: string, { key, options, data }: ElementNode): SetUpdate {
    const timeout = options.find((option) => option.kind === 'timeout');
    for (const option of options)
      if (option.kind === 'expires' || option.kind === 'comment')
        this.refuse(option.value.span, `${quoted(option.kind)} of an element that a rule adds`);
    const statements = options.flatMap((option) =>
      option.kind === 'statement' ? [this.statement(option.statement)] : [],
    );
    return {
      kind: 'set-update',
      op,
      set,
      key: this.expression(key),
      statements,
      ...(timeout?.kind === 'timeout' ? { timeoutMs: this.duration(timeout.value) } : {}),
      ...(data && data.kind !== 'verdict' ? { data: this.expression(data) } : {}),
    };
  }

  private flowText(table: string): string {
    const said = this.flowtables.get(table);
    return `flow add @${table}${said === undefined ? '' : ` { ${said} }`}`;
  }

  private meterSet({ name, size, element, span }: Extract<StatementNode, { kind: 'meter' }>): NamedSet {
    const parts = element.key.kind === 'concat' ? element.key.parts : [element.key];
    return {
      name: name.text,
      key: { kind: 'typeof', expressions: parts.map((part) => this.expression(part)) },
      flags: element.options.some(({ kind }) => kind === 'timeout') ? ['dynamic', 'timeout'] : ['dynamic'],
      ...(size ? { size: Number(this.integer(size)) } : {}),
      elements: [],
      origin: { kind: 'source', span },
    };
  }

  private synproxy({ options }: Extract<StatementNode, { kind: 'synproxy' }>): Statement {
    const value = (name: string) => {
      const found = options.find((option) => option.name.text === name)?.value;
      return found ? { [name]: Number(this.integer(found)) } : {};
    };
    const flags = options.flatMap(({ name }) =>
      name.text === 'timestamp' || name.text === 'sack-perm' ? [name.text] : [],
    );
    return { kind: 'synproxy', ...value('mss'), ...value('wscale'), flags: flags as ('timestamp' | 'sack-perm')[] };
  }

  private refuse(span: Span, what: string): void {
    this.report('TN1102', `${what} is outside of what tsnet reads`, span);
  }

  private report(code: Diagnostic['code'], message: string, span: Span, text?: string): void {
    this.diagnostics.push({
      code,
      severity: 'error',
      message,
      primary: text ? { span, text } : { span },
      secondary: [],
    });
  }
}

/** Flags that no comparison is said of are alternatives, however they are joined. */
function flagsOf(expression: Expression): Expression {
  const flags = constantsOf(expression);
  return flags ? { kind: 'flags', flags } : expression;
}

function constantsOf(expression: Expression): readonly Constant[] | undefined {
  if (expression.kind === 'symbol' || expression.kind === 'number') return [expression];
  if (expression.kind !== 'binary' || expression.op !== '|') return undefined;
  const [left, right] = [constantsOf(expression.left), constantsOf(expression.right)];
  return left && right && [...left, ...right];
}

/** Flags in a list are alternatives of one value: `syn,ack` is `syn | ack`. */
function alternatives(expression: Expression): Expression {
  if (expression.kind !== 'flags') return expression;
  const [first, ...rest] = expression.flags;
  if (!first) return expression;
  return rest.reduce<Expression>((left, right) => ({ kind: 'binary', op: '|', left, right }), first);
}

function verdictOf({ verdict, chain }: VerdictNode): Verdict {
  return chain
    ? { kind: verdict.text as 'jump' | 'goto', chain: chain.text }
    : { kind: verdict.text as 'accept' | 'drop' | 'return' | 'continue' };
}

function rejectOf(kind: 'tcp reset' | 'icmp' | 'icmpv6' | 'icmpx', code = ''): Reject {
  return kind === 'tcp reset' ? { kind } : { kind, code };
}

function familyOf(word: WordNode | undefined): { family?: 'ip' | 'ip6' } {
  return word ? { family: word.text as 'ip' | 'ip6' } : {};
}

function spanOf(node: ExpressionNode | ElementNode['key']): Span {
  switch (node.kind) {
    case 'word':
    case 'string':
    case 'selector':
      return node.span;
    case 'concat':
      return node.parts[0] ? spanOf(node.parts[0]) : NOWHERE;
    case 'list':
      return node.items[0] ? spanOf(node.items[0]) : NOWHERE;
    case 'binary':
      return spanOf(node.left);
    case 'range':
      return node.first.span;
    case 'payload':
      return node.word.span;
    case 'setref':
      return node.name.span;
    default:
      return NOWHERE;
  }
}

const NOWHERE: Span = { source: { name: '', text: '' }, start: 0, end: 0 };
