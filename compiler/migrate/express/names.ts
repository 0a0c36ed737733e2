import { NFT_NAME, RESERVED_WORDS } from '../../targets/nft/words';

const LONGEST = 127;

/** Gives out names that nft takes and that nobody has yet. */
export class NamePool {
  private readonly taken = new Set<string>();
  private readonly next = new Map<string, number>();

  /** The name as it is where nft takes it, else the nearest to it. */
  legal(name: string): string {
    const fits = name.replace(/[^\w./-]/g, '_');
    const begun = /^[A-Za-z_]/.test(fits) ? fits : `_${fits}`;
    return this.unique(RESERVED_WORDS.has(begun) ? `${begun}_chain` : begun);
  }

  /** A name nobody has, this one if it is free. */
  unique(name: string): string {
    let free = name.slice(0, LONGEST);
    for (let count = this.next.get(name) ?? 2; this.taken.has(free); count++) {
      free = `${name.slice(0, LONGEST - 12)}_${count}`;
      this.next.set(name, count + 1);
    }
    if (!NFT_NAME.test(free)) throw new Error(`not a name for nft: ${free}`);
    this.taken.add(free);
    return free;
  }
}
