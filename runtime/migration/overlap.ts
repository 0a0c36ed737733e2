import type { Ruleset } from '../../compiler';
import { rateName } from '../../compiler/meaning/tests';
import { type ProvenPlane, prove } from '../../compiler/prove';
import { statementText } from '../../compiler/targets/nft/notation';
import type { Statement, Table } from '../../dsl/ruleset/tree';
import type { OldTable } from './translate';

/** Past this many decisions nothing is known, and nothing passes while both are in force. */
const CAP = 300_000;

/**
 * Whether packets may meet the new rules and some of the old ones, one after the other, and fare as with the old ones alone:
 * in every state that a switch to nft and back goes through. A mark that is set is set again to no effect, one that is
 * flipped is flipped back.
 */
export function bearsOverlap(old: readonly OldTable[], fresh: Ruleset, planes: readonly ProvenPlane[]): boolean {
  const before = old.map(({ table }) => lasting(table));
  const after = fresh.tables.map(lasting);
  const twice = before.filter((table) => !translatesAlone(table));
  return twice.every((_, index) => {
    const still = twice.slice(0, index + 1);
    // What was registered last the kernel asks first, where priorities are equal.
    const proofs = prove({ tables: before }, { tables: [...after, ...still] }, planes, {
      ignore: new Set(['counter', 'set']),
      cap: CAP,
      most: 1,
    });
    return proofs.every(({ comparison }) => comparison.kind === 'equal');
  });
}

/** The kernel asks nobody else once a connection is translated, and what new and old leave alone is left alone. */
function translatesAlone({ chains }: Table): boolean {
  return chains.every(
    ({ base, rules }) =>
      (base?.type ?? 'nat') === 'nat' &&
      rules.every(({ statements }) => statements.every(({ kind }) => kind !== 'assign' && kind !== 'opaque')),
  );
}

/** A table without what is the same when it is done twice. */
function lasting(table: Table): Table {
  const chains = table.chains.map((chain) => ({
    ...chain,
    rules: chain.rules.map((rule) => ({ ...rule, statements: rule.statements.flatMap(lastingStatement) })),
  }));
  return { ...table, chains };
}

function lastingStatement(statement: Statement): Statement[] {
  switch (statement.kind) {
    case 'log':
    case 'counter':
    case 'notrack':
    case 'tproxy':
      return [];
    case 'object':
      return statement.object === 'counter' || statement.object === 'ct helper' ? [] : [asked(statement)];
    // Two limits let pass what both let pass: at most what one of them does.
    case 'limit':
      return [answer(`${statement.rate.over ? 'over ' : ''}${rateName(statement.rate)}`)];
    case 'quota':
    case 'connlimit':
      return [asked(statement)];
    case 'set-update':
      return statement.statements.length > 0 ? [asked(statement)] : [];
    case 'opaque':
      return [{ ...statement, stateful: false }];
    default:
      return [statement];
  }
}

/** Something that remembers being asked, taken to give both rulesets the same answer. */
function asked(statement: Statement): Statement {
  return answer(statementText(statement));
}

function answer(text: string): Statement {
  return { kind: 'opaque', role: 'match', text, stateful: false };
}
