import {
  changeBetween,
  elementsBetween,
  type Footprint,
  footprintOf,
  hookChain,
  imageOf,
  type LoadUnit,
  type NftChange,
  type NftShares,
  printBack,
  printClosing,
  printDeletion,
  printOpening,
  printSetDeletion,
  printSets,
  printSwap,
  removal,
  rulesBetween,
  tablesText,
  type XtFamily,
  type XtRuleset,
} from '../../compiler';
import type { HostOp, Observation, XtSeen, XtVariant } from '../host/port';
import { elementsTo, type HostRecord, type RulesetRecord, VERSION, type XtablesRecord } from '../state/records';
import { nftImage, paths, type State, serialize, writeOps } from '../state/store';
import type { Phase, Step } from './step';

type Generation = XtablesRecord['generation'];

/** The ruleset that is to be on the host. */
export type WantedRuleset =
  | {
      readonly target: 'nft';
      readonly shares: NftShares;
      /** The text of some of its tables. */
      printed(tables: ReadonlySet<string>): LoadUnit;
    }
  | {
      readonly target: 'iptables';
      /** What tells one from another. */
      readonly text: string;
      readonly variant: XtVariant;
      readonly ipset: boolean;
      readonly bridges: readonly string[];
      readonly generations: Readonly<Record<Generation, Readonly<Record<XtFamily, XtRuleset>>>>;
    };

export function tablesOf(ruleset: WantedRuleset): readonly string[] {
  return ruleset.target === 'nft' ? [...ruleset.shares.frames.keys()] : [];
}

const FAMILIES: readonly XtFamily[] = ['ip', 'ip6'];

/** The steps from the ruleset that is there to the one that is wanted. */
export function planRuleset(
  state: State,
  wanted: WantedRuleset,
  seen: Observation,
  stale: ReadonlySet<string>,
  directory: string,
): Step[] {
  const steps = wanted.target === 'nft' ? toNft(state, wanted, seen, stale) : toIptables(state, wanted, seen);
  const kept = recordOps(state, directory, recordOf(wanted));
  return [...steps, ...(kept ? [step('record', 'keep the text of the ruleset', kept.do, [kept.undo])] : [])];
}

/** What the state says of iptables after a plan is carried out. */
export function xtablesAfter(state: State, wanted: WantedRuleset, seen: Observation): XtablesRecord | null {
  if (wanted.target !== 'iptables') return null;
  const { variant, ipset } = wanted;
  const generation = nextGeneration(state, wanted, seen);
  const { ip, ip6 } = wanted.generations[generation];
  return { variant, generation, ipset, ip: footprintOf(ip), ip6: footprintOf(ip6) };
}

/** The generation that is there stays when it is as it should be. */
function nextGeneration(
  { host, ruleset }: State,
  wanted: Extract<WantedRuleset, { target: 'iptables' }>,
  seen: Observation,
): Generation {
  const there = host?.xtables;
  if (!there) return 'a';
  if (
    ruleset?.target === 'iptables' &&
    ruleset.text === wanted.text &&
    there.ipset === wanted.ipset &&
    isIntact(there, seen)
  )
    return there.generation;
  return there.generation === 'a' ? 'b' : 'a';
}

function toNft(
  state: State,
  { shares, printed }: Extract<WantedRuleset, { target: 'nft' }>,
  seen: Observation,
  stale: ReadonlySet<string>,
): Step[] {
  const present = new Set(seen.tables);
  const lost = new Set([...shares.frames.keys()].filter((table) => !present.has(table) || stale.has(table)));
  const change = changeBetween(nftImage(state), imageOf(shares), printed, lost);
  const leaving = leaveIptables(state.host);
  if (change.kind === 'none') return leaving;
  const { unit, back, changes } = change;
  const anew = change.kind === 'replace' ? change.tables : [];
  const rules = rulesBetween(nftImage(state), imageOf(shares), anew);
  const others = elementsBetween(nftImage(state), imageOf(shares), anew);
  const load: HostOp = { op: 'ruleset.load', unit };
  const one = step('switch', titleOf(change), load, [{ op: 'ruleset.load', unit: back }]);
  return [{ ...one, elements: [...changes, ...others], rules }, ...leaving];
}

function titleOf(change: Exclude<NftChange, { kind: 'none' }>): string {
  if (change.kind === 'patch') return 'change elements of the ruleset';
  const { tables, gone } = change;
  const parts = [
    ...(tables.length > 0 ? [`load the nft table${tables.length > 1 ? 's' : ''} ${tables.join(', ')}`] : []),
    ...(gone.length > 0 ? [`remove the nft table${gone.length > 1 ? 's' : ''} ${gone.join(', ')}`] : []),
  ];
  return parts.join(', ');
}

/** iptables is let go of only when nft is in force: a packet that passes in between is one that nft lets pass. */
function leaveIptables(host: HostRecord | undefined): Step[] {
  const there = host?.xtables;
  if (!there) return [];
  const { variant } = there;
  const load = (unit: LoadUnit): HostOp => ({ op: 'ruleset.load', unit, variant });
  const footprints: readonly Footprint[] = [there.ip, there.ip6];
  return [
    ...footprints.map((one) =>
      step('switch', `lead no packet to our chains of ${name(one.family)}`, load(printClosing(one)), [
        load(printOpening(one)),
      ]),
    ),
    ...footprints.flatMap((one) => [
      step('retire', `delete our chains of ${name(one.family)}`, load(printDeletion(one)), 'irreversible'),
      ...hooksOf(one).map((hook) => unhookStep(hook, variant)),
      ...dropSets(one),
    ]),
  ];
}

function toIptables(state: State, wanted: Extract<WantedRuleset, { target: 'iptables' }>, seen: Observation): Step[] {
  const { host } = state;
  const { variant, bridges } = wanted;
  const there = host?.xtables ?? undefined;
  const generation = nextGeneration(state, wanted, seen);
  const changes = generation !== there?.generation;
  const load = (unit: LoadUnit): HostOp => ({ op: 'ruleset.load', unit, variant });
  const tables = host?.tables ?? [];
  return [
    ...FAMILIES.flatMap((family) => {
      const next = wanted.generations[generation][family];
      const mark = footprintOf(next);
      const old = there && isIntact(there, seen) ? there[family] : undefined;
      const hooks = hooksOf(mark);
      const missing = hooks.filter(({ key }) => !seen.xtables?.[family].hooked.has(key));
      const unneeded = there ? hooksOf(there[family]).filter(({ key }) => !hooks.some((hook) => hook.key === key)) : [];
      return [
        ...missing.map(({ table, builtin }) =>
          step(
            'prepare',
            `lead ${builtin} of ${name(family)}'s ${table} to our chains`,
            { op: 'xtables.hook', variant, family, table, builtin },
            [{ op: 'xtables.unhook', variant, family, table, builtin }],
          ),
        ),
        ...(changes ? swapSteps(next, mark, old, bridges, load) : []),
        ...(changes && there
          ? [
              step(
                'retire',
                `delete the chains of ${name(family)} before`,
                load(printDeletion(there[family])),
                'irreversible',
              ),
              ...dropSets(there[family]),
            ]
          : []),
        ...unneeded.map((hook) => unhookStep(hook, variant)),
      ];
    }),
    ...(tables.length > 0 ? [leaveNft(tables, state)] : []),
  ];
}

function swapSteps(
  next: XtRuleset,
  mark: Footprint,
  old: Footprint | undefined,
  bridges: readonly string[],
  load: (unit: LoadUnit) => HostOp,
): Step[] {
  const sets: Step[] =
    next.sets.length === 0
      ? []
      : [
          step('prepare', `fill the sets of ${name(next.family)}`, load(printSets(next.sets)), [
            load(printSetDeletion(mark)),
          ]),
        ];
  const title = `${old ? 'replace' : 'load'} the rules of ${name(next.family)}`;
  return [...sets, step('switch', title, load(printSwap(next, old)), [load(printBack(old, mark, bridges))])];
}

/** nft is let go of only when iptables is in force. */
function leaveNft(tables: readonly string[], state: State): Step {
  const unit = (text: string): HostOp => ({ op: 'ruleset.load', unit: { tool: 'nft', text, lines: [] } });
  const before = removal(tables) + tablesText(nftImage(state), tables);
  return step('switch', 'remove the nft ruleset', unit(removal(tables)), [unit(before)]);
}

interface PlacedHook {
  readonly family: XtFamily;
  readonly table: Footprint['tables'][number]['name'];
  readonly builtin: string;
  readonly key: string;
}

function hooksOf({ family, tables }: Footprint): PlacedHook[] {
  return tables.flatMap(({ name: table, hooks }) =>
    hooks.map(({ builtin }) => ({ family, table, builtin, key: `${table} ${builtin}` })),
  );
}

function unhookStep({ family, table, builtin }: PlacedHook, variant: XtVariant): Step {
  const title = `lead ${builtin} of ${name(family)}'s ${table} no longer to our chains`;
  return step('retire', title, { op: 'xtables.unhook', variant, family, table, builtin }, 'irreversible');
}

function dropSets(footprint: Footprint): Step[] {
  if (footprint.sets.length === 0) return [];
  const op: HostOp = { op: 'ruleset.load', unit: printSetDeletion(footprint) };
  return [step('retire', `delete the sets of ${name(footprint.family)} before`, op, 'irreversible')];
}

/** Whether every chain of a generation is there with as many rules as it was given. */
export function isIntact(record: Pick<XtablesRecord, XtFamily>, { xtables }: Observation): boolean {
  return FAMILIES.every((family) => xtables !== undefined && missingOf(record[family], xtables[family]).length === 0);
}

/** What of a generation is not as it was loaded, in words. */
export function missingOf({ family, tables }: Footprint, { chains }: XtSeen): string[] {
  return tables.flatMap(({ name: table, chains: all, hooks }) =>
    [
      ...Object.entries(all),
      ...hooks.map(({ builtin, entries }) => [hookChain(builtin), entries.length] as const),
    ].flatMap(([chain, count]) => {
      const now = chains.get(`${table} ${chain}`);
      if (now === count) return [];
      const what = now === undefined ? 'is gone' : `has ${now} rules, not ${count}`;
      return [`the chain ${chain} of ${name(family)}'s ${table} ${what}`];
    }),
  );
}

export function unhookedOf(footprint: Footprint, { hooked }: XtSeen): string[] {
  return hooksOf(footprint)
    .filter(({ key }) => !hooked.has(key))
    .map(({ family, table, builtin }) => `${builtin} of ${name(family)}'s ${table} does not lead to our chains`);
}

function name(family: XtFamily): string {
  return family === 'ip' ? 'iptables' : 'ip6tables';
}

function recordOf(wanted: WantedRuleset): RulesetRecord | undefined {
  if (wanted.target === 'iptables')
    return wanted.text === '' ? undefined : { version: VERSION, target: 'iptables', text: wanted.text };
  const { frames, base } = wanted.shares;
  if (frames.size === 0) return undefined;
  return { version: VERSION, target: 'nft', frames: Object.fromEntries(frames), elements: elementsTo(base) };
}

function recordOps({ ruleset }: State, directory: string, record: RulesetRecord | undefined) {
  const path = paths.ruleset(directory);
  const before = ruleset && serialize(ruleset);
  if (record !== undefined) return writeOps(path, before, serialize(record));
  const forget: HostOp = { op: 'file.remove', path };
  const back: HostOp = { op: 'file.write', path, text: before ?? '', mode: 0o600 };
  return before === undefined ? undefined : { do: forget, undo: back };
}

function step(phase: Phase, title: string, op: HostOp, undo: Step['undo']): Step {
  return { phase, title, do: op, undo };
}
