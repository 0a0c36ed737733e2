import { execute } from '../lab';
import { IPSETS, type Single } from './cases';

/** Why legacy iptables refuses a rule, undefined for one that it takes; the kernel is not asked. */
export function refusals(rules: readonly Single[]): readonly (string | undefined)[] {
  const result: (string | undefined)[] = rules.map(() => undefined);
  const groups = new Map<string, number[]>();
  for (const [at, { family, of }] of rules.entries()) {
    const key = `${family} ${of.table}`;
    groups.set(key, [...(groups.get(key) ?? []), at]);
  }
  for (const members of groups.values()) {
    for (let left: readonly number[] = members; left.length > 0; ) {
      const refused = firstRefused(rules, left);
      if (!refused) break;
      result[refused.at] = refused.message;
      left = left.filter((at) => at !== refused.at);
    }
  }
  return result;
}

const TEST = `printf '%s' "$2" | ipset restore; XTABLES_LOCKFILE=/tmp/tsnet-lock-$$ "$1-legacy-restore" --test; code=$?
rm -f /tmp/tsnet-lock-$$; exit $code`;

function firstRefused(
  rules: readonly Single[],
  left: readonly number[],
): { readonly at: number; readonly message: string } | undefined {
  const [first] = left.map((at) => rules[at]);
  if (!first) return undefined;
  const lines = left.map((at) => `-A ${rules[at]?.of.chain} ${rules[at]?.of.rule}`);
  const text = [`*${first.of.table}`, ':user - [0:0]', ...lines, 'COMMIT', ''].join('\n');
  const tool = first.family === 4 ? 'iptables' : 'ip6tables';
  const { code, stderr } = execute('unshare', ['--net', 'sh', '-c', TEST, 'sh', tool, IPSETS], text);
  if (code === 0) return undefined;
  const line = Number(/line:? (\d+)/.exec(stderr)?.[1] ?? 0);
  const at = left[line - 3];
  if (at === undefined) throw new Error(stderr);
  return { at, message: stderr.split('\n')[0] ?? '' };
}
