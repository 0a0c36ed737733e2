import type { Expression, NamedSet } from '../../dsl/ruleset/tree';
import { elementText, expressionText } from '../targets/nft/notation';
import { bit, type Condition } from './condition';
import { unknown } from './fields';

/** A set that rules or time change is one more thing that no packet tells. */
export function isLearnt({ flags, timeoutMs, elements }: NamedSet): boolean {
  return (
    flags.includes('dynamic') ||
    flags.includes('timeout') ||
    timeoutMs !== undefined ||
    elements.some((element) => element.timeoutMs !== undefined)
  );
}

/**
 * Whether a set that changes has a key now. It is the same only as one of the same name, asked for the same, that begins
 * with the same elements.
 */
export function hasKey(set: NamedSet, key: Expression): Condition {
  return bit(unknown(`@${set.name}${contentsText(set)} has ${keyText(key)}`));
}

/**
 * Bits at one place by one name: where `th dport` was written and the protocol asked for, nft lists `tcp dport`, and of
 * ICMP, which has no ports, `icmp checksum`.
 */
export function keyText(key: Expression): string {
  return expressionText(key)
    .replace(/\b(?:tcp|udp|udplite|sctp|dccp) ([sd]port)\b/g, 'th $1')
    .replace(/\bicmp(?:v6)? checksum\b/g, 'th dport');
}

/** What tells a set apart from another of its name. */
export function contentsText({ elements, timeoutMs }: NamedSet): string {
  const texts = elements.map(({ expiresMs: _, comment: __, ...element }) => inTens(elementText(element))).sort();
  const begins = texts.length === 0 ? '' : ` of ${texts.length} to begin with (${digest(texts.join())})`;
  return `${timeoutMs === undefined ? '' : ` for ${timeoutMs} ms`}${begins}`;
}

/** nft lists marks as hexadecimal numbers. */
function inTens(text: string): string {
  return text.replace(/\b0x[0-9a-f]+\b/gi, (number) => String(BigInt(number)));
}

/** Enough to tell texts apart in a name. */
function digest(text: string): string {
  let hash = 0xcbf29ce484222325n;
  for (const char of text) hash = ((hash ^ BigInt(char.codePointAt(0) ?? 0)) * 0x100000001b3n) & 0xffffffffffffffffn;
  return hash.toString(16).padStart(16, '0');
}
