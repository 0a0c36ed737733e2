import { anonymousSet, match, verdict } from '../../../dsl/ruleset/nodes';
import type { Constant, Statement, TableFamily } from '../../../dsl/ruleset/tree';

type Assign = Extract<Statement, { kind: 'assign' }>;

/**
 * `ip ttl set ip ttl map { ... }`: nft 1.0.6 mixes up bytes of a header that has a checksum or is not made of whole bytes.
 * The same as a rule for each new value; each ends the chain, so that no value is changed twice.
 */
export function headerRules(assign: Assign, family: TableFamily): readonly (readonly Statement[])[] | undefined {
  const { target, value } = assign;
  if (target.kind !== 'field' || value.kind !== 'map' || value.map.kind !== 'anonymous') return undefined;
  if (family === 'ip6' && target.field === 'ip6 hoplimit') return undefined;
  if (!/^(ip|ip6|tcp) /.test(target.field)) return undefined;
  const { key, map } = value;
  const groups = new Map<string, { readonly data: Constant; readonly keys: Constant[] }>();
  for (const { key: from, data } of map.elements) {
    if (from === 'default' || from.kind !== 'number' || data?.kind !== 'number') return undefined;
    if (key.kind === 'field' && from.value === data.value) continue;
    const group = groups.get(`${data.value}`) ?? { data, keys: [] };
    groups.set(`${data.value}`, group);
    group.keys.push(from);
  }
  return [...groups.values()].map(({ data, keys: [first, ...others] }) => [
    match(key, '==', first && others.length === 0 ? first : anonymousSet(...(first ? [first] : []), ...others)),
    { kind: 'assign', target, value: data },
    verdict('return'),
  ]);
}

/** What to call the chain of such rules. */
export function headerChainName({ target }: Assign): string {
  return target.kind === 'field' ? `set-${target.field.replaceAll(' ', '-')}` : 'set-header';
}
