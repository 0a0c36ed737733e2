import { assertNever } from '../core/brand';
import type { Element, Expression, MapReference, Statement, Verdict } from './tree';

/** Every expression of a statement, those inside of others after them. */
export function expressionsOf(statement: Statement): readonly Expression[] {
  return directExpressions(statement).flatMap(withInner);
}

function directExpressions(statement: Statement): readonly Expression[] {
  switch (statement.kind) {
    case 'match':
      return [statement.left, statement.right];
    case 'vmap':
      return [statement.key, ...keysOf(statement.map)];
    case 'object':
      return typeof statement.name === 'string' ? [] : [statement.name];
    case 'dnat':
    case 'snat':
    case 'masquerade':
    case 'redirect':
    case 'tproxy':
      return present(statement.address, statement.port);
    case 'assign':
      return [statement.target, statement.value];
    case 'set-update':
      return [statement.key, ...present(statement.data), ...statement.statements.flatMap(directExpressions)];
    case 'queue':
      return present(statement.first);
    case 'dup':
      return [statement.address, ...present(statement.device)];
    case 'fwd':
      return [statement.device];
    case 'verdict':
    case 'counter':
    case 'limit':
    case 'quota':
    case 'connlimit':
    case 'log':
    case 'reject':
    case 'notrack':
    case 'reset-option':
    case 'synproxy':
    case 'opaque':
      return [];
    case 'either':
      return statement.alternatives.flat().flatMap(directExpressions);
    default:
      return assertNever(statement);
  }
}

function withInner(expression: Expression): readonly Expression[] {
  return [expression, ...innerOf(expression).flatMap(withInner)];
}

function innerOf(expression: Expression): readonly Expression[] {
  switch (expression.kind) {
    case 'binary':
      return [expression.left, expression.right];
    case 'concat':
      return expression.parts;
    case 'map':
      return [expression.key, ...keysOf(expression.map)];
    case 'hash':
      return present(expression.of);
    case 'set':
      return elementKeys(expression.elements);
    default:
      return [];
  }
}

function keysOf(map: MapReference): readonly Expression[] {
  return map.kind === 'named' ? [] : elementKeys(map.elements);
}

function elementKeys(elements: readonly Element[]): readonly Expression[] {
  return elements.flatMap(({ key }) => (key === 'default' ? [] : [key]));
}

function present(...expressions: readonly (Expression | undefined)[]): readonly Expression[] {
  return expressions.filter((expression) => expression !== undefined);
}

const VERDICTS: ReadonlySet<string> = new Set<Verdict['kind']>([
  'accept',
  'drop',
  'return',
  'continue',
  'jump',
  'goto',
]);

/** Whether what a map has for a key says where to go on, and is no value. */
export function isVerdict(data: Expression | Verdict | undefined): data is Verdict {
  return data !== undefined && VERDICTS.has(data.kind);
}

/** The verdicts that are written in the statement itself: its own, or those of its map. */
export function verdictsOf(statement: Statement): readonly Verdict[] {
  if (statement.kind === 'verdict') return [statement.verdict];
  if (statement.kind !== 'vmap' || statement.map.kind !== 'anonymous') return [];
  return statement.map.elements.flatMap(({ data }) => (isVerdict(data) ? [data] : []));
}
