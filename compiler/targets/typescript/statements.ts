import { assertNever } from '../../../dsl/core/brand';
import type { DataType } from '../../../dsl/ruleset/data-type';
import { FIELDS } from '../../../dsl/ruleset/fields';
import type { Expression, Log, Nat, Quota, RateLimit, Statement } from '../../../dsl/ruleset/tree';
import { constantText } from '../nft/notation';
import { type Code, call, type Imports, list, object, quoted } from './code';
import { lookUpCode, matchCode, vmapCode } from './matches';
import { keyOf, operandCode } from './operands';
import { valueCode } from './values';
import { verdictCode } from './verdicts';

/** A statement of a rule; undefined for one that the typed rules have no word for. */
export function statementCode(statement: Statement, imports: Imports): Code {
  const make = (name: string, ...args: readonly Code[]) => call(imports.use(name), ...args);
  switch (statement.kind) {
    case 'match':
      return matchCode(statement, imports);
    case 'verdict':
      return verdictCode(statement.verdict, imports);
    case 'vmap':
      return vmapCode(statement, imports);
    case 'counter':
      return statement.packets === undefined ? imports.use('counter') : undefined;
    case 'object':
      return typeof statement.name === 'string'
        ? `t.${statement.object === 'ct helper' ? 'helper' : statement.object}(${quoted(statement.name)})`
        : undefined;
    case 'limit':
      return make('limit', ...rateArguments(statement.rate));
    case 'quota':
      return call(imports.use('quota'), ...quotaArguments(statement.quota));
    case 'connlimit':
      return make('connections', String(statement.count), ...(statement.over ? ['{ over: true }'] : []));
    case 'log':
      return make('log', ...logArguments(statement));
    case 'reject':
      return rejectCode(statement, imports);
    case 'dnat':
    case 'snat':
    case 'masquerade':
    case 'redirect':
      return natCode(statement, imports);
    case 'notrack':
      return imports.use('notrack');
    case 'assign':
      return assignCode(statement, imports);
    case 'set-update':
      return updateCode(statement, imports);
    case 'queue': {
      const flags = statement.flags.length === 0 ? [] : [object({ flags: list(statement.flags.map(quoted)) })];
      return statement.first && make('queue', valueCode('integer', statement.first), ...flags);
    }
    case 'tproxy':
      return tproxyCode(statement, imports);
    case 'dup': {
      const { address, device } = statement;
      return make('dup', addressCode(address), ...(device ? [valueCode('iface_index', device)] : []));
    }
    case 'reset-option':
      return make('resetOption', quoted(statement.option));
    case 'synproxy': {
      const { mss, wscale, flags } = statement;
      const options = object({
        mss: mss === undefined ? undefined : String(mss),
        wscale: wscale === undefined ? undefined : String(wscale),
        flags: flags.length === 0 ? undefined : list(flags.map(quoted)),
      });
      return make('synproxy', ...(options === '{}' ? [] : [options]));
    }
    case 'fwd':
    case 'either':
    case 'opaque':
      return undefined;
    default:
      return assertNever(statement);
  }
}

/** The arguments of `limit`, of a rule or of a table. */
export function rateArguments({ count, unit, per, over, burst }: RateLimit): Code[] {
  const options = object({
    over: over ? 'true' : undefined,
    burst: burst === undefined ? undefined : String(burst),
  });
  return [quoted(`${count}${unit === 'bytes' ? ' bytes' : ''}/${per}`), ...(options === '{}' ? [] : [options])];
}

export function quotaArguments({ bytes, over, used }: Quota): Code[] {
  const sayable = used === undefined && bytes <= BigInt(Number.MAX_SAFE_INTEGER);
  return [sayable ? String(bytes) : undefined, ...(over ? ['{ over: true }'] : [])];
}

function logArguments({ prefix, level, group, snaplen, queueThreshold, flags }: Log): Code[] {
  const number = (value: number | undefined) => (value === undefined ? undefined : String(value));
  const options = object({
    prefix: prefix === undefined ? undefined : quoted(prefix),
    level: level && quoted(level),
    group: number(group),
    snaplen: number(snaplen),
    queueThreshold: number(queueThreshold),
    flags: flags.length === 0 ? undefined : list(flags.map(quoted)),
  });
  return options === '{}' ? [] : [options];
}

const REJECTS = new Set([
  ...['port', 'net', 'host', 'prot'].map((what) => `icmp ${what}-unreachable`),
  ...['net', 'host', 'admin'].map((what) => `icmp ${what}-prohibited`),
  ...['port-unreachable', 'no-route', 'admin-prohibited', 'addr-unreachable', 'policy-fail', 'reject-route'].map(
    (code) => `icmpv6 ${code}`,
  ),
  ...['port-unreachable', 'no-route', 'host-unreachable', 'admin-prohibited'].map((code) => `icmpx ${code}`),
  'tcp reset',
]);

function rejectCode({ with: how }: Extract<Statement, { kind: 'reject' }>, imports: Imports): Code {
  if (!how) return call(imports.use('reject'));
  const text = how.kind === 'tcp reset' ? how.kind : `${how.kind} ${how.code}`;
  return REJECTS.has(text) ? call(imports.use('reject'), quoted(text)) : undefined;
}

function natCode({ kind, address, port, flags, prefix }: Nat, imports: Imports): Code {
  const portText = port && portCode(port, imports);
  if (port && portText === undefined) return undefined;
  const options = object({
    port: portText,
    flags: flags.length === 0 ? undefined : list(flags.map(quoted)),
    prefix: prefix ? 'true' : undefined,
  });
  const more = options === '{}' ? [] : [options];
  const to = address && natAddressCode(address, imports);
  if (address) return kind === 'dnat' || kind === 'snat' ? call(imports.use(kind), to, ...more) : undefined;
  return call(imports.use(kind), ...more);
}

function natAddressCode(address: Expression, imports: Imports): Code {
  if (address.kind !== 'map') return addressCode(address);
  const first = address.map.kind === 'anonymous' ? address.map.elements[0]?.data : undefined;
  const data = first && !('chain' in first) ? natKey(first as Expression) : undefined;
  if (address.map.kind === 'named') return lookUpCode(address, 'ipv4_addr', imports);
  return data && lookUpCode(address, data, imports);
}

function natKey(data: Expression): DataType | readonly [DataType, DataType] | undefined {
  const single = data.kind === 'prefix' ? data.address : data;
  if (single.kind === 'ipv4') return 'ipv4_addr';
  if (single.kind === 'ipv6') return 'ipv6_addr';
  if (data.kind !== 'concat' || data.parts.length !== 2) return undefined;
  const [address] = data.parts;
  if (address?.kind === 'ipv4') return ['ipv4_addr', 'inet_service'];
  return address?.kind === 'ipv6' ? ['ipv6_addr', 'inet_service'] : undefined;
}

function addressCode(address: Expression): Code {
  const first = address.kind === 'range' ? address.first : address.kind === 'prefix' ? address.address : address;
  if (first.kind !== 'ipv4' && first.kind !== 'ipv6') return undefined;
  return valueCode(first.kind === 'ipv4' ? 'ipv4_addr' : 'ipv6_addr', address);
}

function portCode(port: Expression, imports: Imports): Code {
  return port.kind === 'map' ? lookUpCode(port, 'inet_service', imports) : valueCode('inet_service', port);
}

function assignCode({ target, value }: Extract<Statement, { kind: 'assign' }>, imports: Imports): Code {
  const type = keyOf(target);
  const operand = operandCode(target, imports);
  if (typeof type !== 'string' || operand === undefined || !isWritable(target)) return undefined;
  if (value.kind === 'map') return call(`${operand}.set`, lookUpCode(value, type, imports));
  const given = valueCode(type, value) ?? (keyOf(value) === type ? operandCode(value, imports) : undefined);
  return call(`${operand}.set`, given);
}

const WRITABLE = new Set(['meta mark', 'meta priority', 'meta nftrace', 'meta pkttype']);

function isWritable(target: Expression): boolean {
  switch (target.kind) {
    case 'field':
      return WRITABLE.has(target.field) || (FIELDS[target.field].needs !== undefined && !READ_ONLY.test(target.field));
    case 'ct':
      return target.direction === undefined ? ['mark', 'zone', 'label'].includes(target.key) : target.key === 'zone';
    case 'option':
      return true;
    default:
      return false;
  }
}

const READ_ONLY = /^(hbh|dst|frag|rt|mh) /;

const UPDATES = { add: 'addTo', update: 'updateIn', delete: 'removeFrom' } as const;

function updateCode(statement: Extract<Statement, { kind: 'set-update' }>, imports: Imports): Code {
  const { op, set, key, timeoutMs, statements, data } = statement;
  if (data) return undefined;
  const kept = list(statements.map((one) => statementCode(one, imports)));
  if (kept === undefined) return undefined;
  const options = object({
    timeoutMs: timeoutMs === undefined ? undefined : String(timeoutMs),
    statements: statements.length === 0 ? undefined : kept,
  });
  if (op === 'delete' && options !== '{}') return undefined;
  const name = imports.use(UPDATES[op]);
  return call(name, `t.set(${quoted(set)})`, operandCode(key, imports), ...(options === '{}' ? [] : [options]));
}

function tproxyCode(statement: Extract<Statement, { kind: 'tproxy' }>, imports: Imports): Code {
  const { family, address, port } = statement;
  if (address && address.kind !== 'ipv4' && address.kind !== 'ipv6') return undefined;
  const portText = port && valueCode('inet_service', port);
  if (port && portText === undefined) return undefined;
  const options = object({
    family: family && quoted(family),
    address: address && quoted(constantText(address)),
    port: portText,
  });
  return call(imports.use('tproxy'), options);
}
