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

/** One of the declared names; where there are none, a type that says so. */
type NameIn<Declared, Kind extends string> = [keyof Declared] extends [never]
  ? `this table has no ${Kind}`
  : keyof Declared;

/** What the rules of a table can speak of: what was declared before them. So no chain leads back to itself. */
export interface Scope<D extends Declarations> {
  set<Name extends keyof D['sets']>(name: Name): D['sets'][Name];
  map<Name extends keyof D['maps']>(name: Name): D['maps'][Name];
  vmap<Name extends keyof D['vmaps']>(name: Name): D['vmaps'][Name];
  /** On to a chain, and back when it returns. */
  jump<Name extends keyof D['chains']>(name: Name): Verdict<D['chains'][Name]>;
  /** On to a chain, and not back. */
  goto<Name extends keyof D['chains']>(name: Name): Verdict<D['chains'][Name]>;
  counter(name: NameIn<D['counters'], 'counter'>): Statement;
  limit(name: NameIn<D['limits'], 'limit'>): Statement;
  quota(name: NameIn<D['quotas'], 'quota'>): Statement;
  helper(name: NameIn<D['helpers'], 'helper'>): Statement;
}
