import * as z from 'zod/mini';
import { VERSION } from '../state/version';

const dump = z.strictObject({
  variant: z.enum(['legacy', 'nf_tables']),
  family: z.enum(['ip', 'ip6']),
  text: z.string(),
});

/** A host's rules before and after they were migrated: all that it takes to go there and back. */
export const migrationRecord = z.strictObject({
  version: z.literal(VERSION),
  /** The nft tables that took the place of iptables' rules, and their text. */
  tables: z.array(z.string()),
  text: z.string(),
  /** What iptables held, and the sets of ipset that its rules named. */
  dumps: z.array(dump),
  sets: z.string(),
  /** Whether nothing may pass while both are in force. */
  gate: z.boolean(),
});

export type MigrationRecord = z.infer<typeof migrationRecord>;
