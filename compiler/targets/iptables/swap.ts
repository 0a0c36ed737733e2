import { type Explain, LineWriter, type LoadUnit } from '../load-unit';
import { declaration, entryRules, RESTORE, writeRules } from './print';
import type { XtFamily, XtHook, XtRuleset, XtTable, XtTableName } from './tables';

/** What the names of all our chains and sets begin with. */
export const PREFIX = 'TSNET-';

/**
 * What is on a host of one family's generation of chains, by names alone: enough to lead packets back to it and to
 * delete it. Kept in the state.
 */
export interface Footprint {
  readonly family: XtFamily;
  readonly tables: readonly {
    readonly name: XtTableName;
    /** How many rules each chain has. */
    readonly chains: Readonly<Record<string, number>>;
    readonly hooks: readonly XtHook[];
  }[];
  readonly sets: readonly { readonly name: string; readonly type: string }[];
}

/** The chain that a built-in one jumps to, as long as tsnet is there at all; generations are swapped behind it. */
export function hookChain(builtin: string): string {
  return `${PREFIX}${builtin}`;
}

export function footprintOf({ family, tables, sets }: XtRuleset): Footprint {
  return {
    family,
    tables: tables.map(({ name, chains, hooks }) => ({
      name,
      chains: Object.fromEntries([
        ...chains.map((chain) => [chain.name, chain.rules.length]),
        ...hooks.flatMap(({ gate }) => (gate === null ? [] : [[gate, 1]])),
      ]),
      hooks,
    })),
    sets: sets.map(({ name, type }) => ({ name, type })),
  };
}

/** Tables that let packets pass or not; translation is swapped while both generations of these are asked. */
const FILTERING: readonly XtTableName[] = ['raw', 'mangle', 'filter'];

/**
 * One restore file that leads from a generation to the next, table by table, for the kernel knows no larger step. First
 * every filtering table asks both: what the next one accepts goes on to the old one. Then addresses are translated anew.
 * Then the old ones are no longer asked. So a packet that passes in between is one that the generation whose translation
 * it got lets pass.
 */
export function printSwap(next: XtRuleset, old: Footprint | undefined, explain: Explain = () => undefined): LoadUnit {
  const writer = new LineWriter();
  const names = (kinds: readonly XtTableName[]) =>
    kinds.filter((name) => tableOf(next, name) ?? old?.tables.some((table) => table.name === name));
  for (const name of names(FILTERING)) {
    const table = tableOf(next, name);
    openTable(writer, name, table);
    for (const chain of table?.chains ?? []) writer.push(declaration(chain.name));
    if (table) writeRules(table.chains, writer, explain);
    writeHooks(writer, table, oldHooks(old, name), true);
    writer.push('COMMIT');
  }
  for (const name of names(['nat'])) {
    const table = tableOf(next, name);
    openTable(writer, name, table);
    for (const chain of table?.chains ?? []) writer.push(declaration(chain.name));
    if (table) writeRules(table.chains, writer, explain);
    writeHooks(writer, table, oldHooks(old, name), false);
    writer.push('COMMIT');
  }
  for (const name of names(FILTERING).filter((one) => oldHooks(old, one).length > 0)) {
    const table = tableOf(next, name);
    openTable(writer, name, table);
    writeHooks(writer, table, oldHooks(old, name), false);
    writer.push('COMMIT');
  }
  return writer.finish(RESTORE[next.family]);
}

/**
 * From wherever a swap stopped, back to the old generation, or to none: new connections from and to the bridges wait
 * until all tables are the old ones again.
 */
export function printBack(old: Footprint | undefined, next: Footprint, bridges: readonly string[]): LoadUnit {
  const writer = new LineWriter();
  const names = [...new Set([...(old?.tables ?? []), ...next.tables].map(({ name }) => name))];
  const restore = (name: XtTableName, closed: boolean) => {
    const hooks = oldHooks(old, name);
    const builtins = new Set([...hooks, ...oldHooks(next, name)].map(({ builtin }) => builtin));
    writer.push(`*${name}`);
    for (const builtin of builtins) writer.push(declaration(hookChain(builtin)));
    for (const builtin of builtins) {
      if (closed) for (const rule of closing(builtin, bridges)) writer.push(rule);
      const hook = hooks.find((one) => one.builtin === builtin);
      if (hook) for (const line of entryRules(hookChain(builtin), hook)) writer.push(line);
    }
    if (!closed) writeDeletions(writer, next, name);
    writer.push('COMMIT');
  };
  if (names.includes('filter')) restore('filter', true);
  for (const name of names) if (name !== 'filter') restore(name, false);
  if (names.includes('filter')) restore('filter', false);
  return writer.finish(RESTORE[next.family]);
}

/** No packet is led to a generation any more: first none is translated, then none is asked of. */
export function printClosing({ family, tables }: Footprint): LoadUnit {
  const writer = new LineWriter();
  for (const { name, hooks } of translationFirst(tables)) {
    writer.push(`*${name}`);
    for (const { builtin } of hooks) writer.push(declaration(hookChain(builtin)));
    writer.push('COMMIT');
  }
  return writer.finish(RESTORE[family]);
}

/** The opposite: packets are led to a generation whose chains are still there, filters first. */
export function printOpening({ family, tables }: Footprint): LoadUnit {
  const writer = new LineWriter();
  for (const { name, hooks } of translationFirst(tables).reverse()) {
    writer.push(`*${name}`);
    for (const { builtin } of hooks) writer.push(declaration(hookChain(builtin)));
    for (const hook of hooks) for (const line of entryRules(hookChain(hook.builtin), hook)) writer.push(line);
    writer.push('COMMIT');
  }
  return writer.finish(RESTORE[family]);
}

/** Deletes a generation that no packet is led to any more. */
export function printDeletion(footprint: Footprint): LoadUnit {
  const writer = new LineWriter();
  for (const { name } of footprint.tables) {
    writer.push(`*${name}`);
    writeDeletions(writer, footprint, name);
    writer.push('COMMIT');
  }
  return writer.finish(RESTORE[footprint.family]);
}

/** Text for `ipset restore` that deletes a generation's sets. Making them first makes it safe when they are gone. */
export function printSetDeletion({ family, sets }: Pick<Footprint, 'family' | 'sets'>): LoadUnit {
  const writer = new LineWriter();
  for (const { name, type } of sets) {
    writer.push(`create ${name} ${type} family ${family === 'ip' ? 'inet' : 'inet6'} -exist`);
    writer.push(`destroy ${name}`);
  }
  return writer.finish('ipset');
}

function translationFirst(tables: Footprint['tables']): Footprint['tables'][number][] {
  return [...tables.filter(({ name }) => name === 'nat'), ...tables.filter(({ name }) => name !== 'nat')];
}

function tableOf({ tables }: XtRuleset, name: XtTableName): XtTable | undefined {
  return tables.find((table) => table.name === name);
}

function oldHooks(footprint: Footprint | undefined, name: XtTableName): readonly XtHook[] {
  return footprint?.tables.find((table) => table.name === name)?.hooks ?? [];
}

function openTable(writer: LineWriter, name: XtTableName, table: XtTable | undefined): void {
  writer.push(`*${name}`);
  for (const { builtin, gate } of table?.hooks ?? [])
    for (const chain of [hookChain(builtin), gate]) if (chain !== null) writer.push(declaration(chain));
}

/** Where each hook leads, and where what its chains accept goes: to the old chains too while both are asked. */
function writeHooks(writer: LineWriter, table: XtTable | undefined, old: readonly XtHook[], both: boolean): void {
  const hooks = table?.hooks ?? [];
  const left = old.filter(({ builtin }) => !hooks.some((hook) => hook.builtin === builtin));
  for (const hook of hooks) {
    const chain = hookChain(hook.builtin);
    const before = both ? old.find(({ builtin }) => builtin === hook.builtin) : undefined;
    if (hook.gate !== null) {
      if (before) for (const line of entryRules(hook.gate, before)) writer.push(line);
      writer.push(`-A ${hook.gate} -j ACCEPT`);
    }
    for (const line of entryRules(chain, hook)) writer.push(line);
    if (before) for (const line of entryRules(chain, before)) writer.push(line);
  }
  if (!both) for (const { builtin } of left) writer.push(declaration(hookChain(builtin)));
}

function writeDeletions(writer: LineWriter, footprint: Footprint, name: XtTableName): void {
  const chains = Object.keys(footprint.tables.find((table) => table.name === name)?.chains ?? {});
  for (const chain of chains) writer.push(declaration(chain));
  for (const chain of chains) writer.push(`-X ${chain}`);
}

/** What keeps new connections from and to containers waiting. */
function closing(builtin: string, bridges: readonly string[]): string[] {
  const flags: Readonly<Record<string, readonly string[]>> = { INPUT: ['-i'], FORWARD: ['-i', '-o'], OUTPUT: ['-o'] };
  return bridges.flatMap((bridge) =>
    (flags[builtin] ?? []).map(
      (flag) => `-A ${hookChain(builtin)} ${flag} ${bridge} -m conntrack --ctstate NEW,INVALID -j DROP`,
    ),
  );
}
