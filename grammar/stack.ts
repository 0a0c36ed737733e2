/**
 * Lists in the making, one within the other: each is cut off at its end, in its size. A list that grows by itself takes
 * room for seventeen when its second member comes, and most statements have three words.
 */
export class Stack<T> {
  private readonly items: T[] = [];
  private size = 0;

  /** Where the list begins that is made from here on. */
  begin(): number {
    return this.size;
  }

  push(item: T): void {
    this.items[this.size++] = item;
  }

  /** The list that began there. */
  cut(start: number): T[] {
    const list = this.items.slice(start, this.size);
    this.size = start;
    return list;
  }
}
