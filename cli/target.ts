import { closest } from '../dsl/core/suggest';
import { type Flags, UsageError } from './command';

/** The target of that name, or an error of usage that says which there are. */
export function oneOf<T extends string>(targets: readonly T[], text: string): T {
  const found = targets.find((one) => one === text);
  if (found) return found;
  const near = closest(text, targets);
  throw new UsageError(
    `there is no target \`${text}\`${near ? `; did you mean \`${near}\`?` : '.'} Targets are ${targets.join(', ')}.`,
  );
}

/** What a host is to be driven with; both families of iptables go together. */
export function liveTarget(flags: Flags) {
  const text = flags.text('target');
  const target = text === undefined ? undefined : oneOf(['nft', 'iptables'], text);
  if (flags.has('ipset') && target === 'nft') throw new UsageError('--ipset goes with --target iptables');
  return { target, ipset: flags.has('ipset') ? true : target === undefined ? undefined : false };
}
