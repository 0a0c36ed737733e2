import { execute } from '../lab';
import { IPSETS, type Single } from './cases';

/**
 * What iptables-save prints of each of many rules: all are loaded at once, each in a chain of its own that packets come to
 * from where the rule stands. Undefined for rules that do not go together with the others.
 */
export function savedTogether(rules: readonly Single[]): readonly (string | undefined)[] {
  const result: (string | undefined)[] = rules.map(() => undefined);
  const groups = new Map<string, number[]>();
  rules.forEach(({ family, of: { table } }, at) => {
    const key = `${family} ${table}`;
    const known = groups.get(key);
    if (known) known.push(at);
    else groups.set(key, [at]);
  });
  for (const members of groups.values()) saveGroup(rules, members, result);
  return result;
}

function saveGroup(rules: readonly Single[], members: readonly number[], result: (string | undefined)[]): void {
  const saved = restored(rules, members);
  if (saved !== undefined) {
    const lines = new Map<number, string[]>(members.map((at) => [at, []]));
    for (const [, at, rule = ''] of saved.matchAll(/^-A k(\d+) ?(.*)$/gm)) lines.get(Number(at))?.push(rule);
    for (const at of members) result[at] = dumpAgain(rules[at] as Single, lines.get(at) ?? []);
    return;
  }
  if (members.length === 1) return;
  const middle = members.length >> 1;
  saveGroup(rules, members.slice(0, middle), result);
  saveGroup(rules, members.slice(middle), result);
}

function dumpAgain({ dump, of: { chain } }: Single, saved: readonly string[]): string {
  return dump.replace(/^-A .*\n/gm, '').replace('COMMIT\n', () => {
    const lines = saved.map((rule) => `-A ${chain} ${rule}\n`);
    return `${lines.join('')}COMMIT\n`;
  });
}

const RESTORE = `ip link set lo up
printf '%s' "$2" | ipset restore
export XTABLES_LOCKFILE="/tmp/tsnet-lock-$$"
"$1-legacy-restore" && "$1-legacy-save"
code=$?; rm -f "$XTABLES_LOCKFILE"; exit $code`;

function restored(rules: readonly Single[], members: readonly number[]): string | undefined {
  const [first] = members.map((at) => rules[at]);
  if (!first) return '';
  const bases = new Set(members.map((at) => rules[at]?.of.chain).filter((chain) => chain !== 'user'));
  const text = [
    `*${first.of.table}`,
    ...[...bases].map((chain) => `:${chain} ACCEPT [0:0]`),
    ':user - [0:0]',
    ...members.map((at) => `:k${at} - [0:0]`),
    ...members.flatMap((at) => {
      const { dump, of } = rules[at] as Single;
      const own = (dump.match(/^-A .*$/gm) ?? []).map((line) => line.replace(`-A ${of.chain}`, `-A k${at}`));
      return [...own, ...(of.chain === 'user' ? [] : [`-A ${of.chain} -m mark --mark ${at + 1} -j k${at}`])];
    }),
    'COMMIT\n',
  ].join('\n');
  const tool = first.family === 4 ? 'iptables' : 'ip6tables';
  const { code, stdout } = execute('unshare', ['--net', 'sh', '-c', RESTORE, 'sh', tool, IPSETS], text);
  return code === 0 ? stdout : undefined;
}
