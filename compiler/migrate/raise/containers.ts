import { type Address, formatAddress } from '../../../dsl/core/address';
import { formatPortRange, portCount } from '../../../dsl/core/port';
import type { Rule } from '../../../dsl/ruleset/tree';
import type { Facts, NetworkFacts, PublishFacts } from './facts';

export interface Container {
  readonly name: string;
  readonly network: string;
  readonly addresses: readonly Address[];
  readonly publishes: readonly string[];
  readonly rules: readonly Rule[];
}

/** The containers that rules speak of: those that publish a port, are linked, or have one opened. */
export function containersOf(facts: Facts, raised: ReadonlySet<NetworkFacts>): Container[] {
  const all = [...raised].flatMap((network) => inNetwork(facts, network));
  const twice = all.filter(({ name }, index) => all.findIndex((one) => one.name === name) !== index);
  const clashing = new Set(twice.map(({ name }) => name));
  return all.map((one) => (clashing.has(one.name) ? { ...one, name: nameOf(one.addresses) } : one));
}

function inNetwork(facts: Facts, network: NetworkFacts): Container[] {
  const publishes = facts.publishes.filter((one) => one.network === network);
  const openings = facts.openings.filter((one) => one.network === network);
  const spoken = [
    ...publishes.map(({ to }) => to),
    ...openings.flatMap(({ to, from }) => (from ? [to, from] : [to])),
    ...[...facts.containers.values()].filter((one) => one.network === network).map(({ address }) => address),
  ];
  const addresses = [...new Map(spoken.map((one) => [formatAddress(one), one])).values()].sort(byValue);
  const own = (address: Address) => publishes.filter(({ to }) => formatAddress(to) === formatAddress(address));
  return together(addresses, own).map((both): Container => {
    const rules = [...publishes, ...openings].filter(({ to }) => both.some((one) => one.value === to.value));
    return {
      name: both.map((one) => facts.names.get(formatAddress(one))).find((name) => name !== undefined) ?? nameOf(both),
      network: network.name ?? '',
      addresses: both,
      publishes: publishesOf(both.map(own)),
      rules: rules.map(({ rule }) => rule),
    };
  });
}

function byValue(a: Address, b: Address): number {
  return a.family - b.family || (a.value < b.value ? -1 : a.value > b.value ? 1 : 0);
}

function nameOf([first]: readonly Address[]): string {
  return `c-${(first ? formatAddress(first) : '').replace(/[.:]+/g, '-')}`;
}

/**
 * An IPv4 and an IPv6 address are one container's when the second is made of the MAC that Docker makes of the first, or
 * when the same host port leads to both.
 */
function together(addresses: readonly Address[], own: (address: Address) => readonly PublishFacts[]): Address[][] {
  const six = addresses.filter(({ family }) => family === 6);
  const free = new Set(six);
  const pairs = addresses
    .filter(({ family }) => family === 4)
    .map((four) => {
      const ports = new Set(own(four).map(portOf));
      const other =
        six.find((one) => free.has(one) && ofSameMac(four, one)) ??
        six.find((one) => free.has(one) && own(one).some((publish) => ports.has(portOf(publish))));
      if (!other) return [four];
      free.delete(other);
      return [four, other];
    });
  return [...pairs, ...[...free].map((one) => [one])];
}

function portOf({ protocol, hostPort, port }: PublishFacts): string {
  return `${protocol} ${hostPort.first} ${port.first}`;
}

function ofSameMac(four: Address, six: Address): boolean {
  return (BigInt(six.value) & 0xffff_ffff_ffffn) === 0x0242_0000_0000n + BigInt(four.value);
}

/** Publishes in the language's words; neighbouring ports are one range, and both families one publish. */
function publishesOf(families: readonly (readonly PublishFacts[])[]): string[] {
  const words = families.flatMap((publishes) => {
    const sorted = [...publishes].sort(
      (a, b) => keyOf(a).localeCompare(keyOf(b)) || a.hostPort.first - b.hostPort.first,
    );
    const merged: PublishFacts[] = [];
    for (const publish of sorted) {
      const last = merged.at(-1);
      if (last && keyOf(last) === keyOf(publish) && continues(last, publish))
        merged[merged.length - 1] = {
          ...last,
          hostPort: { first: last.hostPort.first, last: publish.hostPort.last },
          port: { first: last.port.first, last: publish.port.last },
        };
      else merged.push(publish);
    }
    return merged.map(publishText);
  });
  return [...new Set(words)];
}

function keyOf({ protocol, hostAddress }: PublishFacts): string {
  return `${hostAddress ? formatAddress(hostAddress) : ''} ${protocol}`;
}

function continues(last: PublishFacts, next: PublishFacts): boolean {
  return (
    next.hostPort.first === last.hostPort.last + 1 &&
    next.port.first === last.port.last + 1 &&
    portCount(next.port) === portCount(next.hostPort)
  );
}

function publishText({ hostAddress, hostPort, port, protocol }: PublishFacts): string {
  const address = hostAddress ? formatAddress(hostAddress) : undefined;
  const at = address === undefined ? '' : address.includes(':') ? `[${address}]:` : `${address}:`;
  return `${at}${formatPortRange(hostPort)}:${formatPortRange(port)}${protocol === 'tcp' ? '' : `/${protocol}`}`;
}
