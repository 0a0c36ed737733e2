/** Something in a listing that tsnet has no words for; `what` names it. */
export class Outside extends Error {
  constructor(readonly what: string) {
    super(what);
  }
}

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
export type JsonObject = { readonly [key: string]: Json };

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

/** The only key of `{"match": {...}}`, and what it holds. */
export function onlyEntry(value: Json): readonly [key: string, body: Json] {
  const entries = isObject(value) ? Object.entries(value) : [];
  const [only, second] = entries;
  if (!only || second) throw new Outside(JSON.stringify(value));
  return only;
}

export function objectIn(value: Json | undefined, what: string): JsonObject {
  if (!isObject(value)) throw new Outside(what);
  return value;
}

/** A word that names something or is a keyword: it stands unquoted, so nothing may break out of it. */
export function wordIn(value: Json | undefined, what: string): string {
  if (typeof value === 'number') return String(value);
  if (typeof value === 'string' && /^[\w./:+*-]+$/.test(value)) return value;
  throw new Outside(`${what} ${JSON.stringify(value ?? null)}`);
}

/** A number of 32 bits: nft 1.0.6 lists the larger half of them as negative ones. */
export function countIn(value: Json | undefined, what: string): string {
  return wordIn(typeof value === 'number' && value < 0 ? value + 2 ** 32 : value, what);
}

/** A text between quotes; nft's have no escape. */
export function quotedIn(value: Json | undefined, what: string): string {
  if (typeof value === 'string' && !/["\u0000-\u001f\u007f]/.test(value)) return `"${value}"`;
  throw new Outside(`${what} ${JSON.stringify(value ?? null)}`);
}

/** One or several; nft leaves the brackets out around one. */
export function listOf(value: Json | undefined): readonly Json[] {
  if (value === undefined || value === null) return [];
  return isList(value) ? value : [value];
}
