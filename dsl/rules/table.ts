import { PROGRAM } from '../core/origin';
import { types } from '../ruleset/nodes';
import type { NamedObject, NamedSet, SetFlag, Table, TableFamily } from '../ruleset/tree';
import { callSite, type Site } from '../site';
import { type RateOptions, type RateText, rateLimit } from './actions';
import { type BaseOptions, baseChain } from './base-chain';
import type { ChainName, Declarations, Declare, Fresh, NoDeclarations, Scope, SetName } from './declarations';
import { element, type Given } from './elements';
import type { MapRef, SetRef, VerdictMapRef } from './references';
import { type Place, type Rule, statement, type Verdict, verdict } from './statement';
import { type AnyValue, type Key, type RangesOf, typesOf, type ValuesOf, valueNode } from './values';
import { objectName, quotable } from './words';

/** What the elements of a set or a map may be: with the flag `interval` also blocks and ranges. */
type KeysFor<K extends Key, Flag extends SetFlag> = 'interval' extends Flag ? RangesOf<K> : ValuesOf<K>;

export interface SetOptions<K extends Key, Flag extends SetFlag> {
  readonly flags?: readonly Flag[];
  readonly timeoutMs?: number;
  readonly size?: number;
  readonly autoMerge?: boolean;
  readonly comment?: string;
  readonly elements?: readonly Given<KeysFor<K, Flag>>[];
}

export interface MapOptions<K extends Key, D extends Key, Flag extends SetFlag> {
  readonly flags?: readonly Flag[];
  readonly comment?: string;
  readonly elements?: readonly (readonly [Given<KeysFor<K, Flag>>, ValuesOf<D>])[];
}

export interface VerdictMapOptions<K extends Key, Flag extends SetFlag, P extends Place, D extends Declarations> {
  readonly flags?: readonly Flag[];
  readonly comment?: string;
  readonly elements?: (t: Scope<D>) => readonly (readonly [Given<KeysFor<K, Flag>> | '*', Verdict<P>])[];
}

export interface ChainOptions {
  readonly comment?: string;
}

type Rules<P extends Place, F extends TableFamily, D extends Declarations> = (t: Scope<D>) => readonly Rule<P, F>[];

/** Where a base chain's rules stand. */
type PlaceOf<Base> = Base extends { readonly type: infer Type extends string; readonly hook: infer Hook extends string }
  ? `${Type} ${Hook}` & Place
  : never;

/**
 * A table of rules, made a declaration at a time: each adds a name that the rules after it can speak of, so that a
 * name that is not there, or is taken, does not compile. A builder never changes; each step gives a new one.
 */
export class TableBuilder<F extends TableFamily, D extends Declarations = NoDeclarations> {
  readonly kind = 'rules';

  constructor(
    readonly tree: Table,
    readonly site: Site | undefined,
  ) {}

  set<const Name extends string, const K extends Key, const Flag extends SetFlag = never>(
    name: Fresh<Name, SetName<D>>,
    key: K,
    options: SetOptions<K, Flag> = {},
  ): TableBuilder<F, Declare<D, 'sets', Name, SetRef<K, Flag>>> {
    const { elements = [], flags = [], ...rest } = options;
    return this.withSet({
      ...setNode(name, key, flags),
      ...rest,
      elements: elements.map((one) => element(key, one as Given<AnyValue>)),
    });
  }

  map<const Name extends string, const K extends Key, const Data extends Key, const Flag extends SetFlag = never>(
    name: Fresh<Name, SetName<D>>,
    key: K,
    data: Data,
    options: MapOptions<K, Data, Flag> = {},
  ): TableBuilder<F, Declare<D, 'maps', Name, MapRef<K, Data>>> {
    const { elements = [], flags = [], ...rest } = options;
    return this.withSet({
      ...setNode(name, key, flags),
      ...rest,
      data: { kind: 'value', type: types(...typesOf(data)) },
      elements: elements.map(([one, value]) =>
        element(key, one as Given<AnyValue>, valueNode(data, value as AnyValue)),
      ),
    });
  }

  vmap<const Name extends string, const K extends Key, P extends Place, const Flag extends SetFlag = never>(
    name: Fresh<Name, SetName<D>>,
    key: K,
    options: VerdictMapOptions<K, Flag, P, D> = {},
  ): TableBuilder<F, Declare<D, 'vmaps', Name, VerdictMapRef<K, P>>> {
    const { elements = () => [], flags = [], ...rest } = options;
    return this.withSet({
      ...setNode(name, key, flags),
      ...rest,
      data: { kind: 'verdict' },
      elements: elements(this.scope()).map(([one, given]) => element(key, one as Given<AnyValue>, given.verdict)),
    });
  }

  counter<const Name extends string>(
    name: Fresh<Name, keyof D['counters']>,
  ): TableBuilder<F, Declare<D, 'counters', Name, true>> {
    return this.withObject({ kind: 'counter', name, origin: PROGRAM });
  }

  limit<const Name extends string>(
    name: Fresh<Name, keyof D['limits']>,
    rate: RateText,
    options: RateOptions = {},
  ): TableBuilder<F, Declare<D, 'limits', Name, true>> {
    return this.withObject({ kind: 'limit', name, rate: rateLimit(rate, options), origin: PROGRAM });
  }

  quota<const Name extends string>(
    name: Fresh<Name, keyof D['quotas']>,
    bytes: number,
    { over = false }: { readonly over?: boolean } = {},
  ): TableBuilder<F, Declare<D, 'quotas', Name, true>> {
    return this.withObject({ kind: 'quota', name, quota: { bytes: BigInt(bytes), over }, origin: PROGRAM });
  }

  /** A conntrack helper, as `ftp`, that rules give to connections. */
  helper<const Name extends string>(
    name: Fresh<Name, keyof D['helpers']>,
    helper: string,
    protocol: 'tcp' | 'udp',
    l3?: 'ip' | 'ip6',
  ): TableBuilder<F, Declare<D, 'helpers', Name, true>> {
    const only = l3 ? { l3 } : {};
    return this.withObject({ kind: 'ct helper', name, helper: quotable(helper), protocol, ...only, origin: PROGRAM });
  }

  /** A chain that others jump to. It can be jumped to from where all of its rules work. */
  chain<const Name extends string, P extends Place>(
    name: Fresh<Name, ChainName<D>>,
    rules: Rules<P, F, D>,
    options: ChainOptions = {},
  ): TableBuilder<F, Declare<D, 'chains', Name, P>> {
    return this.withChain({ name, ...options, rules: this.rules(rules) });
  }

  /** A chain that the kernel hands packets to. */
  baseChain<const Name extends string, const Base extends BaseOptions<F>>(
    name: Fresh<Name, ChainName<D>>,
    base: Base,
    rules: Rules<PlaceOf<Base>, F, D>,
    options: ChainOptions = {},
  ): TableBuilder<F, Declare<D, 'baseChains', Name, true>> {
    return this.withChain({ name, ...options, base: baseChain(this.tree.family, base), rules: this.rules(rules) });
  }

  private rules<P extends Place>(rules: Rules<P, F, D>): Table['chains'][number]['rules'] {
    const trees = rules(this.scope()).map(({ tree }) => tree);
    return this.tree.family === 'inet' ? trees : trees.map(withoutFamily);
  }

  private scope(): Scope<D> {
    return new TableScope(this.tree) as unknown as Scope<D>;
  }

  private withSet<Next extends Declarations>(set: NamedSet): TableBuilder<F, Next> {
    quotable(set.comment ?? '');
    return new TableBuilder({ ...this.tree, sets: [...this.tree.sets, set] }, this.site);
  }

  private withObject<Next extends Declarations>(object: NamedObject): TableBuilder<F, Next> {
    objectName(object.name);
    return new TableBuilder({ ...this.tree, objects: [...this.tree.objects, object] }, this.site);
  }

  private withChain<Next extends Declarations>(chain: Omit<Table['chains'][number], 'origin'>): TableBuilder<F, Next> {
    objectName(chain.name);
    quotable(chain.comment ?? '');
    return new TableBuilder({ ...this.tree, chains: [...this.tree.chains, { ...chain, origin: PROGRAM }] }, this.site);
  }
}

function setNode(name: string, key: Key, flags: readonly SetFlag[]): NamedSet {
  return { name: objectName(name), key: types(...typesOf(key)), flags, elements: [], origin: PROGRAM };
}

/** Only in tables for both families NAT has to say which one it is of. */
function withoutFamily(rule: Table['chains'][number]['rules'][number]): typeof rule {
  return {
    ...rule,
    statements: rule.statements.map((one) => {
      if (one.kind !== 'dnat' && one.kind !== 'snat') return one;
      const { family, ...rest } = one;
      return rest;
    }),
  };
}

/** The names of a table as what they stand for. The declarations' types have let no other name pass. */
class TableScope {
  constructor(private readonly tree: Table) {}

  set(name: string): SetRef<Key> {
    const { key, flags } = this.named(name);
    return { name, key: keyOf(key), flags: Object.fromEntries(flags.map((flag) => [flag, true])) };
  }

  map(name: string): MapRef<Key, Key> {
    const { key, data } = this.named(name);
    if (data?.kind !== 'value') throw new Error(`${name} has no data`);
    return { name, key: keyOf(key), data: keyOf(data.type) };
  }

  vmap(name: string): VerdictMapRef<Key, never> {
    return { name, key: keyOf(this.named(name).key), verdicts: true };
  }

  jump(chain: string): Verdict {
    return verdict({ kind: 'jump', chain });
  }

  goto(chain: string): Verdict {
    return verdict({ kind: 'goto', chain });
  }

  counter(name: string) {
    return statement({ kind: 'object', object: 'counter', name });
  }

  limit(name: string) {
    return statement({ kind: 'object', object: 'limit', name });
  }

  quota(name: string) {
    return statement({ kind: 'object', object: 'quota', name });
  }

  helper(name: string) {
    return statement({ kind: 'object', object: 'ct helper', name });
  }

  private named(name: string): NamedSet {
    const set = this.tree.sets.find((one) => one.name === name);
    if (!set) throw new Error(`the table has no ${name}`);
    return set;
  }
}

function keyOf(type: NamedSet['key']): Key {
  if (type.kind !== 'types') throw new Error('a builder declares by data types');
  const [first, ...rest] = type.types;
  if (first === undefined) throw new Error('a key has a type');
  return rest.length === 0 ? first : ([first, ...rest] as unknown as Key);
}

/** An empty table. */
export function table<const F extends TableFamily>(family: F, name: string): TableBuilder<F> {
  return new TableBuilder(
    { family, name: objectName(name), objects: [], sets: [], chains: [], origin: PROGRAM },
    callSite(),
  );
}
