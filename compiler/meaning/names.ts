/**
 * The names that rules and packets speak of, each as a number, so that `eth*` is a range: names that begin alike are
 * neighbours, and behind those that are spoken of stands one for all others that begin so.
 */
export class Names {
  private readonly exact: ReadonlyMap<string, number>;
  private readonly beginning: ReadonlyMap<string, readonly [first: number, last: number]>;
  private readonly texts: readonly string[];
  /** The largest number. */
  readonly last: number;

  constructor(exact: Iterable<string>, prefixes: Iterable<string>) {
    const begins = [...new Set(prefixes)].filter((prefix) => prefix !== '');
    const entries = [
      ...[...new Set(['', ...exact])].map((name) => ({ key: name, name, other: false })),
      ...['', ...begins].map((prefix) => ({ key: `${prefix}\uffff`, name: prefix, other: true })),
    ].sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
    this.exact = new Map(entries.flatMap(({ name, other }, index) => (other ? [] : [[name, index] as const])));
    this.beginning = new Map(
      begins.map((prefix) => {
        const first = entries.findIndex(({ key }) => key.startsWith(prefix));
        const last = entries.findIndex(({ key }) => key === `${prefix}\uffff`);
        return [prefix, [first, last]] as const;
      }),
    );
    this.last = entries.length - 1;
    this.texts = entries.map(({ name, other }) => (other ? `${name}*` : name));
  }

  /** A name's number; a name that nobody speaks of is one of those that begin as it does. */
  numberOf(name: string): number {
    const known = this.exact.get(name);
    if (known !== undefined) return known;
    for (let length = name.length; length > 0; length--) {
      const range = this.beginning.get(name.slice(0, length));
      if (range) return range[1];
    }
    return this.last;
  }

  rangeOf(prefix: string): readonly [first: number, last: number] {
    if (prefix === '') return [0, this.last];
    const range = this.beginning.get(prefix);
    if (!range) throw new Error(`names that begin with ${prefix} were not announced`);
    return range;
  }

  /** Some name of that number: for those that nobody speaks of, one is made up. */
  textOf(number: number): string {
    const text = this.texts[number] ?? '*';
    if (!text.endsWith('*')) return text;
    for (let index = 0; ; index++) {
      const name = `${text.slice(0, -1) || 'any'}${index}`;
      if (this.numberOf(name) === number) return name;
    }
  }
}
