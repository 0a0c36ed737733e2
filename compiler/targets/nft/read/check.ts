import type { Diagnostic } from '../../../../dsl/core/diagnostic';
import type { Origin } from '../../../../dsl/core/origin';
import { closest } from '../../../../dsl/core/suggest';
import type { DataType } from '../../../../dsl/ruleset/data-type';
import { FIELDS } from '../../../../dsl/ruleset/fields';
import { canHave, hooksOf, placesOf } from '../../../../dsl/ruleset/places';
import type { Chain, Element, Expression, NamedSet, Statement, Table, Verdict } from '../../../../dsl/ruleset/tree';
import { typeOf } from '../../../../dsl/ruleset/type-of';
import { expressionsOf, isVerdict, verdictsOf as ownVerdicts } from '../../../../dsl/ruleset/walk';
import { NFT_NAME, RESERVED_WORDS } from '../words';
import { checkObjects } from './check-objects';
import { checkRules } from './check-rules';
import { furthest, inCircles } from './circles';
import { didYouMean, errorAt } from './error-at';

/** What the kernel, or a later run of nft, would refuse and `nft --check` lets pass. */
export function checkTable(table: Table): Diagnostic[] {
  return [
    ...checkNames(table),
    ...checkReferences(table),
    ...checkObjects(table),
    ...checkRules(table),
    ...checkBases(table),
    ...checkHeaders(table),
    ...checkPlaces(table),
    ...checkCircles(table),
    ...checkDepth(table),
  ];
}

function checkNames({ name, chains, sets, objects, origin }: Table): Diagnostic[] {
  const seen = new Map<string, Origin>();
  const named = [
    ...chains.map((one) => ({ ...one, space: 'chain' })),
    ...sets.map((one) => ({ ...one, space: 'set' })),
    ...objects.map((one) => ({ ...one, space: one.kind })),
  ];
  return [{ name, space: 'table', origin }, ...named].flatMap((one): Diagnostic[] => {
    const key = `${one.space} ${one.name}`;
    const first = seen.get(key);
    seen.set(key, one.origin);
    if (first)
      return [errorAt('TN3105', `the table has a ${one.space} \`${one.name}\` already`, one.origin, { other: first })];
    if (RESERVED_WORDS.has(one.name))
      return [errorAt('TN3106', `\`${one.name}\` is a word of nft's and cannot name a ${one.space}`, one.origin)];
    if (!NFT_NAME.test(one.name)) return [errorAt('TN3106', `\`${one.name}\` cannot name a ${one.space}`, one.origin)];
    return [];
  });
}

function checkReferences({ chains, sets }: Table): Diagnostic[] {
  const chainsByName = new Map(chains.map((chain) => [chain.name, chain]));
  const setsByName = new Map(sets.map((set) => [set.name, set]));
  const leadsNowhere = (verdict: Verdict, origin: Origin): Diagnostic[] => {
    if (!('chain' in verdict)) return [];
    const chain = chainsByName.get(verdict.chain);
    if (!chain) {
      const hint = didYouMean(closest(verdict.chain, chainsByName.keys()));
      return [errorAt('TN3101', `the table has no chain \`${verdict.chain}\``, origin, { hint })];
    }
    return chain.base
      ? [errorAt('TN3114', `\`${verdict.chain}\` is at a hook; no rule leads to it`, origin, { other: chain.origin })]
      : [];
  };
  const doesNotFit = ({ name, key }: LookUp, origin: Origin): Diagnostic[] => {
    const set = setsByName.get(name);
    if (!set) {
      const hint = didYouMean(closest(name, setsByName.keys()));
      return [errorAt('TN3102', `the table has no set or map \`${name}\``, origin, { hint })];
    }
    const message = `the key does not fit \`${name}\`, which is over ${typeText(set)}`;
    return keyFits(key, set) ? [] : [errorAt('TN3107', message, origin, { other: set.origin })];
  };
  return [
    ...sets.flatMap(({ elements }) =>
      elements.flatMap(({ data, origin }) => (isVerdict(data) ? leadsNowhere(data, origin) : [])),
    ),
    ...chains
      .flatMap(({ rules }) => rules)
      .flatMap(({ statements, origin }) =>
        statements.flatMap((statement) => [
          ...ownVerdicts(statement).flatMap((verdict) => leadsNowhere(verdict, origin)),
          ...lookUps(statement).flatMap((lookUp) => doesNotFit(lookUp, origin)),
        ]),
      ),
  ];
}

function checkBases({ family, chains }: Table): Diagnostic[] {
  return chains.flatMap(({ base, origin }): Diagnostic[] => {
    if (!base) return [];
    const { type, hook } = base;
    const hooks = hooksOf(family, type);
    if (hooks.includes(hook)) return [];
    const hint = hooks.length > 0 ? `${type} chains of family ${family} are at ${hooks.join(', ')}` : undefined;
    const message = `family ${family} has no ${type} chains${hooks.length > 0 ? ` at ${hook}` : ''}`;
    return [errorAt('TN3109', message, origin, { hint })];
  });
}

function checkHeaders({ family, chains }: Table): Diagnostic[] {
  return chains.flatMap(({ rules }) =>
    rules.flatMap(({ statements, origin }) => {
      const fields = statements.flatMap(expressionsOf).flatMap((one) => (one.kind === 'field' ? [one.field] : []));
      return [...new Set(fields)].flatMap((field): Diagnostic[] => {
        const { needs } = FIELDS[field];
        if (needs === undefined || canHave(family, needs)) return [];
        return [errorAt('TN3110', `\`${field}\` cannot be asked for in a table of family ${family}`, origin)];
      });
    }),
  );
}

/** Which statements need a base chain of which type and hook; a regular chain is judged by the chains that lead to it. */
function checkPlaces({ family, chains, sets }: Table): Diagnostic[] {
  const setsByName = new Map(sets.map((set) => [set.name, set]));
  const byName = new Map(chains.map((chain) => [chain.name, chain]));
  const diagnostics: Diagnostic[] = [];
  for (const root of chains) {
    if (!root.base) continue;
    const { type, hook } = root.base;
    for (const { rules } of reachable(root, byName, setsByName))
      for (const { statements, origin } of rules)
        for (const { kind } of statements) {
          const places = placesOf(kind, family);
          if (!places || (places.types.includes(type) && places.hooks.includes(hook))) continue;
          const message = `\`${kind}\` does not work at ${type} ${hook}, where \`${root.name}\` leads to it`;
          const hint = `it needs a ${places.types.join(' or ')} chain at ${places.hooks.join(', ')}`;
          diagnostics.push(errorAt('TN3104', message, origin, { other: root.origin, hint }));
        }
  }
  return diagnostics;
}

/** The kernel takes no chains that lead back to themselves (nf_tables_check_loops, mark_source_chains). */
export function checkCircles(table: Table): Diagnostic[] {
  const circles = circlesIn(table);
  return table.chains
    .filter(({ name }) => circles.has(name))
    .map((chain) => errorAt('TN3103', `\`${chain.name}\` leads back to itself`, chain.origin));
}

export function circlesIn(table: Table): ReadonlySet<string> {
  return inCircles(edgesOf(table));
}

function edgesOf({ chains, sets }: Table): ReadonlyMap<string, readonly string[]> {
  const setsByName = new Map(sets.map((set) => [set.name, set]));
  return new Map(chains.map((chain) => [chain.name, [...new Set(targetsOf(chain, setsByName))]]));
}

/** How many jumps and gotos may lead from a base chain to another, one after the other (NFT_JUMP_STACK_SIZE). */
export const MOST_JUMPS = 15;

/** The kernel takes no chains that are further from a base chain; legacy iptables does (nft_chain_validate, xt_jumpstack_alloc). */
export function checkDepth(table: Table): Diagnostic[] {
  const far = jumpsTo(table);
  return table.chains
    .filter(({ name }) => (far.get(name) ?? 0) === MOST_JUMPS + 1)
    .map(({ name, origin }) =>
      errorAt(
        'TN3115',
        `\`${name}\` is ${MOST_JUMPS + 1} jumps from a base chain: nft can follow ${MOST_JUMPS}`,
        origin,
      ),
    );
}

/** By chain, how many jumps lead to it from a base chain at most; nothing where chains lead back to themselves. */
export function jumpsTo(table: Table): ReadonlyMap<string, number> {
  const edges = edgesOf(table);
  if (inCircles(edges).size > 0) return new Map();
  return furthest(edges, new Set(table.chains.flatMap(({ base, name }) => (base ? [name] : []))));
}

function reachable(root: Chain, byName: ReadonlyMap<string, Chain>, sets: ReadonlyMap<string, NamedSet>): Set<Chain> {
  const found = new Set<Chain>([root]);
  for (const chain of found)
    for (const name of targetsOf(chain, sets)) {
      const next = byName.get(name);
      if (next) found.add(next);
    }
  return found;
}

function targetsOf({ rules }: Chain, sets: ReadonlyMap<string, NamedSet>): string[] {
  return rules.flatMap(({ statements }) =>
    statements.flatMap((statement) =>
      verdictsOf(statement, sets).flatMap((verdict) => ('chain' in verdict ? [verdict.chain] : [])),
    ),
  );
}

function verdictsOf(statement: Statement, sets: ReadonlyMap<string, NamedSet>): readonly Verdict[] {
  return statement.kind === 'vmap' && statement.map.kind === 'named'
    ? verdictsIn(sets.get(statement.map.name)?.elements ?? [])
    : ownVerdicts(statement);
}

function verdictsIn(elements: readonly Element[]): Verdict[] {
  return elements.flatMap(({ data }) => (isVerdict(data) ? [data] : []));
}

interface LookUp {
  readonly name: string;
  readonly key: Expression;
}

function lookUps(statement: Statement): LookUp[] {
  const maps = expressionsOf(statement).flatMap((one) =>
    one.kind === 'map' && one.map.kind === 'named' ? [{ name: one.map.name, key: one.key }] : [],
  );
  switch (statement.kind) {
    case 'match':
      return statement.right.kind === 'named set'
        ? [...maps, { name: statement.right.name, key: statement.left }]
        : maps;
    case 'vmap':
      return statement.map.kind === 'named' ? [...maps, { name: statement.map.name, key: statement.key }] : maps;
    case 'set-update':
      return [...maps, { name: statement.set, key: statement.key }];
    default:
      return maps;
  }
}

function keyFits(key: Expression, { key: declared }: NamedSet): boolean {
  const parts = key.kind === 'concat' ? key.parts : [key];
  const wanted: readonly (DataType | undefined)[] =
    declared.kind === 'types' ? declared.types : declared.expressions.map(typeOf);
  if (parts.length !== wanted.length) return false;
  return parts.every((part, index) => {
    const [have, want] = [typeOf(part), wanted[index]];
    return have === undefined || want === undefined || have === want || have === 'integer' || want === 'integer';
  });
}

function typeText({ key }: NamedSet): string {
  return key.kind === 'types' ? key.types.join(' . ') : 'other fields';
}
