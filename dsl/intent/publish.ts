import { type Address, parseAddress, readAddress } from '../core/address';
import { type Parsed, parsed, problem } from '../core/diagnostic';
import { quoted } from '../core/names';
import { type PortRange, type Protocol, parsePortRange, parseProtocol, portCount } from '../core/port';

/** One published port or range, in Docker's spelling `[ADDRESS:][HOST_PORT:]PORT[/PROTOCOL]`. */
export interface PublishSpec {
  /** Undefined: every address of the host. */
  readonly address: Address | undefined;
  /** Undefined: a free port is leased. */
  readonly hostPorts: PortRange | undefined;
  readonly ports: PortRange;
  readonly protocol: Protocol;
}

/** A container port as `expose` and rules name it: `9100/tcp`, `8000-8010`. */
export interface PortSpec {
  readonly ports: PortRange;
  readonly protocol: Protocol;
}

const FORMS = 'PORT, HOST_PORT:PORT or ADDRESS:HOST_PORT:PORT, then /udp or /sctp if it is not tcp';

export function parsePublish(text: string): Parsed<PublishSpec> {
  const slash = text.indexOf('/');
  const protocol = parseProtocol(slash < 0 ? 'tcp' : text.slice(slash + 1));
  if (!protocol.ok) return within(protocol, text.slice(slash + 1), slash + 1);
  const head = slash < 0 ? text : text.slice(0, slash);
  const bracket = head.startsWith('[') ? /^\[([^\]]*)\]:/.exec(head) : null;
  const rest = bracket ? head.slice(bracket[0].length) : head;
  const offset = head.length - rest.length;
  const words = rest.split(':');
  if (
    words.length > (bracket ? 2 : 3) ||
    words.some((word, i) => word === '' && !(i === words.length - 2 && words.length > 1))
  )
    return problem('TN2004', `${quoted(text)} is not a publish`, {
      hint: readAddress(rest.split(':').slice(0, -2).join(':'))
        ? 'an IPv6 address goes in brackets: [2001:db8::1]:8443:443'
        : FORMS,
    });
  const addressText = bracket ? bracket[1] : words.length === 3 ? words[0] : undefined;
  const address = addressText === undefined ? undefined : parseAddress(addressText);
  if (address && !address.ok) return within(address, addressText, bracket ? 1 : 0);
  const portAt = offset + rest.lastIndexOf(':') + 1;
  const ports = parsePortRange(words.at(-1) ?? '');
  if (!ports.ok) return within(ports, words.at(-1), portAt);
  const hostWord = words.length > 1 ? words.at(-2) : undefined;
  const hostPorts = hostWord ? parsePortRange(hostWord) : undefined;
  if (hostPorts && !hostPorts.ok) return within(hostPorts, hostWord, portAt - 1 - (hostWord?.length ?? 0));
  if (hostPorts?.ok && portCount(hostPorts.value) !== portCount(ports.value))
    return problem(
      'TN2110',
      `${portCount(hostPorts.value)} host ports cannot map to ${portCount(ports.value)} container ports port by port`,
      { hint: 'give both ranges the same length' },
    );
  return parsed({
    address: address?.value,
    hostPorts: hostPorts?.value,
    ports: ports.value,
    protocol: protocol.value,
  });
}

export function parsePortSpec(text: string): Parsed<PortSpec> {
  const slash = text.indexOf('/');
  const protocol = parseProtocol(slash < 0 ? 'tcp' : text.slice(slash + 1));
  if (!protocol.ok) return within(protocol, text.slice(slash + 1), slash + 1);
  const head = slash < 0 ? text : text.slice(0, slash);
  const ports = parsePortRange(head);
  if (!ports.ok) return within(ports, head, 0);
  return parsed({ ports: ports.value, protocol: protocol.value });
}

/** A problem with a part of a text, which begins `at` so many characters into it, as a problem with the whole. */
function within(failed: Parsed<never> & { ok: false }, part: string | undefined, at: number): Parsed<never> {
  const { start = 0, end = part?.length ?? 0 } = failed.problem;
  return { ok: false, problem: { ...failed.problem, start: at + start, end: at + end } };
}
