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
  return done(ran.value.stdout.includes('(nf_tables)') ? 'nf_tables' : 'legacy');
}

export function restoreProgram(family: XtFamily, variant: XtVariant): string {
  return program(family, variant, '-restore');
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

/** Our chain for a built-in one is made first when it is not there. */
export async function hook({ variant, family, table, builtin }: Hook): Promise<Result<void, HostFault>> {
  const chain = hookChain(builtin);
  const iptables = (...args: readonly string[]) => run(program(family, variant, ''), ['--wait', '-t', table, ...args]);
  await iptables('-N', chain);
  const there = await iptables('-C', builtin, '-j', chain);
  if (!there.ok || there.value.exitCode === 0) return there.ok ? done(undefined) : there;
  const inserted = await iptables('-I', builtin, '1', '-j', chain);
  if (!inserted.ok) return inserted;
  if (inserted.value.exitCode === 0) return done(undefined);
  return refused(...explainRefusal(`${NAMES[family]} -t ${table}`, inserted.value.stderr.split('\n', 1)[0] ?? ''));
}

/** Takes the jump away, then our chain; neither need be there. */
export async function unhook({ variant, family, table, builtin }: Hook): Promise<Result<void, HostFault>> {
  const chain = hookChain(builtin);
  const iptables = (...args: readonly string[]) => run(program(family, variant, ''), ['--wait', '-t', table, ...args]);
  for (;;) {
    const deleted = await iptables('-D', builtin, '-j', chain);
    if (!deleted.ok) return deleted;
    if (deleted.value.exitCode !== 0) break;
  }
  const listed = await iptables('-S', chain);
  if (!listed.ok || listed.value.exitCode !== 0) return listed.ok ? done(undefined) : listed;
  await iptables('-F', chain);
  const removed = await iptables('-X', chain);
  if (!removed.ok) return removed;
  if (removed.value.exitCode === 0) return done(undefined);
  return refused(...explainRefusal(`${NAMES[family]} -t ${table}`, removed.value.stderr.split('\n', 1)[0] ?? ''));
}
