import { PROVEN_PLANES, prove } from '../../compiler/prove';
import { readRulesetText } from '../../compiler/targets/nft/read/tables';
import type { Ruleset } from '../../dsl/ruleset/tree';
import { FIELD_MATCHES, STATEMENTS } from '../rules/vocabulary';

const OPTIONS = { ignore: new Set<never>(), cap: 200_000, most: 1 };
const FAMILIES = ['inet', 'bridge', 'arp'] as const;
const HOOKS = ['forward', 'output', 'prerouting', 'input'] as const;

function rulesetWith(family: string, hook: string, policy: string, rule: string): Ruleset | undefined {
  const text = [
    `table ${family} t {`,
    'limit lim { rate 1/second; };',
    'quota quo { over 5 bytes; };',
    'counter cnt { };',
    'set dyn { type ipv4_addr; flags dynamic,timeout; size 100; };',
    'map learnt { type ipv4_addr : inet_service; flags dynamic,timeout; size 100; };',
    'set set4 { type ipv4_addr; flags interval; elements = { 10.0.0.0/8 }; };',
    'set pairs { type ipv4_addr . inet_service; elements = { 10.0.0.1 . 80 }; };',
    'map verdicts { type ipv4_addr : verdict; elements = { 10.0.0.1 : drop, 10.0.0.2 : accept }; };',
    'chain other { drop; };',
    `chain c { type filter hook ${hook} priority 0; policy ${policy}; ${rule}; };`,
    '};',
  ].join(' ');
  const outcome = readRulesetText({ name: 'rule.nft', text });
  return outcome.ok ? { tables: outcome.value } : undefined;
}

/** What ends a packet's way, or is said to none. */
const ENDS = /\b(accept|drop|vmap|reject|queue|synproxy|tproxy|fwd)\b/;

type Seen = 'different' | 'as good as none' | 'always so' | 'not read';

/** Whether a rule is anything to a comparison, wherever it may stand: beside no rule, and beside one that asks and does nothing first. */
function seen(match: string): Seen {
  const differs = (without: (verdict: string) => string): boolean | undefined => {
    let isRead = false;
    for (const family of FAMILIES)
      for (const hook of HOOKS)
        for (const policy of ['accept', 'drop']) {
          if (family === 'arp' && hook !== 'input' && hook !== 'output') continue;
          const verdict = policy === 'accept' ? 'drop' : 'accept';
          const rule = ENDS.test(match) ? match : `${match} ${verdict}`;
          const [one, other] = [rule, without(verdict)].map((text) => rulesetWith(family, hook, policy, text));
          if (!one || !other) continue;
          isRead = true;
          const proofs = prove(one, other, PROVEN_PLANES, OPTIONS);
          if (proofs.some(({ comparison }) => comparison.kind === 'different')) return true;
        }
    return isRead ? false : undefined;
  };
  const [fromNone, fromVerdict] = [differs(() => 'counter'), differs((verdict) => verdict)];
  if (fromNone === undefined) return 'not read';
  if (!fromNone) return 'as good as none';
  return fromVerdict ? 'different' : 'always so';
}

/** Every field in every form, and every other match and statement: one that is overlooked would be as good as none. */
test('no rule of nft is the same as none, but those that do nothing', () => {
  const found = new Map<Seen, string[]>();
  for (const match of [...FIELD_MATCHES, ...STATEMENTS]) {
    const how = seen(match);
    found.set(how, [...(found.get(how) ?? []), match]);
  }
  expect(found.get('different')?.length).toBeGreaterThan(1000);
  expect(found.get('not read') ?? []).toEqual([]);
  expect(found.get('as good as none')).toMatchSnapshot('rules that are as good as none');
  expect(found.get('always so')).toMatchSnapshot('rules that ask and do nothing');
});
