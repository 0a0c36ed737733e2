import { assertNever } from '../../../../dsl/core/brand';
import type { Diagnostic } from '../../../../dsl/core/diagnostic';
import { quoted } from '../../../../dsl/core/names';
import type { Origin } from '../../../../dsl/core/origin';
import type { Span } from '../../../../dsl/core/source';
import { type DataType, isBits } from '../../../../dsl/ruleset/data-type';
import type {
  Constant,
  Element,
  Expression,
  IpsecKey,
  MapReference,
  NamedSet,
  Nat,
  Reject,
  Rule,
  Statement,
  Verdict,
} from '../../../../dsl/ruleset/tree';
import { isConstant, misfit } from '../../../../dsl/ruleset/value';
import type {
  ElementNode,
  ExpressionNode,
  MapNode,
  StatementNode,
  VerdictNode,
  WordNode,
} from '../../../../grammar/rules/nodes';
import { endpointOf } from './endpoint';
import { alternatives, flagsOf } from './flags';
import { logOf } from './log';
import { Quantities } from './quantities';
import { Reports } from './reports';
import { spanOf } from './spans';
import { typesOf, wordValue } from './value';

type Types = readonly (DataType | undefined)[];
type SetUpdate = Extract<Statement, { kind: 'set-update' }>;

/** Turns the syntax of rules and elements into nodes of the tree; what the tree has no node for is reported. */
export class RuleReader {
  readonly quantities: Quantities;
  private readonly reports: Reports;

  constructor(
    diagnostics: Diagnostic[],
    /** Whether what has no node of its own may stand as it is: it is compared with others, and never printed. */
    private readonly anyone: boolean,
  ) {
    this.reports = new Reports(diagnostics);
    this.quantities = new Quantities(this.reports);
  }

  /** What the flowtables of the table say, by name. */
  readonly flowtables = new Map<string, string>();

  private readonly meters: NamedSet[] = [];

  /** The sets that `meter` makes, in the table of its rule. */
  takeMeters(): NamedSet[] {
    return this.meters.splice(0);
  }

  rule(nodes: readonly StatementNode[], span: Span): Rule {
    const [comment, second] = nodes.filter((node) => node.kind === 'comment');
    if (second) this.reports.report('TN1101', 'a rule has one comment', second.text.span);
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
          element = { ...element, timeoutMs: this.quantities.duration(option.value) };
          break;
        case 'expires':
          element = { ...element, expiresMs: this.quantities.duration(option.value) };
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
          ? {
              kind: 'counter',
              packets: this.quantities.integer(node.packets),
              bytes: this.quantities.integer(node.bytes),
            }
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
        return { kind: 'limit', rate: this.quantities.rate(node) };
      case 'quota':
        return { kind: 'quota', quota: this.quantities.quota(node) };
      case 'connlimit':
        return { kind: 'connlimit', over: node.over, count: Number(this.quantities.integer(node.count)) };
      case 'log':
        return logOf(node, this.quantities, this.reports);
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
        return { kind: 'tproxy', ...familyOf(node.family), ...endpointOf(node.target, this.reports) };
      case 'dup':
        return {
          kind: 'dup',
          address: this.expression(node.address),
          ...(node.device ? { device: this.expression(node.device, ['iface_index']) } : {}),
        };
      case 'fwd':
        return { kind: 'fwd', device: this.expression(node.device, ['iface_index']) };
      case 'flow':
        if (!this.anyone) this.reports.refuse(node.span, '`flow`');
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
          spnum: node.spnum ? Number(this.quantities.integer(node.spnum)) : 0,
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
          modulus: Number(this.quantities.integer(node.modulus)),
          offset: node.offset ? Number(this.quantities.integer(node.offset)) : 0,
        };
      case 'hash':
        return {
          kind: 'hash',
          function: node.function,
          ...(node.of ? { of: this.expression(node.of) } : {}),
          modulus: Number(this.quantities.integer(node.modulus)),
          ...(node.seed ? { seed: Number(this.quantities.integer(node.seed)) } : {}),
          offset: node.offset ? Number(this.quantities.integer(node.offset)) : 0,
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

  private value(word: WordNode, type: DataType | undefined): Expression {
    const value = wordValue(word, type);
    const wrong = type && misfit(value, type);
    if (wrong) this.reports.report('TN1103', `${quoted(word.text)} does not fit here`, word.span, wrong);
    return value;
  }

  private constant(node: ExpressionNode, type: DataType | undefined): Constant {
    const value = this.expression(node, [type]);
    if (isConstant(value)) return value;
    const message = `a list has single values, and this is a ${value.kind}`;
    this.reports.report('TN1103', message, spanOf(node), 'use a set in braces');
    return { kind: 'symbol', name: '' };
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
      this.reports.report('TN1103', 'expected a verdict', spanOf(node));
      return { kind: 'continue' };
    }
    if (node.kind !== 'verdict') return this.expression(node, types);
    this.reports.report('TN1103', 'expected a value, not a verdict', node.verdict.span);
    return { kind: 'symbol', name: node.verdict.text };
  }

  private nat(node: Extract<StatementNode, { kind: 'nat' }>): Nat {
    const { target, port } = node;
    const written =
      target?.kind === 'word' ? endpointOf(target, this.reports) : target ? { address: this.expression(target) } : {};
    return {
      kind: node.nat,
      ...familyOf(node.family),
      ...written,
      ...(port ? { port: this.expression(port) } : {}),
      flags: node.flags.map(({ text }) => text as Nat['flags'][number]),
      ...(node.prefix ? { prefix: true } : {}),
    };
  }

  private update(op: SetUpdate['op'], set: string, { key, options, data }: ElementNode): SetUpdate {
    const timeout = options.find((option) => option.kind === 'timeout');
    for (const option of options)
      if (option.kind === 'expires' || option.kind === 'comment')
        this.reports.refuse(option.value.span, `${quoted(option.kind)} of an element that a rule adds`);
    const statements = options.flatMap((option) =>
      option.kind === 'statement' ? [this.statement(option.statement)] : [],
    );
    return {
      kind: 'set-update',
      op,
      set,
      key: this.expression(key),
      statements,
      ...(timeout?.kind === 'timeout' ? { timeoutMs: this.quantities.duration(timeout.value) } : {}),
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
      ...(size ? { size: Number(this.quantities.integer(size)) } : {}),
      elements: [],
      origin: { kind: 'source', span },
    };
  }

  private synproxy({ options }: Extract<StatementNode, { kind: 'synproxy' }>): Statement {
    const value = (name: string) => {
      const found = options.find((option) => option.name.text === name)?.value;
      return found ? { [name]: Number(this.quantities.integer(found)) } : {};
    };
    const flags = options.flatMap(({ name }) =>
      name.text === 'timestamp' || name.text === 'sack-perm' ? [name.text] : [],
    );
    return { kind: 'synproxy', ...value('mss'), ...value('wscale'), flags: flags as ('timestamp' | 'sack-perm')[] };
  }
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
