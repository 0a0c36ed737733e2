import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execute } from '../lab';
import { type Family, IPSETS } from './cases';

/** What legacy iptables made of a dump: what it then printed of it, or why it refused. */
export type Restored =
  | { readonly accepted: true; readonly saved: string }
  | { readonly accepted: false; readonly message: string };

export interface Dump {
  readonly family: Family;
  readonly text: string;
  /** In the form of `ipset save`. */
  readonly ipsets?: string;
}

/** Loads each dump alone, all in one namespace that is nobody else's. */
export function restoreEach(dumps: readonly Dump[]): readonly Restored[] {
  const folder = mkdtempSync(join(tmpdir(), 'tsnet-restore-'));
  try {
    dumps.forEach(({ text, ipsets = IPSETS }, at) => {
      writeFileSync(join(folder, `${at}.rules`), text);
      writeFileSync(join(folder, `${at}.ipset`), ipsets);
    });
    const jobs = dumps.map(({ family }, at) => `${family === 4 ? 'iptables' : 'ip6tables'} ${at}\n`).join('');
    const { code, stderr } = execute('unshare', ['--net', 'sh', '-c', EACH, 'each', folder], jobs);
    if (code !== 0) throw new Error(stderr);
    const read = (file: string) => readFileSync(join(folder, file), 'utf8');
    return dumps.map((_, at) =>
      read(`${at}.code`) === '0\n'
        ? { accepted: true, saved: read(`${at}.saved`) }
        : { accepted: false, message: read(`${at}.error`) },
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/**
 * Sets can only go when no rule speaks of them, so every table is emptied when the sets change. The lock is our own:
 * others on this machine may hold that of all.
 */
const EACH = `cd "$1" || exit 1
export XTABLES_LOCKFILE="$1/lock"
ip link set lo up
sets=
while read -r tool at; do
  if ! cmp -s "$at.ipset" "$sets"; then
    for each in iptables ip6tables; do
      for table in raw mangle nat filter; do printf '*%s\\nCOMMIT\\n' $table; done | $each-legacy-restore
    done
    ipset destroy; ipset restore < "$at.ipset" || exit 1
    sets="$at.ipset"
  fi
  for table in raw mangle nat filter; do
    printf '*%s\\n' $table
    case $table in filter|mangle) printf ':INPUT ACCEPT\\n:FORWARD ACCEPT\\n:OUTPUT ACCEPT\\n';; esac
    echo COMMIT
  done | $tool-legacy-restore
  $tool-legacy-restore < "$at.rules" 2> "$at.error"; echo $? > "$at.code"
  for table in $(sed -n 's/^\\*\\([a-z]*\\).*/\\1/p' "$at.rules" | sort -u); do $tool-legacy-save -t $table; done > "$at.saved" 2>/dev/null
done
exit 0`;
