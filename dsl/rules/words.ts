/** A name of a table, chain, set or object. Throws a RangeError for one that nft could not read again. */
export function objectName(name: string): string {
  if (!/^[A-Za-z_][\w./-]{0,127}$/.test(name)) throw new RangeError(`${JSON.stringify(name)} cannot be a name`);
  return name;
}

/** Text that stands in quotes, where nft knows no escapes. Throws a RangeError for what cannot stand there. */
export function quotable(text: string, most = 128): string {
  if (/["\u0000-\u001f\u007f]/.test(text)) throw new RangeError(`${JSON.stringify(text)} cannot stand in a rule`);
  if (Buffer.byteLength(text) > most) throw new RangeError(`${JSON.stringify(text)} is longer than ${most} bytes`);
  return text;
}
