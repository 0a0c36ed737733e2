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
  const [first, last, ...rest] = text.split('-');
  const low = readPort(first ?? '');
  const high = last === undefined ? low : readPort(last);
  if (low === undefined || high === undefined || rest.length > 0)
    return problem('TN2003', `${quoted(text)} is not a port: a number from 1 to 65535, or two with a \`-\` between`);
  if (low > high)
    return problem('TN2003', `the range ${quoted(text)} runs backwards`, { replacement: `${high}-${low}` });
  return parsed({ first: low, last: high });
}

function readPort(text: string): Port | undefined {
  if (!/^[1-9]\d{0,4}$/.test(text)) return undefined;
  const value = Number(text);
  return value <= 65535 ? (value as Port) : undefined;
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
