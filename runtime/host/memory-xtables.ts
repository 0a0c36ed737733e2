import { hookChain, PREFIX } from '../../compiler';
import { done, type HostFault, type Result, refused } from './fault';
import type { XtSeen } from './port';

type Table = Map<string, readonly string[]>;

/** One family of iptables without a kernel: tables of chains, each changed as a whole or not at all. */
export class MemoryXtables {
  /** Table to chains to rules; built-in chains are made when something stands in them. */
  readonly tables = new Map<string, Table>();

  restore(text: string): Result<void, HostFault> {
    for (const section of text.split(/^(?=\*)/m).filter((part) => part.startsWith('*'))) {
      const [head = '', ...lines] = section.split('\n');
      const name = head.slice(1);
      const changed = changeTable(new Map(this.tables.get(name)), lines);
      if (!changed.ok) return changed;
      this.keep(name, changed.value);
    }
    return done(undefined);
  }

  hook(table: string, builtin: string): void {
    const chains = new Map(this.tables.get(table));
    const jump = `-j ${hookChain(builtin)}`;
    const rules = chains.get(builtin) ?? [];
    if (!chains.has(hookChain(builtin))) chains.set(hookChain(builtin), []);
    if (!rules.includes(jump)) chains.set(builtin, [jump, ...rules]);
    this.keep(table, chains);
  }

  unhook(table: string, builtin: string): void {
    const chains = new Map(this.tables.get(table));
    const rules = (chains.get(builtin) ?? []).filter((rule) => rule !== `-j ${hookChain(builtin)}`);
    chains.delete(hookChain(builtin));
    if (rules.length > 0) chains.set(builtin, rules);
    else chains.delete(builtin);
    this.keep(table, chains);
  }

  seen(): XtSeen {
    const chains = new Map<string, number>();
    const hooked = new Set<string>();
    for (const [table, all] of this.tables)
      for (const [chain, rules] of all) {
        if (chain.startsWith(PREFIX)) chains.set(`${table} ${chain}`, rules.length);
        else if (rules.includes(`-j ${hookChain(chain)}`)) hooked.add(`${table} ${chain}`);
      }
    return { chains, hooked };
  }

  private keep(name: string, table: Table): void {
    if (table.size === 0) this.tables.delete(name);
    else this.tables.set(name, table);
  }
}

/** As the kernel does it: a rule leads to a chain that is there, and a chain that rules lead to stays. */
function changeTable(table: Table, lines: readonly string[]): Result<Table, HostFault> {
  for (const line of lines) {
    const [command = '', chain = '', ...rest] = line.split(' ');
    if (command.startsWith(':')) table.set(command.slice(1), []);
    else if (command === '-A') {
      const rule = rest.join(' ');
      const to = /(?:^| )-[jg] (TSNET-\S+)/.exec(rule)?.[1];
      if (chain.startsWith(PREFIX) && !table.has(chain)) return refused('TN5003', `no chain ${chain}`);
      if (to !== undefined && !table.has(to)) return refused('TN5003', `no chain ${to}`);
      table.set(chain, [...(table.get(chain) ?? []), rule]);
    } else if (command === '-X') {
      const used = [...table.values()].some((rules) => rules.some((rule) => ` ${rule} `.includes(` ${chain} `)));
      if (!table.has(chain) || used) return refused('TN5003', `the chain ${chain} is in use, or not there`);
      table.delete(chain);
    }
  }
  return done(table);
}
