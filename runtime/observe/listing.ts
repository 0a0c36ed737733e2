/** What one of two listings of tables has and the other has not, in words. */
export interface Difference {
  /** `inet tsnet` */
  readonly table: string;
  readonly what: string;
}

/** An object of `nft --json list` (libnftables-json(5)), as far as it matters here. */
interface Listed {
  readonly family: string;
  readonly table?: string;
  readonly name?: string;
  readonly chain?: string;
  readonly flags?: string | readonly string[];
  readonly elem?: readonly unknown[];
  readonly [key: string]: unknown;
}

interface Thing {
  readonly kind: string;
  readonly table: string;
  readonly name: string;
  /** All of it but what is listed apart. */
  readonly self: string;
  readonly elements: readonly string[];
  readonly rules: string[];
}

/** More than this many elements of a set are counted, not named. */
const NAMED = 5;

/** Compares what the kernel says of a ruleset that was just loaded with what it says of the one in force. */
export function differences(wanted: readonly unknown[], found: readonly unknown[]): Difference[] {
  const [should, is] = [thingsOf(wanted), thingsOf(found)];
  return [
    ...[...should].flatMap(([key, thing]): Difference[] => {
      const now = is.get(key);
      if (thing.kind !== 'table' && !is.has(`table ${thing.table} `)) return [];
      const said = now ? changesOf(thing, now) : [`${nameOf(thing)} is gone`];
      return said.map((what) => ({ table: thing.table, what }));
    }),
    ...[...is]
      .filter(([key]) => !should.has(key))
      .map(([, thing]) => ({ table: thing.table, what: `${nameOf(thing)} is not of ours` })),
  ];
}

function thingsOf(objects: readonly unknown[]): Map<string, Thing> {
  const things = new Map<string, Thing>();
  for (const entry of objects as readonly Readonly<Record<string, Listed>>[])
    for (const [kind, listed] of Object.entries(entry)) {
      if (kind === 'metainfo') continue;
      const { handle: _, elem = [], ...rest } = listed;
      const table = `${listed.family} ${listed.table ?? listed.name}`;
      if (kind === 'rule') {
        const { chain, ...rule } = rest;
        things.get(`chain ${table} ${chain}`)?.rules.push(JSON.stringify(rule));
        continue;
      }
      const elements = learns(listed) ? [] : elem.map((one) => JSON.stringify(one)).sort();
      const name = kind === 'table' ? '' : (listed.name ?? '');
      things.set(`${kind} ${table} ${name}`, { kind, table, name, self: JSON.stringify(rest), elements, rules: [] });
    }
  return things;
}

/** What a set learnt from packets is nobody's change. */
function learns({ flags = [] }: Listed): boolean {
  return [flags].flat().some((flag) => flag === 'dynamic' || flag === 'timeout');
}

function nameOf({ kind, table, name }: Thing): string {
  return kind === 'table' ? `the nft table ${table}` : `the ${kind} ${name} of ${table}`;
}

function changesOf(should: Thing, is: Thing): string[] {
  const lost = missing(should.elements, is.elements).map(elementText);
  const more = missing(is.elements, should.elements).map(elementText);
  return [
    ...(should.self === is.self ? [] : [`${nameOf(should)} is declared otherwise`]),
    ...(lost.length > 0 ? [`${nameOf(should)} has lost ${some(lost)}`] : []),
    ...(more.length > 0 ? [`${nameOf(should)} holds ${some(more)}, which is not of ours`] : []),
    ...ruleChanges(should, is),
  ];
}

function missing(all: readonly string[], from: readonly string[]): string[] {
  const there = new Set(from);
  return all.filter((one) => !there.has(one));
}

function some(elements: readonly string[]): string {
  return elements.length > NAMED ? `${elements.length} elements` : elements.join(', ');
}

function ruleChanges(should: Thing, is: Thing): string[] {
  if (should.rules.join('\n') === is.rules.join('\n')) return [];
  const [lost, more] = [missing(should.rules, is.rules), missing(is.rules, should.rules)];
  const where = (rules: readonly string[], one: string) => `rule ${rules.indexOf(one) + 1}`;
  if (lost.length === 0 && more.length === 0) return [`the rules of ${nameOf(should).slice(4)} are in another order`];
  return [
    ...lost.map((one) => `${nameOf(should)} has lost its ${where(should.rules, one)}`),
    ...more.map((one) => `${nameOf(should)} has a rule that is not of ours, its ${where(is.rules, one)}`),
  ];
}

/** An element as nft's text has it, as near as its JSON tells. */
function elementText(json: string): string {
  return text(JSON.parse(json));
}

function text(value: unknown): string {
  if (Array.isArray(value)) return value.map(text).join(' : ');
  if (typeof value !== 'object' || value === null) return String(value);
  const [[kind, inner] = ['', '']] = Object.entries(value);
  switch (kind) {
    case 'elem':
      return text((inner as { val: unknown }).val);
    case 'concat':
      return (inner as unknown[]).map(text).join(' . ');
    case 'prefix':
      return `${text((inner as { addr: unknown }).addr)}/${(inner as { len: number }).len}`;
    case 'range':
      return (inner as unknown[]).map(text).join('-');
    default:
      return JSON.stringify(value);
  }
}
