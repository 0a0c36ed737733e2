/** What a word that is no option looks like, and what iptables has instead. */
const LOOKS: readonly (readonly [RegExp, string])[] = [
  [/^#/, 'a comment has a line of its own'],
  [/^[\u2010-\u2015\u2212]/, 'a text processor made this dash; iptables has `-`, and `--` before long options'],
  [/[\u2018-\u201f\u00ab\u00bb]/, 'a text processor made these quotes; iptables has `"`'],
  [/^\\$/, 'a line of a dump ends where it ends: write the rule in one line'],
];

export function strayHint(word: string): string | undefined {
  return LOOKS.find(([looks]) => looks.test(word))?.[1];
}
