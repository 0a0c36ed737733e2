import type { XtFamily } from '../../compiler';
import { type Dump, dumpName, sameRules, setIn } from '../migration/dumps';
import { run } from './exec';
import { done, type HostFault, type Result, refused } from './fault';
import { readOptional } from './files';
import type { XtVariant } from './port';
import { explainRefusal } from './refusal';
import { restoreProgram, saveProgram } from './xtables';

/** Asking for a legacy table that is not there would make the kernel load it. */
const LEGACY_NAMES: Readonly<Record<XtFamily, string>> = {
  ip: '/proc/net/ip_tables_names',
  ip6: '/proc/net/ip6_tables_names',
};

/** What one kind and family of iptables holds, with counters; empty where it has no table. */
export async function dumpRules(variant: XtVariant, family: XtFamily): Promise<Result<string, HostFault>> {
  const there = variant === 'legacy' ? hasLegacy(family) : await hasNft(family);
  if (!there.ok) return there;
  if (!there.value) return done('');
  const program = saveProgram(family, variant);
  const ran = await run(program, ['--counters']);
  if (!ran.ok) return ran;
  const { exitCode, stdout, stderr } = ran.value;
  if (exitCode !== 0) return refused(...explainRefusal(program, stderr.split('\n', 1)[0] ?? ''));
  return done(stdout);
}

function hasLegacy(family: XtFamily): Result<boolean, HostFault> {
  const path = LEGACY_NAMES[family];
  try {
    return done((readOptional(path) ?? '').trim() !== '');
  } catch {
    return refused('TN5002', `${path} cannot be read`, { hint: 'run it as root' });
  }
}

async function hasNft(family: XtFamily): Promise<Result<boolean, HostFault>> {
  const ran = await run('nft', ['list', 'tables', family]);
  if (!ran.ok) return ran;
  if (ran.value.exitCode !== 0) return refused(...explainRefusal('nft', ran.value.stderr.split('\n', 1)[0] ?? ''));
  return done(/^table \S+ (raw|mangle|nat|filter|security)$/m.test(ran.value.stdout));
}

/** Refuses when the rules are not those of the dump any more. */
export async function expectRules({ variant, family, text }: Dump): Promise<Result<void, HostFault>> {
  const now = await dumpRules(variant, family);
  if (!now.ok) return now;
  if (sameRules(now.value, text)) return done(undefined);
  return refused('TN5012', `what ${dumpName({ variant, family })} prints has changed since it was read`, {
    hint: 'something else changes these rules: find out what does, then try again',
  });
}

/** Makes the tables of a dump what it says, counters too; rules that are the same already keep counting. */
export async function replaceRules({ variant, family, text }: Dump): Promise<Result<void, HostFault>> {
  const now = await dumpRules(variant, family);
  if (!now.ok) return now;
  if (sameRules(now.value, text)) return done(undefined);
  const program = restoreProgram(family, variant);
  const ran = await run(program, ['--counters', '--wait'], text);
  if (!ran.ok) return ran;
  if (ran.value.exitCode === 0) return done(undefined);
  return refused(...explainRefusal(program, ran.value.stderr.split('\n', 1)[0] ?? ''));
}

/** All sets of ipset; empty where there are none, or no ipset. */
export async function saveSets(): Promise<Result<string, HostFault>> {
  const ran = await run('ipset', ['save']);
  if (!ran.ok) return ran;
  return ran.value.exitCode === 0
    ? done(ran.value.stdout)
    : refused(...explainRefusal('ipset save', ran.value.stderr.split('\n', 1)[0] ?? ''));
}

/** Makes the sets that are not there; one that is there holds what it holds. */
export async function ensureSets(text: string): Promise<Result<void, HostFault>> {
  if (text === '') return done(undefined);
  const listed = await run('ipset', ['list', '-name']);
  if (!listed.ok) return listed;
  const there = new Set(listed.value.stdout.split('\n'));
  const missing = text.split('\n').filter((line) => line !== '' && !there.has(setIn(line)));
  if (missing.length === 0) return done(undefined);
  const ran = await run('ipset', ['restore', '-exist'], missing.map((line) => `${line}\n`).join(''));
  if (!ran.ok) return ran;
  return ran.value.exitCode === 0
    ? done(undefined)
    : refused(...explainRefusal('ipset restore', ran.value.stderr.split('\n', 1)[0] ?? ''));
}
