import { MATCHES, TARGETS } from '../../../compiler/targets/iptables/extensions';
import type { Module } from '../../../compiler/targets/iptables/extensions/module';
import { oneOf, type Random } from '../random';
import type { Family, Single } from './cases';
import { type Forms, TARGET_FORMS } from './forms';
import { MATCH_FORMS } from './match-forms';
import { valueFor } from './values';

const CHAINS: Readonly<Record<string, readonly string[]>> = {
  raw: ['PREROUTING', 'OUTPUT'],
  mangle: ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'],
  nat: ['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING'],
  filter: ['INPUT', 'FORWARD', 'OUTPUT'],
};

/** A rule that iptables most likely takes: with what it asks, what it does, and what both need around them. */
export function madeUpRule(below: Random): Single {
  const family = oneOf(below, [4, 4, 6] as const);
  const xt = family === 4 ? 'ip' : 'ip6';
  const fits = ({ families }: Module) => families.includes(xt);
  const target = oneOf(
    below,
    Object.keys(TARGET_FORMS).filter((name) => fits(TARGETS.get(name) as Module)),
  );
  const names = Object.keys(MATCH_FORMS).filter((name) => fits(MATCHES.get(name) as Module));
  const matches = [...new Set(Array.from({ length: below(3) }, () => oneOf(below, names)))];
  const modules = [TARGETS.get(target) as Module, ...matches.map((name) => MATCHES.get(name) as Module)];
  const forms = [TARGET_FORMS[target] as Forms, ...matches.map((name) => MATCH_FORMS[name] as Forms)];
  const places = Object.entries(CHAINS).flatMap(([table, chains]) =>
    chains.flatMap((chain) => {
      const allowed =
        modules.every(({ tables, hooks }) => (tables?.includes(table) ?? true) && (hooks?.includes(chain) ?? true)) &&
        forms.every((one) => one.chains?.includes(chain) ?? true);
      return allowed ? [{ table, chain }] : [];
    }),
  );
  const protocols = new Set(forms.flatMap(({ protocol }) => (protocol ? [protocol] : [])));
  if (places.length === 0 || protocols.size > 1) return madeUpRule(below);
  const used = forms.map((one) => usedForms(one, below).map((form) => filled(form, family, below)));
  // What a target asks for beside its options belongs before it.
  const [ofTarget = [], ...ofMatches] = used;
  const own = /-p (\w+) /.exec(ofTarget.join(' '))?.[1];
  if (own && protocols.size > 0) return madeUpRule(below);
  const [asked] = protocols;
  const protocol = own ?? (asked ? oneOf(below, asked.split('|')) : undefined);
  const place = oneOf(below, places);
  const flags = target === 'TCPMSS' ? '-m tcp --tcp-flags SYN,RST SYN ' : '';
  const text = [
    ...basics(family, place.chain, below),
    ...(protocol ? [`-p ${protocol}`] : []),
    ...matches.map((name, at) => `-m ${name} ${ofMatches[at]?.join(' ') ?? ''}`),
    `${flags}-j ${target}`,
    ...ofTarget.map((form) => form.replace(/-p \w+ |--tcp-flags SYN,RST SYN/, '')),
  ];
  const of = { sign: '?' as const, families: [family], ...place, rule: text.join(' ').replace(/ +/g, ' ').trim() };
  return { of, family, accepted: false, dump: '' };
}

function basics(family: Family, chain: string, below: Random): readonly string[] {
  const some = (text: string) => (below(5) === 0 ? [filled(text, family, below)] : []);
  return [
    ...some('{!}-s {net}'),
    ...some('{!}-d {net}'),
    ...(/PRE|INPUT|FORWARD/.test(chain) ? some('{!}-i {iface}') : []),
    ...(/POST|OUTPUT|FORWARD/.test(chain) ? some('{!}-o {iface}') : []),
  ];
}

function usedForms({ one, always, forms }: Forms, below: Random): readonly string[] {
  const first = always === undefined ? [] : [oneOf(below, always.split('|'))];
  if (forms.length === 0) return first;
  if (one) return [...first, oneOf(below, oneOf(below, forms).split('|'))];
  const said = new Set(first.flatMap(optionsIn));
  const more = forms.filter(() => below(forms.length + 1) < 2);
  const chosen = more.length === 0 && first.length === 0 ? [oneOf(below, forms)] : more;
  const texts = [...first];
  for (const form of chosen) {
    const text = oneOf(below, form.split('|'));
    const options = optionsIn(text);
    if (options.some((option) => said.has(option))) continue;
    for (const option of options) said.add(option);
    texts.push(text);
  }
  return texts;
}

/** Under the names that stand for one: two of them are one too many. */
function optionsIn(form: string): readonly string[] {
  return (form.match(/--[\w-]+/g) ?? []).map((option) =>
    option.replace('source', 's').replace('destination', 'd').replace('-port', 'port'),
  );
}

function filled(form: string, family: Family, below: Random): string {
  return form.replace(/\{([^}]+)\}/g, (_, name: string) =>
    name === '!' ? (below(4) === 0 ? '! ' : '') : valueFor(name, family, below),
  );
}
