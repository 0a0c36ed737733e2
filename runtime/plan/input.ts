import type { Compiled } from '../../compiler';
import type { Insides, Observation } from '../host/port';
import type { MigrationRecord } from '../migration/record';
import type { Mend } from '../observe/foreign/obstacles';
import type { State } from '../state/store';
import type { WantedRuleset } from './ruleset';

/** What a plan is made from: what is applied, what is wanted, and what is there. */
export interface PlanInput {
  readonly state: State;
  readonly directory: string;
  readonly compiled: Compiled;
  readonly ruleset: WantedRuleset;
  /** The rules of iptables that are to be nft's. */
  readonly migration: MigrationRecord | undefined;
  /** Whether neither the migrated tables nor what they took the place of is there. */
  readonly bare: boolean;
  /** What other tools are to be told from now on. */
  readonly mends: readonly Mend[];
  /** What is on the host now. */
  readonly seen: Observation;
  /** What is inside of the sandboxes that were looked into. */
  readonly insides: Insides;
  /** Our nft tables that are not as they were loaded. */
  readonly stale: ReadonlySet<string>;
  /** The command, for the history, and when it was given. */
  readonly what: string;
  readonly time: string;
  /** Which networks and containers came from `tsnet run`. */
  readonly fromRun: ReadonlySet<string>;
  /** The host's own resolv.conf. */
  readonly resolvConf: string;
  sysctl(key: string): string | undefined;
  /** The text of a file in the state directory, or undefined when there is none. */
  readFile(path: string): string | undefined;
  listDirectory(path: string): readonly string[];
}
