import type { BaseChain, Chain, Table } from '../../../dsl/ruleset/tree';
import { TABLE } from '../../lower/program';
import { belongs } from './belongs';
import { xtName } from './names';
import type { LegalizeOptions } from './options';
import { References } from './references';
import { type Place, Rules } from './rules';
import { tableFor, type XtChain, type XtFamily, type XtSet, type XtTableName } from './tables';

/** The chains of a table of nft that stand in one table of iptables. */
export class TableChains implements Place {
  readonly family: XtFamily;
  readonly ipset: boolean;
  readonly prefix: string;
  /** What an accept becomes in the base chain that is being lowered. */
  accept: readonly string[] = ['-j', 'ACCEPT'];
  private readonly references: References;
  private readonly rules: Rules;
  private readonly done = new Map<string, XtChain>();

  constructor(
    private readonly content: Table,
    readonly table: XtTableName,
    private readonly options: LegalizeOptions,
    readonly report: Place['report'],
    readonly kept: Map<string, XtSet>,
  ) {
    const family = content.family === 'inet' ? '' : `${content.family}.`;
    this.prefix = content.name === TABLE ? options.prefix : `${options.prefix}${family}${content.name}-`;
    this.family = options.family;
    this.ipset = options.ipset;
    this.references = new References(content);
    this.rules = new Rules(this, this.references);
  }

  bases(): readonly { readonly chain: Chain; readonly base: BaseChain }[] {
    return this.content.chains.flatMap((chain) =>
      chain.base && tableFor(chain.base) === this.table ? [{ chain, base: chain.base }] : [],
    );
  }

  lowerBase(chain: Chain, accept: readonly string[]): void {
    this.accept = accept;
    this.visit(chain);
  }

  chains(): readonly XtChain[] {
    return [...this.done.values(), ...this.rules.auxiliary];
  }

  nameOf(chain: Chain): string {
    return xtName('chain', `${this.prefix}${chain.name}`);
  }

  chainNamed(name: string): string {
    return this.visit(this.references.chain(name));
  }

  /** Chains are made where a rule leads to them: each iptables table has its own. */
  private visit(chain: Chain): string {
    const name = this.nameHere(chain);
    if (this.done.has(name)) return name;
    this.done.set(name, { name, rules: [] });
    const rules = chain.rules
      .filter(({ statements }) => statements.every((statement) => belongs(statement, this.family)))
      .flatMap(({ statements, origin }) => this.rules.lower(name, statements, [], origin));
    if (chain.base?.policy === 'drop') rules.push({ matches: [], target: ['-j', 'DROP'], origin: chain.origin });
    this.done.set(name, { name, rules });
    return name;
  }

  /** A chain that accepts is another one behind each hook whose accepted packets go another way. */
  private nameHere(chain: Chain): string {
    const [, exit = ''] = this.accept;
    if (chain.base || exit === 'ACCEPT' || !this.references.accepts(chain)) return this.nameOf(chain);
    return this.shared(chain)
      ? xtName('chain', `${this.nameOf(chain)}:${exit.slice(this.options.prefix.length)}`)
      : this.nameOf(chain);
  }

  /** Whether more than one base chain of this table leads to it. */
  private shared(chain: Chain): boolean {
    return this.bases().filter((base) => this.references.leads(base.chain, chain)).length > 1;
  }
}
