import type { Migration } from '../../../compiler/migrate';
import { execute } from '../lab';
import type { Loaded } from './load';

/**
 * Loads many rulesets in one network namespace at once, each under table names of its own, and gives of each what nft
 * lists. Those that nft refuses are found by halves.
 */
export function loadTogether(migrations: readonly Migration[]): readonly Loaded[] {
  const texts = migrations.map(renamedText);
  const refused = new Map<number, string>();
  // Not each of them for itself, by halves.
  if (texts.some(asksForQueue) && refusalOf('table ip t { chain c { queue to 0; }; }') !== undefined)
    for (const [at, text] of texts.entries()) if (asksForQueue(text)) refused.set(at, NO_QUEUE);
  const find = (from: number, to: number): void => {
    const message = refusalOf(
      texts
        .slice(from, to)
        .filter((_, at) => !refused.has(from + at))
        .join('\n'),
    );
    if (message === undefined) return;
    if (to - from === 1) {
      refused.set(from, message);
      return;
    }
    const middle = (from + to) >> 1;
    find(from, middle);
    find(middle, to);
  };
  const listings = new Map<number, readonly Item[]>();
  for (let from = 0; from < texts.length; from += AT_ONCE) {
    const to = Math.min(from + AT_ONCE, texts.length);
    find(from, to);
    const kept = texts.slice(from, to).filter((_, at) => !refused.has(from + at));
    for (const [at, items] of listed(kept.join('\n'))) listings.set(at, items);
  }
  return migrations.map((_, at): Loaded => {
    const message = refused.get(at);
    if (message !== undefined) return { loaded: false, message };
    return { loaded: true, listing: JSON.stringify({ nftables: listings.get(at) ?? [] }) };
  });
}

/** As many go into one message to the kernel. */
const AT_ONCE = 500;

/** What is said of rulesets with `queue` on a kernel that has none. */
export const NO_QUEUE = 'the kernel has no queue';

function asksForQueue(text: string): boolean {
  return /^\s*(.* )?queue (flags|to) /m.test(text);
}

/** Without what would take an older one away, which there is not. */
function renamedText({ unit, ruleset }: Migration, at: number): string {
  const text = unit.text.replace(/^(delete )?table \S+ \S+$/gm, '');
  return ruleset.tables.reduce(
    (sum, { family, name }) => sum.replaceAll(`table ${family} ${name} {`, `table ${family} c${at}_${name} {`),
    text,
  );
}

/** nft copies packets to interfaces that are there. */
const LINKS = 'ip link add eth1 type bridge';

function refusalOf(text: string): string | undefined {
  const { code, stderr } = execute('unshare', ['--net', 'sh', '-c', `${LINKS}; nft -f -`], text);
  return code === 0 ? undefined : stderr;
}

type Item = Readonly<Record<string, { readonly name?: string; readonly table?: string }>>;

function listed(text: string): ReadonlyMap<number, readonly Item[]> {
  const script = `${LINKS}; nft -f - && nft --json --stateless list ruleset`;
  const { code, stdout, stderr } = execute('unshare', ['--net', 'sh', '-c', script], text);
  if (code !== 0) throw new Error(stderr);
  const { nftables } = JSON.parse(stdout) as { nftables: readonly Item[] };
  const byNumber = new Map<number, Item[]>();
  for (const item of nftables) {
    const [kind, body] = Object.entries(item)[0] ?? [];
    const found = /^c(\d+)_/.exec((kind === 'table' ? body?.name : body?.table) ?? '');
    if (!found) continue;
    const number = Number(found[1]);
    const known = byNumber.get(number);
    if (known) known.push(item);
    else byNumber.set(number, [item]);
  }
  return byNumber;
}
