import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Family } from '../support/migrate/cases';
import { type SavedHost, savedHosts } from '../support/migrate/hosts';
import { formsOf, heldAs, lossesOf, readBack, ruleLines } from '../support/migrate/judge';
import { loadEach } from '../support/migrate/load';
import { restoreEach } from '../support/migrate/restore';

/**
 * What becomes of each host of the corpus. Legacy iptables restores its dumps; nft loads both of our forms, the plain and
 * the literal one; what nft then lists is proven equal to the dumps. UPDATE_GOLDEN=1 writes the golden: read what changed.
 * CORPUS=libvirt,vendors/tomato asks about the hosts whose names begin so, and leaves the lines of all others.
 */
const GOLDEN = join(__dirname, 'corpus.outcomes.txt');
const NAMES: Readonly<Record<Family, string>> = { 4: 'IPv4', 6: 'IPv6' };

function outcomes(hosts: readonly SavedHost[]): readonly string[] {
  const dumps = hosts.flatMap((host) => host.dumps.map((dump) => ({ host, ...dump })));
  const restored = restoreEach(
    dumps.map(({ host, family, source }) => ({ family, text: source.text, ipsets: host.ipsets?.text ?? '' })),
  );
  const forms = hosts.map(formsOf);
  const loaded = loadEach(forms.flatMap(({ plain, literal }) => [plain.unit.text, literal.unit.text]));
  return hosts.map((host, at) => {
    const { plain, literal } = forms[at] as (typeof forms)[number];
    const legacy = dumps.flatMap(({ host: other, family, source }, index) => {
      const answer = restored[index];
      return other === host && answer ? [`${NAMES[family]} ${readBack(source.text, answer, family)}`] : [];
    });
    const [one, other] = [loaded[2 * at], loaded[2 * at + 1]];
    if (!one || !other) throw new Error('nothing was loaded');
    const lost = plain.entries.filter(({ became }) => became === 'lost').length;
    const lines = [
      `${host.name}: ${plain.entries.length} rules${lost === 0 ? '' : `, ${lost} lost`}; iptables: ${legacy.join(', ')}`,
      `  ${ruleLines(plain)} lines: ${heldAs(plain, one)}; literal ${ruleLines(literal)}: ${heldAs(literal, other)}`,
      ...lossesOf(plain).map((loss) => `  ${loss}`),
    ];
    return `${lines.join('\n')}\n`;
  });
}

const begins = process.env.CORPUS?.split(',');
const isAsked = (name: string) => begins === undefined || begins.some((begin) => name.startsWith(begin));

/** The golden's lines by host. */
function known(): ReadonlyMap<string, string> {
  const texts = existsSync(GOLDEN) ? readFileSync(GOLDEN, 'utf8').split(/^(?=\S)/m) : [];
  return new Map(texts.map((text) => [hostOf(text), text]));
}

function hostOf(lines: string): string {
  return lines.slice(0, lines.indexOf(': '));
}

test('each host of the corpus goes through, or what is lost is named', () => {
  const hosts = savedHosts(join(__dirname, 'corpus'));
  const found = new Map(outcomes(hosts.filter(({ name }) => isAsked(name))).map((lines) => [hostOf(lines), lines]));
  const before = known();
  const text = hosts.map(({ name }) => found.get(name) ?? before.get(name) ?? '').join('');
  if (process.env.UPDATE_GOLDEN === '1') writeFileSync(GOLDEN, text);
  expect(text).toBe([...known().values()].join(''));
}, 600_000);
