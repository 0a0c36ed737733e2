import type { PROTOCOLS } from '../../core/port';

/** The spellings of a document's words, as far as TypeScript can tell them apart; the schema judges the rest. */
export type ProtocolText = (typeof PROTOCOLS)[number];
export type PortText = `${number}` | `${number}-${number}`;
export type PortSpecText = PortText | `${PortText}/${ProtocolText}`;
type Mapping =
  | PortText
  | `${PortText}:${PortText}`
  | `${string}:${PortText}:${PortText}`
  | `[${string}]:${PortText}:${PortText}`;
export type PublishText = Mapping | `${Mapping}/${ProtocolText}`;

export type Ipv4Text = `${number}.${number}.${number}.${number}`;
export type Ipv6Text = `${string}:${string}`;
export type AddressText = Ipv4Text | Ipv6Text;
export type PrefixText = `${AddressText}/${number}` | AddressText;
export type RateText = `${number}/${'second' | 'minute' | 'hour' | 'day'}`;
export type MacText = `${string}:${string}:${string}:${string}:${string}:${string}`;
