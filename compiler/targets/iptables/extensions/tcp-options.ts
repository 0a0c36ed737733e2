import type { Expression } from '../../../../dsl/ruleset/tree';

/** What nft 1.0.6 calls options of TCP; others go by their number. */
const NAMES: Readonly<Record<number, string>> = {
  2: 'maxseg',
  3: 'window',
  4: 'sack-perm',
  5: 'sack',
  8: 'timestamp',
  19: 'md5sig',
  30: 'mptcp',
  34: 'fastopen',
};

export function tcpOptionName(kind: number): string {
  return NAMES[kind] ?? String(kind);
}

export function tcpOption(kind: number): Expression {
  return { kind: 'option', protocol: 'tcp', option: tcpOptionName(kind) };
}
