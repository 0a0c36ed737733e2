/** Things that only one may have, and who said first that it has them. */
export class Claims<Thing, Owner> {
  private readonly owners = new Map<Thing, Owner>();

  /** The owner that is there already; undefined when the claim stands. */
  claim(thing: Thing, owner: Owner): Owner | undefined {
    const first = this.owners.get(thing);
    if (first === undefined) this.owners.set(thing, owner);
    return first;
  }
}
