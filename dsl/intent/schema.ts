import * as z from 'zod';
import { parseAddress, parsePrefix } from '../core/address';
import type { Parsed } from '../core/diagnostic';
import { parseHostName, parseInterfaceName, parseMac, parseName } from '../core/names';
import { parsePortRange, parseProtocol } from '../core/port';
import { parsePortSpec, parsePublish } from './publish';
import { parseRate } from './rate';

/** Text that a primitive's own parser reads; its problem travels in the issue's `params` to the diagnostic. */
function word<T>(parse: (text: string) => Parsed<T>, description: string, example: string) {
  return z
    .string()
    .meta({ description, examples: [example] })
    .transform((text, context): T => {
      const result = parse(text);
      if (result.ok) return result.value;
      context.issues.push({
        code: 'custom',
        message: result.problem.message,
        input: text,
        params: { problem: result.problem },
      });
      return z.NEVER;
    });
}

const name = word(parseName, 'A name of a network, container or address set', 'front');
const address = word(parseAddress, 'An IPv4 or IPv6 address', '172.17.0.3');
const prefix = word(parsePrefix, 'An address block, or one address', '172.17.0.0/16');
const interfaceName = word(parseInterfaceName, 'A network interface', 'wg0');
const hostName = word(parseHostName, 'A host or domain name', 'db.example.test');
const mac = word(parseMac, 'A unicast MAC address', '02:42:ac:11:00:03');
const rate = word(parseRate, 'New connections per unit of time', '100/second');
const publishSpec = word(
  parsePublish,
  'A published port: [ADDRESS:][HOST_PORT:]PORT[/PROTOCOL]',
  '127.0.0.1:8080:80/tcp',
);
const portSpec = word(parsePortSpec, 'A port or range of ports: PORT[/PROTOCOL]', '9100/tcp');
const portRange = word(parsePortRange, 'A port or range of ports', '5432');
const protocol = word(parseProtocol, 'tcp, udp or sctp', 'tcp');

/** A name of a network, container or address set, `host`, `outside`, an address or an address block. */
const party = z
  .string()
  .min(1)
  .max(256)
  .meta({
    description: 'A network, container, address set, `host`, an address or an address block',
    examples: ['front', 'host', '10.0.0.0/8'],
  });

const network = z.strictObject({
  name,
  subnets: z
    .array(prefix)
    .min(1, 'a network needs a `subnet`')
    .max(2, 'a network has one IPv4 and one IPv6 subnet at most')
    .meta({ description: 'One IPv4 and/or one IPv6 subnet' }),
  gateways: z
    .array(address)
    .max(2)
    .default([])
    .meta({ description: 'Default: the first usable address of each subnet' }),
  bridge: interfaceName.optional(),
  mtu: z.int().min(68).max(65535).optional(),
  nat: z
    .union([z.literal('masquerade'), z.literal('routed'), z.strictObject({ snat: z.array(address).min(1).max(2) })])
    .default('masquerade'),
  icc: z.boolean().default(true).meta({ description: 'Whether containers of this network reach each other' }),
  internal: z.boolean().default(false),
  publishAddresses: z.array(address).max(2).default([]).meta({ description: 'Default host addresses for publishes' }),
  trustedInterfaces: z.array(interfaceName).default([]),
  log: z.enum(['none', 'drops']).default('none'),
});

const attachment = z.strictObject({
  network: name,
  addresses: z.array(address).max(2).default([]).meta({ description: 'Default: the next free address of each subnet' }),
  mac: mac.optional(),
  aliases: z.array(hostName).default([]),
  gateways: z.array(address).max(2).default([]),
});

const networkMode = z.union(
  [
    z.literal('none'),
    z.literal('host'),
    z.strictObject({ container: name }),
    z.array(attachment).min(1, 'a container needs a `network`, if only `network none`'),
  ],
  'a container needs a `network`, if only `network none`',
);

const publish = z.union([
  publishSpec.transform((spec) => ({ spec, from: [] as string[], limit: undefined })),
  z.strictObject({
    spec: publishSpec,
    from: z.array(party).default([]),
    limit: rate.optional(),
  }),
]);

const link = z.union([
  name.transform((target) => ({ target, alias: undefined })),
  z.strictObject({ target: name, alias: hostName.optional() }),
]);

const container = z.strictObject({
  name,
  networks: networkMode,
  hostname: hostName.optional(),
  dns: z.array(address).default([]),
  dnsSearch: z.array(hostName).default([]),
  hosts: z.array(z.strictObject({ name: hostName, address })).default([]),
  publish: z.array(publish).default([]),
  expose: z.array(portSpec).default([]),
  links: z.array(link).default([]),
});

const traffic = { from: party, to: party, protocol: protocol.optional(), ports: z.array(portRange).default([]) };

const policy = z.strictObject({ action: z.enum(['allow', 'deny']), ...traffic });

const expectation = z.strictObject({
  ...traffic,
  outcome: z.union([
    z.literal('allowed'),
    z.literal('denied'),
    z.strictObject({ reaches: name, protocol: protocol.optional(), port: portRange.optional() }),
  ]),
});

/** The one schema behind all four spellings. `z.input` is the document people write, `z.output` the parsed intent. */
export const intentSchema = z.strictObject({
  $schema: z.string().optional(),
  defines: z.array(z.strictObject({ name, prefixes: z.array(prefix).min(1) })).default([]),
  networks: z.array(network).default([]),
  containers: z.array(container).default([]),
  policies: z.array(policy).default([]),
  expectations: z.array(expectation).default([]),
  tables: z.array(z.string()).default([]).meta({ description: "Tables of rules in nft's own syntax" }),
});
