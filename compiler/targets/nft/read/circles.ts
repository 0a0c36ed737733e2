/** The names from which something leads back to them, in time that grows with the number of edges only (Tarjan 1972). */
export function inCircles(edges: ReadonlyMap<string, readonly string[]>): ReadonlySet<string> {
  const order = new Map<string, number>();
  const lowest = new Map<string, number>();
  const open: string[] = [];
  const isOpen = new Set<string>();
  const found = new Set<string>();
  const lower = (name: string, to: number | undefined) => {
    if (to !== undefined && to < (lowest.get(name) ?? 0)) lowest.set(name, to);
  };
  const enter = (name: string) => {
    order.set(name, order.size);
    lowest.set(name, order.size - 1);
    open.push(name);
    isOpen.add(name);
    return { name, next: 0 };
  };
  const leave = (name: string) => {
    if (lowest.get(name) !== order.get(name)) return;
    const group = open.splice(open.lastIndexOf(name));
    for (const one of group) {
      isOpen.delete(one);
      if (group.length > 1 || edges.get(one)?.includes(one)) found.add(one);
    }
  };
  for (const start of edges.keys()) {
    const frames = order.has(start) ? [] : [enter(start)];
    for (let frame = frames.at(-1); frame; frame = frames.at(-1)) {
      const to = edges.get(frame.name)?.[frame.next++];
      if (to === undefined) {
        leave(frame.name);
        frames.pop();
        const above = frames.at(-1);
        if (above) lower(above.name, lowest.get(frame.name));
      } else if (!order.has(to)) frames.push(enter(to));
      else if (isOpen.has(to)) lower(frame.name, order.get(to));
    }
  }
  return found;
}

/** How many edges lie on the longest way to each name from one of the roots; nothing may lead back to itself. */
export function furthest(
  edges: ReadonlyMap<string, readonly string[]>,
  roots: ReadonlySet<string>,
): ReadonlyMap<string, number> {
  const far = new Map([...roots].map((root) => [root, 0]));
  for (const name of inOrder(edges).reverse()) {
    const own = far.get(name);
    if (own === undefined) continue;
    for (const to of edges.get(name) ?? []) far.set(to, Math.max(far.get(to) ?? 0, own + 1));
  }
  return far;
}

/** Each name behind those that it leads to. */
function inOrder(edges: ReadonlyMap<string, readonly string[]>): string[] {
  const order: string[] = [];
  const entered = new Set<string>();
  for (const start of edges.keys()) {
    const frames = entered.has(start) ? [] : [{ name: start, next: 0 }];
    entered.add(start);
    for (let frame = frames.at(-1); frame; frame = frames.at(-1)) {
      const to = edges.get(frame.name)?.[frame.next++];
      if (to === undefined) order.push(frames.pop()?.name ?? '');
      else if (!entered.has(to)) {
        entered.add(to);
        frames.push({ name: to, next: 0 });
      }
    }
  }
  return order;
}
