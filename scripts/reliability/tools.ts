import { chmodSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execute } from '../../test/support/lab';
import { difference, INTENTS, note, type Victim } from './host';
import { referencesOf } from './kills';

/** What a tool does when its turn comes. */
export const MISHAPS = {
  fails: 'it says no',
  'fails after': 'it does its work, then says no',
  hangs: 'it never ends',
  'kills before': 'tsnet is killed as it begins',
  'kills after': 'tsnet is killed when its work is done',
} as const;
export type Mishap = keyof typeof MISHAPS;

export interface Mishaps {
  readonly tries: number;
  readonly old: number;
  readonly new: number;
  readonly between: number;
}

const TOOLS = ['nft', 'ip', 'tc', 'ipset', 'iptables', 'ip6tables'].flatMap((tool) =>
  tool.endsWith('tables')
    ? ['', '-restore', '-save'].flatMap((suffix) => [
        `${tool}${suffix}`,
        `${tool}-nft${suffix}`,
        `${tool}-legacy${suffix}`,
      ])
    : [tool],
);

/** Stands before each tool in the PATH; counts the calls, and has one of them go wrong. */
const WRAPPER = `#!/bin/sh
# One call at a time counts: tsnet runs its tools one after another.
folder=\${0%/*}
call=$(($(cat "$folder/count" 2>/dev/null || echo 0) + 1))
echo "$call" >"$folder/count"
read -r at mishap <"$folder/mishap"
real=$(readlink "$folder/real/\${0##*/}")
[ "$call" = "$at" ] || exec "$real" "$@"
case $mishap in
  fails) echo 'broken on purpose' >&2; exit 1 ;;
  'fails after') "$real" "$@"; echo 'broken on purpose' >&2; exit 1 ;;
  hangs) exec sleep 600 ;;
  'kills before') kill -9 "$PPID"; exec "$real" "$@" ;;
  'kills after') "$real" "$@"; kill -9 "$PPID" ;;
esac
`;

/** Has each call of each tool go wrong once, in each way, on the way from one state to the other and back. */
export async function breakEveryTool(victim: Victim): Promise<Record<Mishap, Mishaps>> {
  const folder = mkdtempSync(join(tmpdir(), 'tsnet-tools-'));
  execute('mkdir', [join(folder, 'real')]);
  for (const tool of TOOLS) {
    const real = execute('sh', ['-c', 'command -v "$1" || true', 'sh', tool]).stdout.trim();
    if (real === '') continue;
    symlinkSync(real, join(folder, 'real', tool));
    writeFileSync(join(folder, tool), WRAPPER);
    chmodSync(join(folder, tool), 0o755);
  }
  const references = await referencesOf(victim);
  const results = {} as Record<Mishap, Mishaps>;
  let at = 1;
  for (const mishap of Object.keys(MISHAPS) as Mishap[]) {
    const result = { tries: 0, old: 0, new: 0, between: 0 };
    for (const to of [0, 1])
      for (let call = 1; ; call++) {
        if (at === to) {
          at = 1 - to;
          await victim.apply(INTENTS[at] ?? '');
        }
        writeFileSync(join(folder, 'count'), '0');
        writeFileSync(join(folder, 'mishap'), `${call} ${mishap}\n`);
        const patience = mishap === 'hangs' ? { TSNET_TOOL_TIMEOUT: '1' } : {};
        const env = { PATH: `${folder}:${process.env.PATH}`, TSNET_ENGINE: 'plain', ...patience };
        const ran = await victim.apply(INTENTS[to] ?? '', env);
        if (Number(readFileSync(join(folder, 'count'), 'utf8')) < call) {
          // Nothing went wrong any more: all calls have had their turn.
          if (ran.code !== 0) await victim.apply(INTENTS[to] ?? '');
          at = to;
          break;
        }
        result.tries++;
        // One that says it is as it was has to be, without more ado.
        if (ran.code !== 3 || ran.stderr.includes('could not be taken back')) victim.recover();
        const now = victim.fingerprint();
        const which = references.indexOf(now);
        if (which < 0 || (ran.code === 3 && which === to) || (ran.code === 0 && which !== to)) {
          result.between++;
          note(
            `${mishap}, call ${call}, exit ${ran.code}: ${ran.stderr.slice(0, 300)}\n${difference(references[to] ?? '', now)}`,
          );
          victim.lab.tsnet(['down']);
          await victim.apply(INTENTS[1 - to] ?? '');
          at = 1 - to;
          continue;
        }
        if (which === to) result.new++;
        else result.old++;
        at = which;
      }
    results[mishap] = result;
    note(`${victim.target}, ${mishap}: ${JSON.stringify(result)}`);
  }
  rmSync(folder, { recursive: true });
  return results;
}
