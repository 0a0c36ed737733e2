import type { Local, Route, Surroundings } from '../../compiler/world/world';
import { type Address, parseAddress, parsePrefix } from '../../dsl/core/address';
import type { Source } from '../../dsl/core/source';
import { run } from '../host/exec';
import { done, type HostFault, type Result, refused } from '../host/fault';
import { readOptional } from '../host/files';

/** The rules of a host as its tools print them, and what stands around these rules. */
export interface View {
  /** In the order of the kernel's; of tables that the caller knows, their names: `inet tsnet`. */
  readonly rules: readonly (Source | string)[];
  /** The sets of ipset that rules look into. */
  readonly sets: readonly Source[];
  readonly surroundings: Omit<Surroundings, 'inhabitants'>;
}

/** What iptables keeps in nf_tables; nft shows such rules without their matches, the tool's own save shows them whole. */
const IPTABLES = /^(ip6?) (filter|nat|mangle|raw|security)$/;
const SAVES = { ip: 'iptables-nft-save', ip6: 'ip6tables-nft-save' } as const;
const LEGACY = [
  { loaded: '/proc/net/ip_tables_names', save: 'iptables-legacy-save' },
  { loaded: '/proc/net/ip6_tables_names', save: 'ip6tables-legacy-save' },
] as const;
const BRIDGE_NETFILTER = '/proc/sys/net/bridge/bridge-nf-call-iptables';

/** Of the blocks for documentation (RFC 5737, RFC 3849): somebody outside. */
const CLIENT = ['203.0.113.9', '2001:db8:cb00:7109::9'].flatMap(address);

/** Reads all of a host that decides what becomes of a packet, but the tables of nft's that are known. Nothing is changed. */
export async function viewHost(known: ReadonlySet<string>): Promise<Result<View, HostFault>> {
  const rules = await rulesBut(known);
  if (!rules.ok) return rules;
  const sets = await setsFor(rules.value);
  if (!sets.ok) return sets;
  const [routes4, routes6] = await Promise.all([routes('-4'), routes('-6')]);
  if (!routes4.ok) return routes4;
  if (!routes6.ok) return routes6;
  const links = await linksWithAddresses([...routes4.value, ...routes6.value]);
  if (!links.ok) return links;
  return done({
    rules: rules.value,
    sets: sets.value,
    surroundings: {
      local: localsOf(links.value),
      routes: [...routesOf(routes4.value, '0.0.0.0/0'), ...routesOf(routes6.value, '::/0')],
      client: CLIENT,
      bridgeNetfilter: readOptional(BRIDGE_NETFILTER)?.trim() === '1',
    },
  });
}

async function rulesBut(known: ReadonlySet<string>): Promise<Result<View['rules'], HostFault>> {
  const listed = await run('nft', ['list', 'tables']);
  if (!listed.ok) return listed;
  const { exitCode, stderr, stdout } = listed.value;
  if (exitCode !== 0) return refused('TN5002', `nft does not list its tables: ${stderr.trim()}`);
  const names = [...stdout.matchAll(/^table (\S+) (\S+)$/gm)].map(([, family, name]) => `${family} ${name}`);
  const wanted: (string | [program: string, ...args: string[]])[] = [
    ...names
      .filter((name) => !IPTABLES.test(name))
      .map((name): string | [string, ...string[]] =>
        known.has(name) ? name : ['nft', '--stateless', 'list', 'table', ...name.split(' ')],
      ),
    ...(['ip', 'ip6'] as const)
      .filter((family) => names.some((name) => IPTABLES.exec(name)?.[1] === family))
      .map((family): [string] => [SAVES[family]]),
    ...LEGACY.filter(({ loaded }) => holdsTables(loaded)).map(({ save }): [string] => [save]),
  ];
  const rules: (Source | string)[] = [];
  for (const one of wanted) {
    if (typeof one === 'string') {
      rules.push(one);
      continue;
    }
    const [program, ...args] = one;
    const ran = await run(program, args);
    if (!ran.ok) return ran;
    const name = [program, ...args.filter((word) => !word.startsWith('-'))].join(' ');
    if (ran.value.exitCode !== 0) return refused('TN5002', `${name}: ${ran.value.stderr.trim()}`);
    rules.push({ name, text: ran.value.stdout });
  }
  return done(rules);
}

/** What rules of iptables look up in sets of ipset: nothing where none of them does. */
async function setsFor(rules: View['rules']): Promise<Result<View['sets'], HostFault>> {
  if (!rules.some((one) => typeof one !== 'string' && one.text.includes(' --match-set '))) return done([]);
  const ran = await run('ipset', ['save']);
  if (!ran.ok) return ran;
  if (ran.value.exitCode !== 0) return refused('TN5002', `ipset save: ${ran.value.stderr.trim()}`);
  return done([{ name: 'ipset save', text: ran.value.stdout }]);
}

/** In a user namespace the list is closed even to its root: then none is taken for loaded. */
function holdsTables(list: string): boolean {
  try {
    return (readOptional(list) ?? '').trim() !== '';
  } catch {
    return false;
  }
}

/** Those of the main table, and of the one that says which addresses are the host's. */
function routes(family: '-4' | '-6'): Promise<Result<readonly IpRoute[], HostFault>> {
  return askIp<IpRoute>(['route show', 'route show table local type local'], family);
}

/** A list of all links would look for the other end of each among all namespaces, which takes long where there are many. */
function linksWithAddresses(all: readonly IpRoute[]): Promise<Result<readonly IpAddresses[], HostFault>> {
  const names = new Set(all.flatMap(({ type, dev }) => (type === 'local' && dev !== undefined ? [dev] : [])));
  return askIp<IpAddresses>([...names].map((name) => `address show dev ${name}`));
}

/** What `ip` says to some questions; a link that has gone meanwhile is none. */
async function askIp<T>(
  questions: readonly string[],
  ...options: readonly string[]
): Promise<Result<readonly T[], HostFault>> {
  const asked = await run('ip', [...options, '-json', '-force', '-batch', '-'], `${questions.join('\n')}\n`);
  if (!asked.ok) return asked;
  const answers = asked.value.stdout.split('\n').filter((line) => line.startsWith('['));
  return done(answers.flatMap((line) => JSON.parse(line) as T[]));
}

interface IpAddresses {
  readonly ifindex: number;
  readonly ifname: string;
  readonly addr_info?: readonly { readonly local?: string; readonly deprecated?: boolean }[];
}

/** An address that is deprecated is the host's, but the last one to leave with. */
function localsOf(links: readonly IpAddresses[]): Local[] {
  const inOrder = links.toSorted((a, b) => a.ifindex - b.ifindex);
  return inOrder.flatMap(({ ifname, addr_info = [] }) =>
    addr_info
      .toSorted((a, b) => Number(a.deprecated ?? false) - Number(b.deprecated ?? false))
      .flatMap(({ local }) => address(local).map((one) => ({ address: one, interface: ifname }))),
  );
}

interface IpRoute {
  readonly dst: string;
  readonly dev?: string;
  readonly gateway?: string;
  readonly type?: string;
}

function routesOf(routes: readonly IpRoute[], all: string): Route[] {
  return routes.flatMap(({ dst, dev, gateway, type = 'unicast' }): Route[] => {
    const prefix = parsePrefix(dst === 'default' ? all : dst);
    if (!prefix.ok || dev === undefined || type !== 'unicast') return [];
    const [via] = address(gateway);
    return [{ prefix: prefix.value, interface: dev, ...(via ? { via } : {}) }];
  });
}

function address(text: string | undefined): Address[] {
  const outcome = parseAddress(text ?? '');
  return outcome.ok ? [outcome.value] : [];
}
