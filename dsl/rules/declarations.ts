import type { NamedObject } from '../ruleset/tree';
import type { MapRef, SetRef, VerdictMapRef } from './references';
import type { Place, Statement, Verdict } from './statement';
import type { Key } from './values';

/** What a table has so far, by kind and name. */
export interface Declarations {
  readonly sets: Readonly<Record<string, SetRef<Key> | MapRef<Key, Key> | VerdictMapRef<Key, never>>>;
  /** Each chain's places: those where all of its rules work. */
  readonly chains: Readonly<Record<string, Place>>;
  readonly objects: Readonly<Record<string, NamedObject['kind']>>;
}

export interface NoDeclarations {
  // biome-ignore lint/complexity/noBannedTypes: an object without keys, to which declarations are added
  readonly sets: {};
  // biome-ignore lint/complexity/noBannedTypes: as above
  readonly chains: {};
  // biome-ignore lint/complexity/noBannedTypes: as above
  readonly objects: {};
}

export type Declare<D extends Declarations, Kind extends keyof Declarations, Name extends string, What> = {
  readonly [K in keyof Declarations]: K extends Kind ? D[K] & { readonly [N in Name]: What } : D[K];
};

/** A name that is not taken; for one that is, a type that says so. */
export type Fresh<Name extends string, Taken> = Name extends keyof Taken
  ? `this table has a \`${Name}\` already`
  : Name;

type NamesOf<Declared, What> = {
  [Name in keyof Declared]: Declared[Name] extends What ? Name : never;
}[keyof Declared] &
  string;

type ObjectName<D extends Declarations, Kind extends NamedObject['kind']> = NamesOf<D['objects'], Kind>;

/** What the rules of a table can speak of: what was declared before them. So no chain leads back to itself. */
export interface Scope<D extends Declarations> {
  set<Name extends NamesOf<D['sets'], SetRef<Key>>>(name: Name): D['sets'][Name];
  map<Name extends NamesOf<D['sets'], MapRef<Key, Key>>>(name: Name): D['sets'][Name];
  vmap<Name extends NamesOf<D['sets'], VerdictMapRef<Key, never>>>(name: Name): D['sets'][Name];
  /** On to a chain, and back when it returns. */
  jump<Name extends keyof D['chains'] & string>(name: Name): Verdict<D['chains'][Name] & Place>;
  /** On to a chain, and not back. */
  goto<Name extends keyof D['chains'] & string>(name: Name): Verdict<D['chains'][Name] & Place>;
  counter(name: ObjectName<D, 'counter'>): Statement;
  limit(name: ObjectName<D, 'limit'>): Statement;
  quota(name: ObjectName<D, 'quota'>): Statement;
  helper(name: ObjectName<D, 'ct helper'>): Statement;
}
