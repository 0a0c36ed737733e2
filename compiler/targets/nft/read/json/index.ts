import type { Diagnostic, Outcome } from '../../../../../dsl/core/diagnostic';
import { failure, success } from '../../../../../dsl/core/diagnostic';
import type { Source } from '../../../../../dsl/core/source';
import { elementText, expressionText, limitText, quotingOf, quotingOfTypes } from './expression';
import { isList, isObject, type Json, type JsonObject, listOf, Outside, objectIn, quotedIn, wordIn } from './outside';
import { statementText } from './statement';

/**
 * What `nft --json list ruleset` prints, as `nft list ruleset` would print it, so that there is one reader for both. A
 * source that is something else gives undefined.
 */
export function listingText(source: Source): Outcome<Source> | undefined {
  const items = itemsOf(source.text);
  if (!items) return undefined;
  const tables = new Map<string, Draft>();
  const updated = new Set(source.text.match(/(?<="(set|map)":\s*")@[^"]+/g));
  const diagnostics: Diagnostic[] = [];
  for (const item of items) {
    const [kind, body] = isObject(item) ? (Object.entries(item)[0] ?? ['', null]) : ['', null];
    if (kind === 'metainfo') continue;
    try {
      add(tables, kind, { ...objectIn(body, kind), ...(isUpdated(body, updated) ? { dynamic: true } : {}) });
    } catch (error) {
      if (!(error instanceof Outside)) throw error;
      diagnostics.push(outside(source, kind, body, error));
    }
  }
  if (diagnostics.length > 0) return failure(diagnostics);
  return success({ name: source.name, text: [...tables.values()].map(tableText).join('\n') });
}

function itemsOf(text: string): readonly Json[] | undefined {
  if (!/^\s*\{\s*"nftables"\s*:/.test(text)) return undefined;
  try {
    const listing = JSON.parse(text) as Json;
    return isObject(listing) && isList(listing.nftables) ? listing.nftables : undefined;
  } catch {
    return undefined;
  }
}

/** nft leaves the flag `dynamic` out of its JSON: a set that rules add to has it. */
function isUpdated(body: Json, updated: ReadonlySet<string>): boolean {
  return isObject(body) && typeof body.name === 'string' && updated.has(`@${body.name}`);
}

/** A table's blocks; rules follow their chains in the listing. */
interface Draft {
  readonly head: string;
  readonly attributes: readonly string[];
  readonly blocks: string[][];
  readonly chains: Map<string, string[]>;
}

function add(tables: Map<string, Draft>, kind: string, body: JsonObject): void {
  const place = (name: Json | undefined) => `${wordIn(body.family, 'the family')} ${wordIn(name, 'the table')}`;
  if (kind === 'table') {
    const flags = listOf(body.flags).map((flag) => wordIn(flag, 'the flag'));
    const attributes = [...(flags.length > 0 ? [`flags ${flags.join(',')}`] : []), ...commentOf(body)];
    tables.set(place(body.name), { head: `table ${place(body.name)}`, attributes, blocks: [], chains: new Map() });
    return;
  }
  const table = tables.get(place(body.table));
  if (!table) throw new Outside(`the table ${place(body.table)}, which is not in the listing,`);
  if (kind === 'rule') {
    const rules = table.chains.get(wordIn(body.chain, 'the chain'));
    if (!rules) throw new Outside(`the chain ${wordIn(body.chain, 'the chain')}, which is not in the listing,`);
    rules.push([...listOf(body.expr).map(statementText), ...commentOf(body)].join(' '));
    return;
  }
  const name = wordIn(body.name, 'the name');
  const block = [`${kind} ${name}`, ...linesOf(kind, body), ...commentOf(body)];
  table.blocks.push(block);
  if (kind === 'chain') table.chains.set(name, block);
}

function linesOf(kind: string, body: JsonObject): readonly string[] {
  switch (kind) {
    case 'chain':
      return chainLines(body);
    case 'set':
    case 'map':
      return setLines(kind, body);
    case 'counter':
      return [`packets ${wordIn(body.packets ?? 0, 'packets')} bytes ${wordIn(body.bytes ?? 0, 'bytes')}`];
    case 'flowtable': {
      const { hook, prio, dev } = body;
      const devices = listOf(dev).map((one) => quotedIn(one, 'the device'));
      return [
        `hook ${wordIn(hook, 'the hook')} priority ${wordIn(prio, 'the priority')}`,
        ...(devices.length > 0 ? [`devices = { ${devices.join(', ')} }`] : []),
      ];
    }
    case 'limit':
      return [limitText(body).replace(/^limit /, '')];
    case 'quota':
      return [
        `${body.inv === true ? 'over ' : ''}${wordIn(body.bytes, 'the quota')} bytes used ${wordIn(body.used ?? 0, 'the quota')} bytes`,
      ];
    case 'ct helper':
      return [
        `type ${quotedIn(body.type, 'the helper')} protocol ${wordIn(body.protocol, 'the protocol')}`,
        ...(body.l3proto === undefined ? [] : [`l3proto ${wordIn(body.l3proto, 'the family')}`]),
      ];
    default:
      throw new Outside(`\`${kind}\``);
  }
}

function chainLines({ type, hook, prio, policy = 'accept', dev }: JsonObject): readonly string[] {
  if (type === undefined) return [];
  const names = listOf(dev).map((one) => quotedIn(one, 'the device'));
  const [only, second] = names;
  const devices =
    only === undefined ? '' : second === undefined ? ` device ${only}` : ` devices = { ${names.join(', ')} }`;
  return [
    `type ${wordIn(type, 'the type')} hook ${wordIn(hook, 'the hook')}${devices} priority ${wordIn(prio, 'the priority')}; policy ${wordIn(policy, 'the policy')}`,
  ];
}

function setLines(kind: 'set' | 'map', body: JsonObject): readonly string[] {
  const { type, map, flags, timeout, 'gc-interval': interval, size, policy, elem, stmt } = body;
  const key = isObject(type) ? type.typeof : undefined;
  const keys = key === undefined ? listOf(type).map((one) => wordIn(one, 'the type')) : [];
  // What a map leads to is one text, its parts joined with dots; to nft 1.1 a list.
  const data = listOf(map)
    .flatMap((one) => (typeof one === 'string' ? one.split(' . ') : []))
    .map((one) => words(one));
  if (kind === 'map' && data.length === 0) throw new Outside('a map to that');
  const marks = new Set(listOf(flags).map((flag) => wordIn(flag, 'the flag')));
  if (body.dynamic === true) marks.add('dynamic');
  const quoting = key === undefined ? quotingOfTypes(keys) : quotingOf(key);
  const elements = listOf(elem).map((one) => elementText(one, quoting, quotingOfTypes(data)));
  return [
    `${key === undefined ? `type ${keys.join(' . ')}` : `typeof ${expressionText(key)}`}${data.length > 0 ? ` : ${data.join(' . ')}` : ''}`,
    ...(marks.size > 0 ? [`flags ${[...marks].join(',')}`] : []),
    ...(timeout === undefined ? [] : [`timeout ${wordIn(timeout, 'the timeout')}s`]),
    ...(interval === undefined ? [] : [`gc-interval ${wordIn(interval, 'the interval')}s`]),
    ...(size === undefined ? [] : [`size ${wordIn(size, 'the size')}`]),
    ...(policy === undefined ? [] : [`policy ${wordIn(policy, 'the policy')}`]),
    ...(body['auto-merge'] === true ? ['auto-merge'] : []),
    ...listOf(stmt).map(statementText),
    ...(elements.length > 0 ? [`elements = { ${elements.join(', ')} }`] : []),
  ];
}

function words(text: string): string {
  return text
    .split(' ')
    .map((word) => wordIn(word, 'the type'))
    .join(' ');
}

function commentOf({ comment }: JsonObject): readonly string[] {
  return comment === undefined ? [] : [`comment ${quotedIn(comment, 'the comment')}`];
}

function tableText({ head, attributes, blocks }: Draft): string {
  const inner = blocks.map(
    ([first, ...lines]) => `\t${first} {\n${lines.map((line) => `\t\t${line}\n`).join('')}\t}\n`,
  );
  return `${head} {\n${attributes.map((line) => `\t${line}\n`).join('')}${inner.join('\n')}}\n`;
}

function outside({ name }: Source, kind: string, body: Json, { what }: Outside): Diagnostic {
  const { family, table, chain, name: own, handle } = isObject(body) ? body : {};
  const place = [kind, family, table, chain, own].filter((part) => typeof part === 'string').join(' ');
  const which = typeof handle === 'number' ? `${place} (handle ${handle})` : place;
  return {
    code: 'TN1102',
    severity: 'error',
    message: `${name}: ${which}: ${what} is outside of what tsnet reads`,
    secondary: [],
  };
}
