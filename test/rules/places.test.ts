import { hooksOf } from '../../dsl/ruleset/places';
import type { ChainType, Hook, TableFamily } from '../../dsl/ruleset/tree';
import { readText, taken } from '../support/ruleset';

const FAMILIES: readonly TableFamily[] = ['ip', 'ip6', 'inet', 'bridge', 'arp', 'netdev'];
const TYPES: readonly ChainType[] = ['filter', 'nat', 'route'];
const HOOKS: readonly Hook[] = ['prerouting', 'input', 'forward', 'output', 'postrouting', 'ingress', 'egress'];

const BASES = FAMILIES.flatMap((family) =>
  TYPES.flatMap((type) => HOOKS.map((hook) => ({ family, type, hook, name: `${family} ${type} ${hook}` }))),
);

function ruleset({ family, type, hook }: (typeof BASES)[number], rule: string): string {
  const device = hook === 'ingress' || hook === 'egress' ? 'device "lo" ' : '';
  return `table ${family} t { chain c { type ${type} hook ${hook} ${device}priority 0; ${rule}; }; }`;
}

test('the kernel has the base chains that we say it has, and no others', () => {
  const kernel = taken(BASES.map((base) => ruleset(base, 'counter')));
  const theirs = BASES.filter((_, index) => kernel[index]).map(({ name }) => name);
  const ours = BASES.filter(({ family, type, hook }) => hooksOf(family, type).includes(hook)).map(({ name }) => name);
  expect(ours).toEqual(theirs);
});

test.each([
  ['notrack', ['ip', 'ip6', 'inet', 'netdev']],
  ['reject', ['ip', 'ip6', 'inet', 'netdev']],
  ['tcp dport 80 redirect', ['ip', 'ip6', 'inet']],
  ['tcp dport 80 redirect to :8080', ['inet']],
  ['masquerade', ['ip', 'ip6', 'inet']],
  ['ip saddr 10.0.0.1 dnat ip to 10.0.0.2', ['ip', 'inet']],
  ['ip saddr 10.0.0.1 snat ip to 10.0.0.2', ['ip', 'inet']],
  ['tcp dport 80 tproxy ip to 127.0.0.1:80', ['inet']],
  ['tcp dport 80 synproxy mss 1460 wscale 7', ['ip', 'inet']],
] as const)('`%s` is refused where the kernel refuses it', (rule, families: readonly TableFamily[]) => {
  const bases = BASES.filter(
    ({ family, type, hook }) => families.includes(family) && hooksOf(family, type).includes(hook),
  );
  const texts = bases.map((base) => ruleset(base, rule));
  const kernel = taken(texts);
  const named = (verdicts: readonly boolean[]) => bases.filter((_, index) => verdicts[index]).map(({ name }) => name);
  expect(named(texts.map((text) => readText(text).ok))).toEqual(named(kernel));
});
