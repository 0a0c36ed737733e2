import { type Address, formatAddress } from '../../dsl/core/address';
import { WITH_PORTS } from '../meaning/fields';

/** An address, and the port where the protocol has any. */
export function endText(address: Address, port: number, protocol: number): string {
  const text = formatAddress(address);
  if (!WITH_PORTS.has(protocol)) return text;
  return address.family === 4 ? `${text}:${port}` : `[${text}]:${port}`;
}
