import * as z from 'zod/mini';
import { parseAddress, parsePrefix } from '../core/address';
import { type Parsed, parsed } from '../core/diagnostic';
import { parseHostName, parseInterfaceName, parseMac, parseName } from '../core/names';
import { parsePortRange, parseProtocol } from '../core/port';
import { type PublishSpec, parsePortSpec, parsePublish } from './publish';
import { parseRate } from './rate';

/** Text that a primitive's own parser reads; its problem travels in the issue's `params` to the diagnostic. */
function word<T>(parse: (text: string) => Parsed<T>, description: string, example: string) {
  const reading = z.transform((input: string, context): T => {
    const result = parse(input);
    if (result.ok) return result.value;
    context.issues.push({
      code: 'custom',
      message: result.problem.message,
      input,
      params: { problem: result.problem },
    });
    return z.NEVER;
  });
  return z.pipe(described(z.string(), description, example), reading);
}

/** A schema, and what the JSON Schema of an intent says of it. */
function described<S extends z.ZodMiniType>(schema: S, description: string, ...examples: readonly string[]): S {
  z.globalRegistry.add(schema, { description, ...(examples.length > 0 ? { examples: [...examples] } : {}) });
  return schema;
}

const ONE_OF_EACH = 'one IPv4 and one IPv6 address at most';
/** One list for all that say nothing: zod would make one for each. */
const NOTHING: never[] = [];
Object.freeze(NOTHING);
const many = <S extends z.ZodMiniType>(schema: S) => z._default(z.array(schema), () => NOTHING);
const atMostTwo = <S extends z.ZodMiniType>(schema: S) =>
  z._default(z.array(schema).check(z.maxLength(2, ONE_OF_EACH)), () => NOTHING);

const name = word(parseName, 'A name of a network, container or address set', 'front');
const address = word(parseAddress, 'An IPv4 or IPv6 address', '172.17.0.3');
const prefix = word(parsePrefix, 'An address block, or one address', '172.17.0.0/16');
const interfaceName = word(parseInterfaceName, 'A network interface', 'wg0');
const hostName = word(parseHostName, 'A host or domain name', 'db.example.test');
const mac = word(parseMac, 'A unicast MAC address', '02:42:ac:11:00:03');
const rate = word(parseRate, 'New connections per unit of time', '100/second');
const PUBLISH = 'A published port: [ADDRESS:][HOST_PORT:]PORT[/PROTOCOL]';
const PUBLISH_EXAMPLE = '127.0.0.1:8080:80/tcp';
const publishSpec = word(parsePublish, PUBLISH, PUBLISH_EXAMPLE);
const portSpec = word(parsePortSpec, 'A port or range of ports: PORT[/PROTOCOL]', '9100/tcp');
const portRange = word(parsePortRange, 'A port or range of ports', '5432');
const protocol = word(parseProtocol, 'tcp, udp or sctp', 'tcp');

/** A name of a network, container or address set, `host`, `outside`, an address or an address block. */
const party = described(
  z.string().check(z.minLength(1), z.maxLength(256)),
  'A network, container, address set, `host`, an address or an address block',
  'front',
  'host',
  '10.0.0.0/8',
);

const network = z.strictObject({
  name,
  subnets: described(
    z
      .array(prefix)
      .check(
        z.minLength(1, 'a network needs a `subnet`'),
        z.maxLength(2, 'a network has one IPv4 and one IPv6 subnet at most'),
      ),
    'One IPv4 and/or one IPv6 subnet',
  ),
  gateways: described(atMostTwo(address), 'Default: the first usable address of each subnet'),
  bridge: z.optional(interfaceName),
  mtu: z.optional(z.int().check(z.gte(68), z.lte(65535))),
  nat: z._default(
    z.union([
      z.literal('masquerade'),
      z.literal('routed'),
      z.strictObject({
        snat: z.array(address).check(z.minLength(1, '`snat` needs an address'), z.maxLength(2, ONE_OF_EACH)),
      }),
    ]),
    'masquerade',
  ),
  icc: described(z._default(z.boolean(), true), 'Whether containers of this network reach each other'),
  internal: z._default(z.boolean(), false),
  publishAddresses: described(atMostTwo(address), 'Default host addresses for publishes'),
  trustedInterfaces: many(interfaceName),
  log: z._default(z.enum(['none', 'drops']), 'none'),
});

const attachment = z.strictObject({
  network: name,
  addresses: described(atMostTwo(address), 'Default: the next free address of each subnet'),
  mac: z.optional(mac),
  aliases: many(hostName),
  gateways: atMostTwo(address),
});

const NEEDS_NETWORK = 'a container needs a `network`, if only `network none`';
const networkMode = z.union(
  [
    z.array(attachment).check(z.minLength(1, NEEDS_NETWORK)),
    z.literal('none'),
    z.literal('host'),
    z.strictObject({ container: name }),
  ],
  NEEDS_NETWORK,
);

/** A publish of which nothing more is said. */
function parsePublishAlone(text: string): Parsed<{ spec: PublishSpec; from: string[]; limit: undefined }> {
  const spec = parsePublish(text);
  return spec.ok ? parsed({ spec: spec.value, from: NOTHING, limit: undefined }) : spec;
}

const publish = z.union([
  word(parsePublishAlone, PUBLISH, PUBLISH_EXAMPLE),
  z.strictObject({ spec: publishSpec, from: many(party), limit: z.optional(rate) }),
]);

const link = z.union([
  z.pipe(
    name,
    z.transform((target) => ({ target, alias: undefined })),
  ),
  z.strictObject({ target: name, alias: z.optional(hostName) }),
]);

const container = z.strictObject({
  name,
  networks: networkMode,
  hostname: z.optional(hostName),
  dns: many(address),
  dnsSearch: many(hostName),
  hosts: many(z.strictObject({ name: hostName, address })),
  publish: many(publish),
  expose: many(portSpec),
  links: many(link),
});

const traffic = () => ({ from: party, to: party, protocol: z.optional(protocol), ports: many(portRange) });

// What many an intent has none of is made when there is some: a schema takes longer to make than a short text to read.
const define = z.lazy(() =>
  z.strictObject({ name, prefixes: z.array(prefix).check(z.minLength(1, 'an address set needs an address block')) }),
);

const policy = z.lazy(() => z.strictObject({ action: z.enum(['allow', 'deny']), ...traffic() }));

const expectation = z.lazy(() =>
  z.strictObject({
    ...traffic(),
    outcome: z.union([
      z.literal('allowed'),
      z.literal('denied'),
      z.strictObject({ reaches: name, protocol: z.optional(protocol), port: z.optional(portRange) }),
    ]),
  }),
);

/** What each list of an intent has. */
export const itemSchemas = {
  defines: define,
  networks: network,
  containers: container,
  policies: policy,
  expectations: expectation,
  tables: z.string(),
};

/** The one schema behind all four spellings. `z.input` is the document people write, `z.output` the parsed intent. */
export const intentSchema = z.strictObject({
  $schema: z.optional(z.string()),
  defines: many(itemSchemas.defines),
  networks: many(itemSchemas.networks),
  containers: many(itemSchemas.containers),
  policies: many(itemSchemas.policies),
  expectations: many(itemSchemas.expectations),
  tables: described(many(itemSchemas.tables), "Tables of rules in nft's own syntax"),
});
