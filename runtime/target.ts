import { type Compiled, PREFIX, print, printNft, sharesOf, toIptables } from '../compiler';
import { type Diagnostic, failure, type Outcome, success } from '../dsl/core/diagnostic';
import { done, type HostFault, type Result } from './host/fault';
import type { Host, XtVariant } from './host/port';
import type { WantedRuleset } from './plan/ruleset';
import type { Target } from './plan/wanted';
import type { State } from './state/store';

/** Which iptables a host is driven with; undefined when it is nft. A host keeps its target until told another. */
export async function variantOf(
  asked: Target | undefined,
  { host: before }: State,
  host: Host,
): Promise<Result<XtVariant, HostFault> | undefined> {
  const target = asked ?? before?.target ?? 'nft';
  if (target === 'nft') return undefined;
  return before?.xtables ? done(before.xtables.variant) : host.xtables();
}

/** What both families of iptables have no word for is said once. */
function isSame(one: Diagnostic, other: Diagnostic): boolean {
  return one.message === other.message && one.primary?.span?.start === other.primary?.span?.start;
}

/** The ruleset for nft, or for iptables both generations of it: which is next, the host decides. */
export function wantedRuleset(
  compiled: Compiled,
  variant: XtVariant | undefined,
  ipset: boolean,
): Outcome<WantedRuleset> {
  if (variant === undefined) {
    const { tables } = compiled.ruleset;
    const named = (names: ReadonlySet<string>) => tables.filter(({ family, name }) => names.has(`${family} ${name}`));
    return success({
      target: 'nft',
      shares: sharesOf(compiled.ruleset),
      printed: (names) => printNft({ tables: named(names) }),
    });
  }
  const diagnostics: Diagnostic[] = [];
  const of = <T>(outcome: Outcome<T>): T | undefined => {
    if (outcome.ok) return outcome.value;
    diagnostics.push(...outcome.diagnostics.filter((one) => !diagnostics.some((other) => isSame(one, other))));
    return undefined;
  };
  const texts = (['iptables', 'ip6tables'] as const).map(
    (target) => of(print(compiled, target, { ipset }))?.text ?? '',
  );
  const [first, ...others] = diagnostics;
  if (first) return failure([first, ...others]);
  const generation = (name: 'a' | 'b', family: 'ip' | 'ip6') =>
    of(toIptables(compiled, family, { prefix: `${PREFIX}${name}-`, gates: true, ipset }));
  const [a, a6, b, b6] = [generation('a', 'ip'), generation('a', 'ip6'), generation('b', 'ip'), generation('b', 'ip6')];
  if (!a || !a6 || !b || !b6) throw new Error('what was printed before cannot be printed as a generation');
  return success({
    target: 'iptables',
    text: texts.join(''),
    variant,
    ipset,
    bridges: compiled.topology.networks.map(({ bridge }) => bridge),
    generations: { a: { ip: a, ip6: a6 }, b: { ip: b, ip6: b6 } },
  });
}
