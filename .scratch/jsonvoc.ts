import fc from 'fast-check';
import { execute } from '../test/support/lab';
import { rule, tableWith } from '../test/rules/vocabulary';
import { listingText } from '../compiler/targets/nft/read/json';
import { readAndPrint } from '../test/support/ruleset';
const EACH = `
while IFS= read -r line; do
  printf "%s\\n" "$line" | nft -f - 2>/dev/null && { nft list ruleset; printf "\\1"; nft -j list ruleset; printf "\\2"; }
  nft flush ruleset
done`;
const rules = fc.sample(rule, { numRuns: Number(process.argv[2] ?? 600), seed: Number(process.argv[3] ?? 1) });
const { stdout } = execute('unshare', ['--net', 'sh', '-c', EACH], `${rules.map((r) => tableWith('t', r)).join('\n')}\n`);
let n = 0, bad = 0; const seen = new Set<string>();
const strip = (t: string) => t.replace(/ burst 5 packets/g, '');
for (const one of stdout.split('\x02')) {
  const [text = '', json = ''] = one.split('\x01');
  if (json.trim() === '') continue;
  n++;
  let a = '', b = '';
  try { a = readAndPrint(text); } catch (e) { continue; }
  const l = listingText({ name: 'x', text: json });
  if (!l) { console.log('NOT', json); continue; }
  if (!l.ok) b = 'ERR ' + l.diagnostics.map((d) => d.message).join(';');
  else try { b = readAndPrint(l.value.text); } catch (e) { b = 'ERR ' + String(e) + l.value.text.split('\n').slice(-6).join('\n'); }
  if (strip(a) !== strip(b)) {
    const [la, lb] = [a.split('\n').filter((x) => !b.split('\n').includes(x)), b.split('\n').filter((x) => !a.split('\n').includes(x))];
    const key = (la.join() + lb.join()).replace(/\d+/g, 'N').slice(0, 60);
    if (seen.has(key)) continue; seen.add(key);
    bad++; console.log('TEXT', la.join('|'), '\nJSON', lb.join('|').slice(0, 400), '\n   ', /"expr.*/.exec(json)?.[0].slice(0, 300));
  }
}
console.log(n, bad);
