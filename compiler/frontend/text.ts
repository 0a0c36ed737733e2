import { assertNever } from '../../dsl/core/brand';
import type { Diagnostic } from '../../dsl/core/diagnostic';
import type { Source, Span } from '../../dsl/core/source';
import type { ServiceNode, StatementNode, Word } from '../../grammar/nodes';
import { parseAgain, parseEach, type Statement } from '../../grammar/parse';
import { type Located, Marks } from './marks';
import { OnceOnly } from './once-only';

/** A document in the making: the schema's lists, filled by statements in any order. */
export type Draft = Record<'defines' | 'networks' | 'containers' | 'policies' | 'expectations' | 'tables', unknown[]>;

/** A list of each kind that a document has, with nothing in it. */
export function emptyLists<Item>(): Record<keyof Draft, Item[]> {
  return { defines: [], networks: [], containers: [], policies: [], expectations: [], tables: [] };
}

type Fields = Record<string, unknown>;

/** Reads a text of the language into the draft. What its words mean is for the schema; here they only find their place. */
export function readText(source: Source, draft: Draft, marks: Marks): readonly Diagnostic[] {
  return readEach(
    source,
    ({ list, item, span }, { flawed }) => {
      marks.mark(draft[list], draft[list].length, span);
      if (flawed && typeof item !== 'string') marks.flaw(item);
      draft[list].push(item);
    },
    (parent, key, span) => marks.mark(parent, key, span),
  );
}

/** Reads it item by item, with the place of their parts where somebody asks for them. */
export function readEach(
  source: Source,
  take: (read: ReadItem, statement: Statement) => void,
  mark: Mark = unmarked,
): readonly Diagnostic[] {
  const diagnostics: Diagnostic[] = [];
  const reader = new TextReader(diagnostics, mark);
  const wrong = parseEach(source, (statement) => {
    const read = reader.item(statement);
    if (read) take(read, statement);
  });
  return [...wrong, ...diagnostics];
}

/** Reads the statement again that begins where one did that was read without the place of its parts. */
export function locateParts({ source, start }: Span): Located {
  const marks = new Marks();
  const reader = new TextReader([], (parent, key, span) => marks.mark(parent, key, span));
  const statement = parseAgain(source, start);
  const read = statement && reader.item(statement);
  if (!read) throw new Error(`no statement begins at ${start} of ${source.name}`);
  return { item: read.item, span: read.span, marks };
}

/** Takes where `parent[key]` stands. */
type Mark = (parent: object, key: string | number, span: Span) => void;

const unmarked: Mark = () => {};

/** What a statement of a file says, the list that it is for, and the span that stands for all of it. */
export interface ReadItem {
  readonly list: keyof Draft;
  readonly item: Fields | string;
  readonly span: Span;
}

class TextReader {
  constructor(
    private readonly diagnostics: Diagnostic[],
    private readonly mark: Mark,
  ) {}

  item({ node, span, body, rules }: Statement): ReadItem | undefined {
    switch (node.kind) {
      case 'define':
        return { list: 'defines', item: this.entity(node.name, { prefixes: this.words(node.members) }), span };
      case 'network':
        return { list: 'networks', item: this.network(node.name, body), span: node.name.span };
      case 'container':
        return { list: 'containers', item: this.container(node.name, body), span: node.name.span };
      case 'table':
        return rules && { list: 'tables', item: rules.source.text.slice(rules.start, rules.end), span: rules };
      case 'policy':
        return { list: 'policies', item: this.traffic(node, { action: node.action }), span };
      case 'expect':
        return { list: 'expectations', item: this.expectation(node, span), span };
      default:
        throw new Error(`not a statement of a file: ${node.kind}`);
    }
  }

  private network(name: Word, body: readonly Statement[]): Fields {
    const network = this.entity(name, { subnets: [] });
    const once = new OnceOnly(this.diagnostics);
    for (const { node, span } of body) {
      switch (node.kind) {
        case 'flag':
          if (once.accepts('internal', 'true', span)) this.set(network, 'internal', true, span);
          break;
        case 'nat': {
          const written = [node.mode, ...node.addresses].map(({ text }) => text).join(' ');
          if (!once.accepts('nat', written, span)) break;
          this.set(
            network,
            'nat',
            node.mode.text === 'snat' ? { snat: this.words(node.addresses) } : node.mode.text,
            span,
          );
          break;
        }
        case 'values':
          this.extend(
            network,
            node.keyword.text === 'publish-address' ? 'publishAddresses' : 'trustedInterfaces',
            node.values,
          );
          break;
        case 'value':
          this.networkValue(network, node.keyword.text, node.value, span, once);
          break;
        default:
          throw new Error(`not a statement of a network: ${node.kind}`);
      }
    }
    return network;
  }

  private networkValue(network: Fields, keyword: string, value: Word, span: Span, once: OnceOnly): void {
    switch (keyword) {
      case 'subnet':
        this.extend(network, 'subnets', [value]);
        break;
      case 'gateway':
        this.extend(network, 'gateways', [value]);
        break;
      case 'icc':
        if (once.accepts(keyword, value.text, span)) this.set(network, 'icc', value.text === 'on', value.span);
        break;
      case 'mtu':
        if (once.accepts(keyword, value.text, span))
          this.set(network, 'mtu', /^\d{1,9}$/.test(value.text) ? Number(value.text) : value.text, value.span);
        break;
      default:
        if (once.accepts(keyword, value.text, span)) this.set(network, keyword, value.text, value.span);
    }
  }

  private container(name: Word, body: readonly Statement[]): Fields {
    const container = this.entity(name, {});
    const once = new OnceOnly(this.diagnostics);
    let attachments: unknown[] | undefined;
    for (const { node, span, body: inner } of body) {
      switch (node.kind) {
        case 'join':
          if (once.accepts('network', `container ${node.container.text}`, span))
            this.set(container, 'networks', this.fields({ container: node.container }), span);
          break;
        case 'value':
          if (node.keyword.text === 'hostname') {
            if (once.accepts('hostname', node.value.text, span))
              this.set(container, 'hostname', node.value.text, node.value.span);
          } else if (node.value.text === 'none' || node.value.text === 'host') {
            if (once.accepts('network', node.value.text, span)) this.set(container, 'networks', node.value.text, span);
          } else if (attachments || once.accepts('network', 'networks', span))
            attachments = this.append(attachments, this.attachment(node.value, inner), span);
          break;
        case 'values':
          this.extend(
            container,
            { dns: 'dns', 'dns-search': 'dnsSearch', expose: 'expose' }[node.keyword.text] ?? '',
            node.values,
          );
          break;
        case 'host':
          this.add(container, 'hosts', this.fields({ name: node.name, address: node.address }), span);
          break;
        case 'publish':
          this.publish(container, node, span);
          break;
        case 'link':
          this.add(
            container,
            'links',
            this.fields({ target: node.target, ...(node.alias ? { alias: node.alias } : {}) }),
            span,
          );
          break;
        default:
          throw new Error(`not a statement of a container: ${node.kind}`);
      }
    }
    if (attachments) this.set(container, 'networks', attachments, name.span);
    return container;
  }

  private publish(
    container: Fields,
    { spec, from, limit }: Extract<StatementNode, { kind: 'publish' }>,
    span: Span,
  ): void {
    if (from.length === 0 && !limit) {
      this.add(container, 'publish', spec.text, spec.span);
      return;
    }
    const publish = this.fields({ spec, ...(limit ? { limit } : {}) });
    if (from.length > 0) publish.from = this.words(from);
    this.add(container, 'publish', publish, span);
  }

  private attachment(network: Word, body: readonly Statement[]): Fields {
    const attachment = this.fields({ network });
    const once = new OnceOnly(this.diagnostics);
    for (const { node, span } of body) {
      if (node.kind === 'values') this.extend(attachment, 'aliases', node.values);
      else if (node.kind !== 'value') throw new Error(`not a statement of an attachment: ${node.kind}`);
      else if (node.keyword.text !== 'mac')
        this.extend(attachment, node.keyword.text === 'address' ? 'addresses' : 'gateways', [node.value]);
      else if (once.accepts('mac', node.value.text, span))
        this.set(attachment, 'mac', node.value.text, node.value.span);
    }
    return attachment;
  }

  private expectation(node: Extract<StatementNode, { kind: 'expect' }>, span: Span): Fields {
    const expectation = this.traffic(node);
    this.set(expectation, 'outcome', this.outcome(node.outcome), span);
    return expectation;
  }

  private traffic(
    { from, to, service }: { from: Word; to: Word; service?: ServiceNode },
    first: Readonly<Record<string, Word>> = {},
  ): Fields {
    const traffic = this.fields({ ...first, from, to, ...(service ? { protocol: service.protocol } : {}) });
    if (service && service.ports.length > 0) traffic.ports = this.words(service.ports);
    return traffic;
  }

  private outcome(outcome: Extract<StatementNode, { kind: 'expect' }>['outcome']): unknown {
    switch (outcome.kind) {
      case 'allowed':
      case 'denied':
        return outcome.kind;
      case 'reaches': {
        const { container, protocol, port } = outcome;
        return this.fields({ reaches: container, ...(protocol ? { protocol } : {}), ...(port ? { port } : {}) });
      }
      default:
        return assertNever(outcome);
    }
  }

  private entity(name: Word, fields: Fields): Fields {
    const entity = { name: name.text, ...fields };
    this.mark(entity, 'name', name.span);
    return entity;
  }

  private fields(words: Readonly<Record<string, Word>>): Fields {
    const fields: Fields = {};
    for (const key in words) {
      const word = words[key];
      if (word) this.set(fields, key, word.text, word.span);
    }
    return fields;
  }

  private words(words: readonly Word[]): string[] {
    const list = words.map(({ text }) => text);
    for (const [index, { span }] of words.entries()) this.mark(list, index, span);
    return list;
  }

  private extend(fields: Fields, key: string, words: readonly Word[]): void {
    for (const { text, span } of words) this.add(fields, key, text, span);
  }

  private add(fields: Fields, key: string, value: unknown, span: Span): void {
    const known = fields[key];
    fields[key] = this.append(Array.isArray(known) ? known : undefined, value, span);
  }

  /** One more member of a list, which the first makes: most have no second, and an empty list that grows is large. */
  private append(list: unknown[] | undefined, value: unknown, span: Span): unknown[] {
    const longer = list ?? [value];
    if (list) list.push(value);
    this.mark(longer, longer.length - 1, span);
    return longer;
  }

  private set(fields: Fields, key: string, value: unknown, span: Span): void {
    fields[key] = value;
    this.mark(fields, key, span);
  }
}
