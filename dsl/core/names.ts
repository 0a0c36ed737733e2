import type { Brand } from './brand';
import { type Parsed, parsed, problem } from './diagnostic';

/** The name of a network, container or address set: letters, digits, `_`, `.`, `-`, 1 to 63 characters. */
export type Name = Brand<string, 'Name'>;
/** A network device's name as the kernel takes it (`dev_valid_name`): 1 to 15 bytes, no `/`, `:` or white space. */
export type InterfaceName = Brand<string, 'InterfaceName'>;
/** A host or domain name (RFC 1123 section 2.1), at most 253 characters. */
export type HostName = Brand<string, 'HostName'>;
/** An Ethernet unicast address in lower case, `02:42:ac:11:00:03`. */
export type MacAddress = Brand<string, 'MacAddress'>;

export function parseName(text: string): Parsed<Name> {
  if (/^[A-Za-z0-9_.-]{1,63}$/.test(text) && text !== '.' && text !== '..' && !text.startsWith('-'))
    return parsed(text as Name);
  return problem('TN2006', `${quoted(text)} is not a name: 1 to 63 letters, digits, \`_\`, \`.\` or \`-\``);
}

export function parseInterfaceName(text: string): Parsed<InterfaceName> {
  if (/^[A-Za-z0-9_.@-]{1,15}$/.test(text) && text !== '.' && text !== '..' && !text.startsWith('-'))
    return parsed(text as InterfaceName);
  return problem(
    'TN2007',
    `${quoted(text)} is not an interface name: 1 to 15 letters, digits, \`_\`, \`.\`, \`@\` or \`-\``,
  );
}

export function parseHostName(text: string): Parsed<HostName> {
  const labels = text.replace(/\.$/, '').split('.');
  if (text.length <= 253 && labels.every((label) => /^[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?$/.test(label)))
    return parsed(text as HostName);
  return problem('TN2006', `${quoted(text)} is not a host name`);
}

export function parseMac(text: string): Parsed<MacAddress> {
  if (!/^[0-9a-fA-F]{2}(:[0-9a-fA-F]{2}){5}$/.test(text))
    return problem('TN2005', `${quoted(text)} is not a MAC address such as 02:42:ac:11:00:03`);
  if (Number.parseInt(text.slice(0, 2), 16) % 2 === 1)
    return problem('TN2005', `${quoted(text)} is a group address; an interface needs a unicast one (even first byte)`);
  if (/^[0:]+$/.test(text)) return problem('TN2005', 'the all-zero MAC address belongs to no interface');
  return parsed(text.toLowerCase() as MacAddress);
}

/** Input as it may be shown to a person: control characters escaped, long text cut. */
export function quoted(text: string): string {
  const cut = text.length > 60 ? `${text.slice(0, 57)}...` : text;
  return `\`${cut.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)}\``;
}

/** How long a text is in UTF-8, as the kernel counts. */
export function byteLength(text: string): number {
  return new TextEncoder().encode(text).length;
}
