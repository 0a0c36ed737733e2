import { hookChain, PREFIX, type XtFamily } from '../../compiler';
import { isInstalled, run } from './exec';
import { done, type HostFault, type Result, refused } from './fault';
import type { HostOp, XtSeen, XtVariant } from './port';
import { explainRefusal } from './refusal';

type Hook = Extract<HostOp, { op: 'xtables.hook' | 'xtables.unhook' }>;

const NAMES = { ip: 'iptables', ip6: 'ip6tables' } as const;
const SUFFIX = { legacy: 'legacy', nf_tables: 'nft' } as const;

/** What `iptables` is on this host: `iptables v1.8.9 (nf_tables)`; before 1.8 there was but one. */
export async function findVariant(): Promise<Result<XtVariant, HostFault>> {
  const ran = await run('iptables', ['--version']);
  if (!ran.ok) return ran;
  if (ran.value.exitCode !== 0)
    return refused(...explainRefusal('iptables --version', ran.value.stderr.split('\n', 1)[0] ?? ''));
  return done(ran.value.stdout.includes('(nf_tables)') ? 'nf_tables' : 'legacy');
}

export function restoreProgram(family: XtFamily, variant: XtVariant): string {
  return program(family, variant, '-restore');
}

export function saveProgram(family: XtFamily, variant: XtVariant): string {
  return program(family, variant, '-save');
}

/** The program of that variant by its own name, where there is one: which one the plain name means may change. */
function program(family: XtFamily, variant: XtVariant, suffix: '' | '-restore' | '-save'): string {
  const own = `${NAMES[family]}-${SUFFIX[variant]}${suffix}`;
  return isInstalled(own) ? own : `${NAMES[family]}${suffix}`;
}

export async function observeXtables(variant: XtVariant): Promise<Result<Record<XtFamily, XtSeen>, HostFault>> {
  const [ip, ip6] = [await observeFamily('ip', variant), await observeFamily('ip6', variant)];
  if (!ip.ok) return ip;
  if (!ip6.ok) return ip6;
  return done({ ip: ip.value, ip6: ip6.value });
}

async function observeFamily(family: XtFamily, variant: XtVariant): Promise<Result<XtSeen, HostFault>> {
  const tool = program(family, variant, '-save');
  const ran = await run(tool, []);
  if (!ran.ok) return ran;
  if (ran.value.exitCode !== 0) return refused(...explainRefusal(tool, ran.value.stderr.split('\n', 1)[0] ?? ''));
  return done(readSave(ran.value.stdout));
}

/** Our chains, and the jumps to them, in what iptables-save prints. */
export function readSave(text: string): XtSeen {
  const chains = new Map<string, number>();
  const hooked = new Set<string>();
  let table = '';
  for (const line of text.split('\n')) {
    if (line.startsWith('*')) table = line.slice(1);
    else if (line.startsWith(`:${PREFIX}`)) chains.set(`${table} ${line.slice(1).split(' ', 1)[0]}`, 0);
    else if (line.startsWith('-A ')) {
      const [, chain = '', ...rest] = line.split(' ');
      const key = `${table} ${chain}`;
      const count = chains.get(key);
      if (count !== undefined) chains.set(key, count + 1);
      else if (rest.join(' ') === `-j ${hookChain(chain)}`) hooked.add(key);
    }
  }
  return { chains, hooked };
}

/** What iptables says of a rule or chain that is not there, or that is there already; all else is a refusal. */
const ABSENT = /does a matching rule exist|does not exist|No chain\/target\/match|Bad rule|No such file/;
const PRESENT = /already exists|File exists/;

/** Runs iptables on a table; gives whether it did, or found that there was nothing to do. */
async function change(
  { variant, family, table }: Hook,
  args: readonly string[],
  nothingToDo: RegExp,
): Promise<Result<boolean, HostFault>> {
  const ran = await run(program(family, variant, ''), ['--wait', '-t', table, ...args]);
  if (!ran.ok) return ran;
  if (ran.value.exitCode === 0) return done(true);
  if (nothingToDo.test(ran.value.stderr)) return done(false);
  return refused(...explainRefusal(`${NAMES[family]} -t ${table}`, ran.value.stderr.split('\n', 1)[0] ?? ''));
}

/** Our chain for a built-in one is made first when it is not there. */
export async function hook(op: Hook): Promise<Result<void, HostFault>> {
  const { builtin } = op;
  const chain = hookChain(builtin);
  const made = await change(op, ['-N', chain], PRESENT);
  if (!made.ok) return made;
  const there = await change(op, ['-C', builtin, '-j', chain], ABSENT);
  if (!there.ok || there.value) return there.ok ? done(undefined) : there;
  const inserted = await change(op, ['-I', builtin, '1', '-j', chain], NEVER);
  return inserted.ok ? done(undefined) : inserted;
}

/** Takes the jump away, then our chain; neither need be there. */
export async function unhook(op: Hook): Promise<Result<void, HostFault>> {
  const { builtin } = op;
  const chain = hookChain(builtin);
  for (;;) {
    const deleted = await change(op, ['-D', builtin, '-j', chain], ABSENT);
    if (!deleted.ok) return deleted;
    if (!deleted.value) break;
  }
  const flushed = await change(op, ['-F', chain], ABSENT);
  if (!flushed.ok || !flushed.value) return flushed.ok ? done(undefined) : flushed;
  const removed = await change(op, ['-X', chain], ABSENT);
  return removed.ok ? done(undefined) : removed;
}

const NEVER = /$^/;
