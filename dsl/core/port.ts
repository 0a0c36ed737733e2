import type { Brand } from './brand';
import { type Parsed, parsed, problem } from './diagnostic';
import { quoted } from './names';

/** A transport port, 1 to 65535. */
export type Port = Brand<number, 'Port'>;

/** Both ends included; one port is a range with equal ends. */
export interface PortRange {
  readonly first: Port;
  readonly last: Port;
}

export const PROTOCOLS = ['tcp', 'udp', 'sctp'] as const;
export type Protocol = (typeof PROTOCOLS)[number];

/** `8080` or `8080-8090`. */
export function parsePortRange(text: string): Parsed<PortRange> {
  const dash = text.indexOf('-');
  const low = readPort(dash < 0 ? text : text.slice(0, dash));
  const high = dash < 0 ? low : readPort(text.slice(dash + 1));
  if (low === undefined || high === undefined)
    return problem('TN2003', `${quoted(text)} is not a port: a number from 1 to 65535, or two with a \`-\` between`);
  if (low > high)
    return problem('TN2003', `the range ${quoted(text)} runs backwards`, { replacement: `${high}-${low}` });
  return parsed({ first: low, last: high });
}

function readPort(text: string): Port | undefined {
  if (text.length > 5 || text.startsWith('0')) return undefined;
  let value = 0;
  for (let at = 0; at < text.length; at++) {
    const digit = text.charCodeAt(at) - 48;
    if (digit < 0 || digit > 9) return undefined;
    value = value * 10 + digit;
  }
  return value >= 1 && value <= 65535 ? (value as Port) : undefined;
}

export function parseProtocol(text: string): Parsed<Protocol> {
  const found = PROTOCOLS.find((protocol) => protocol === text);
  if (found) return parsed(found);
  return problem('TN2012', `${quoted(text)} is not a protocol`, { hint: 'tcp, udp or sctp', candidates: PROTOCOLS });
}

export function portCount(range: PortRange): number {
  return range.last - range.first + 1;
}

export function formatPortRange(range: PortRange): string {
  return range.first === range.last ? String(range.first) : `${range.first}-${range.last}`;
}
