import type { RelatedPlace } from '../located-problem';

/** Things that only one may have, and who said first that it has them. */
export class Claims {
  private readonly owners = new Map<string, RelatedPlace>();

  /** The owner that is there already; undefined when the claim stands. */
  claim(key: string, owner: RelatedPlace): RelatedPlace | undefined {
    const first = this.owners.get(key);
    if (!first) this.owners.set(key, owner);
    return first;
  }
}
