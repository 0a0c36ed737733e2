import * as z from 'zod/mini';
import { type ElementTexts, type Footprint, XT_TABLES } from '../../compiler';
import { parseAddress } from '../../dsl/core/address';
import type { Leases } from '../../dsl/intent/topology';
import type { Mend } from '../observe/foreign/obstacles';
import { VERSION } from './version';

export { VERSION };

const sysctl = z.strictObject({ key: z.string(), value: z.string() });

const bridge = z.strictObject({
  network: z.string(),
  name: z.string(),
  mac: z.string(),
  mtu: z.nullable(z.number()),
  addresses: z.array(z.string()),
  sysctls: z.array(sysctl),
});

const sandbox = z.strictObject({
  container: z.string(),
  namespace: z.string(),
  endpoints: z.array(
    z.strictObject({
      interface: z.string(),
      veth: z.string(),
      bridge: z.string(),
      mac: z.string(),
      mtu: z.nullable(z.number()),
      isolated: z.boolean(),
      guarded: z._default(z.boolean(), false),
      addresses: z.array(z.string()),
      gateways: z.array(z.string()),
    }),
  ),
});

const command = z.tuple([z.string()], z.string());

const footprint = z.strictObject({
  family: z.enum(['ip', 'ip6']),
  tables: z.array(
    z.strictObject({
      name: z.enum(XT_TABLES),
      chains: z.record(z.string(), z.number()),
      hooks: z.array(
        z.strictObject({ builtin: z.string(), entries: z.array(z.string()), gate: z.nullable(z.string()) }),
      ),
    }),
  ),
  sets: z.array(z.strictObject({ name: z.string(), type: z.string() })),
});

/** The generation of chains that iptables leads to. */
const xtablesRecord = z.strictObject({
  variant: z.enum(['legacy', 'nf_tables']),
  generation: z.enum(['a', 'b']),
  ipset: z.boolean(),
  ip: footprint,
  ip6: footprint,
});

/** Whether a part of the intent came from an applied file or from `tsnet run`. */
const source = z.enum(['file', 'run']);

/** Elements by set and key, as JSON holds them. */
const elements = z.record(z.string(), z.record(z.string(), z.string()));

export const networkRecord = z.strictObject({ version: z.literal(VERSION), source, document: z.unknown(), bridge });
export const containerRecord = z.strictObject({
  version: z.literal(VERSION),
  source,
  document: z.unknown(),
  sandbox: z.nullable(sandbox),
  leases: z.strictObject({ addresses: z.record(z.string(), z.string()), ports: z.record(z.string(), z.number()) }),
  /** What the nft ruleset holds for it. */
  elements: z._default(elements, {}),
});
export const hostRecord = z.strictObject({
  version: z.literal(VERSION),
  /** The parts of the intent that belong to no network or container. */
  document: z.record(z.string(), z.array(z.unknown())),
  target: z.enum(['nft', 'iptables']),
  tables: z.array(z.string()),
  xtables: z._default(z.nullable(xtablesRecord), null),
  /** What other tools were told for our networks' sake, and how they are told to forget it. */
  mends: z._default(z.array(z.strictObject({ network: z.string(), title: z.string(), back: z.array(command) })), []),
  sysctls: z.array(z.strictObject({ key: z.string(), value: z.string(), before: z.nullable(z.string()) })),
});

/** What of the ruleset belongs to no container. */
export const rulesetRecord = z.discriminatedUnion('target', [
  z.strictObject({
    version: z.literal(VERSION),
    target: z.literal('nft'),
    frames: z.record(z.string(), z.string()),
    elements,
  }),
  z.strictObject({ version: z.literal(VERSION), target: z.literal('iptables'), text: z.string() }),
]);

export type RulesetRecord = z.infer<typeof rulesetRecord>;

export function elementsFrom(record: Readonly<Record<string, Readonly<Record<string, string>>>>): ElementTexts {
  return new Map(Object.entries(record).map(([set, members]) => [set, new Map(Object.entries(members))]));
}

export function elementsTo(texts: ElementTexts): Record<string, Record<string, string>> {
  return Object.fromEntries([...texts].map(([set, members]) => [set, Object.fromEntries(members)]));
}

export type NetworkRecord = z.infer<typeof networkRecord>;
export type ContainerRecord = z.infer<typeof containerRecord>;
export type HostRecord = Omit<z.infer<typeof hostRecord>, 'xtables' | 'mends'> & {
  readonly xtables: XtablesRecord | null;
  readonly mends: readonly Pick<Mend, 'network' | 'title' | 'back'>[];
};
export type XtablesRecord = Omit<z.infer<typeof xtablesRecord>, 'ip' | 'ip6'> &
  Readonly<Record<'ip' | 'ip6', Footprint>>;

export function leasesOf(records: Iterable<Pick<ContainerRecord, 'leases'>>): Leases {
  const addresses = new Map();
  const ports = new Map<string, number>();
  for (const { leases } of records) {
    for (const [key, text] of Object.entries(leases.addresses)) {
      const address = parseAddress(text);
      if (address.ok) addresses.set(key, address.value);
    }
    for (const [key, port] of Object.entries(leases.ports)) ports.set(key, port);
  }
  return { addresses, ports };
}
