import type { MapRef, SetRef, VerdictMapRef } from './references';
import type { Place, Statement, Verdict } from './statement';
import type { Key } from './values';

/** What a table has so far, by kind and name. */
export interface Declarations {
  readonly sets: Readonly<Record<string, SetRef<Key>>>;
  readonly maps: Readonly<Record<string, MapRef<Key, Key>>>;
  readonly vmaps: Readonly<Record<string, VerdictMapRef<Key, never>>>;
  /** Each regular chain's places: those where all of its rules work. */
  readonly chains: Readonly<Record<string, Place>>;
  readonly baseChains: Names;
  readonly counters: Names;
  readonly limits: Names;
  readonly quotas: Names;
  readonly helpers: Names;
}

type Names = Readonly<Record<string, true>>;

/** A new table has nothing; each declaration adds to it. */
// biome-ignore lint/complexity/noBannedTypes: an object without keys, to which declarations are added
export type NoDeclarations = { readonly [Kind in keyof Declarations]: {} };

export type Declare<D extends Declarations, Kind extends keyof Declarations, Name extends string, What> = {
  readonly [K in keyof Declarations]: K extends Kind ? D[K] & { readonly [N in Name]: What } : D[K];
};

/** A name that is not taken; for one that is, a type that says so. */
export type Fresh<Name extends string, Taken> = Name extends Taken ? `this table has a \`${Name}\` already` : Name;

/** Sets, maps and verdict maps share their names, and so do chains of both sorts. */
export type SetName<D extends Declarations> = keyof D['sets'] | keyof D['maps'] | keyof D['vmaps'];
export type ChainName<D extends Declarations> = keyof D['chains'] | keyof D['baseChains'];

/** A declared name; for one that is not, the names that are. */
type Known<Name, Declared, Kind extends string> = Name extends keyof Declared
  ? Name
  : [keyof Declared] extends [never]
    ? `this table has no ${Kind}`
    : keyof Declared;

/** What a name stands for; nothing more is said of a wrong one. */
type Found<Name, Declared> = Name extends keyof Declared ? Declared[Name] : never;

/** What the rules of a table can speak of: what was declared before them. So no chain leads back to itself. */
export interface Scope<D extends Declarations> {
  set<const Name extends string>(name: Known<Name, D['sets'], 'set'>): Found<Name, D['sets']>;
  map<const Name extends string>(name: Known<Name, D['maps'], 'map'>): Found<Name, D['maps']>;
  vmap<const Name extends string>(name: Known<Name, D['vmaps'], 'verdict map'>): Found<Name, D['vmaps']>;
  /** On to a chain, and back when it returns. */
  jump<const Name extends string>(name: Known<Name, D['chains'], 'chain'>): Verdict<Found<Name, D['chains']>>;
  /** On to a chain, and not back. */
  goto<const Name extends string>(name: Known<Name, D['chains'], 'chain'>): Verdict<Found<Name, D['chains']>>;
  counter<const Name extends string>(name: Known<Name, D['counters'], 'counter'>): Statement;
  limit<const Name extends string>(name: Known<Name, D['limits'], 'limit'>): Statement;
  quota<const Name extends string>(name: Known<Name, D['quotas'], 'quota'>): Statement;
  helper<const Name extends string>(name: Known<Name, D['helpers'], 'helper'>): Statement;
}
