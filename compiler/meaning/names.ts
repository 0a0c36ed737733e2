import { UNBOUNDED } from './condition';

/** How many names that begin alike can be told apart. */
const ROOM = 2 ** 24;
/** Behind every character that a name may have. */
const BEHIND = '\uffff';

/**
 * The names that rules and packets speak of, each as a number that it is given when it is first met, so that `eth*` is a
 * range: names that begin alike are neighbours, and the numbers among them that nobody was given are all others that begin
 * so.
 */
export class Names {
  /** In the order of their numbers: what begins as another does stands right before it, and `` stands last. */
  private readonly beginnings: readonly string[];
  /** How many names were met of each. */
  private readonly counts: number[];
  private readonly numbers = new Map<string, number>([['', 0]]);
  private readonly names = new Map<number, string>([[0, '']]);

  /** By the beginnings that rules ask for. */
  constructor(beginnings: Iterable<string>) {
    const key = (beginning: string) => `${beginning}${BEHIND}`;
    this.beginnings = [...new Set(['', ...beginnings])].sort((a, b) => (key(a) < key(b) ? -1 : 1));
    this.counts = this.beginnings.map(() => 0);
  }

  /** A name's number. */
  numberOf(name: string): number {
    const known = this.numbers.get(name);
    if (known !== undefined) return known;
    const place = this.placeOf(name);
    const count = this.counts[place] as number;
    this.counts[place] = count + 1;
    const number = 1 + place * ROOM + count;
    this.numbers.set(name, number);
    this.names.set(number, name);
    return number;
  }

  /** The numbers of all names that begin so. */
  rangeOf(beginning: string): readonly [first: number, last: number] {
    if (beginning === '') return [0, UNBOUNDED];
    const last = this.beginnings.indexOf(beginning);
    if (last < 0) throw new Error(`names that begin with ${beginning} were not announced`);
    const first = this.beginnings.findIndex((one) => one.startsWith(beginning));
    return [1 + first * ROOM, (last + 1) * ROOM];
  }

  /** Some name of that number: where nobody was given it, one is made up. */
  textOf(number: number): string {
    return this.names.get(number) ?? this.madeUp(this.beginningOf(number));
  }

  /** A text that is the number's name, or no name at all, and begins as names of that number do. */
  keyOf(number: number): string {
    return this.names.get(number) ?? `${this.beginningOf(number)}${BEHIND}`;
  }

  private madeUp(beginning: string): string {
    for (let index = 0; ; index++) {
      const name = `${beginning || 'any'}${index}`;
      if (!this.numbers.has(name) && this.beginnings[this.placeOf(name)] === beginning) return name;
    }
  }

  private beginningOf(number: number): string {
    return this.beginnings[Math.floor((number - 1) / ROOM)] ?? '';
  }

  /** The place of the longest beginning that a name has. */
  private placeOf(name: string): number {
    let longest = this.beginnings.length - 1;
    for (const [place, beginning] of this.beginnings.entries())
      if (beginning.length > (this.beginnings[longest] as string).length && name.startsWith(beginning)) longest = place;
    return longest;
  }
}
