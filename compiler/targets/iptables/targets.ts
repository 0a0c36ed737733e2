import type { Expression, Nat, Statement } from '../../../dsl/ruleset/tree';
import { addressText } from './parts';
import type { XtFamily } from './tables';

/** What a statement that is no match becomes: a target, or nothing (iptables counts by itself). */
export function targetOf(
  statement: Statement,
  family: XtFamily,
  chainName: (chain: string) => string,
): readonly string[] | 'nothing' | undefined {
  switch (statement.kind) {
    case 'counter':
      return 'nothing';
    case 'verdict': {
      const { verdict } = statement;
      switch (verdict.kind) {
        case 'accept':
        case 'drop':
        case 'return':
          return ['-j', verdict.kind.toUpperCase()];
        case 'jump':
          return ['-j', chainName(verdict.chain)];
        case 'goto':
          return ['-g', chainName(verdict.chain)];
        case 'continue':
          return 'nothing';
      }
      break;
    }
    case 'log':
      return ['-j', 'LOG', ...(statement.prefix === undefined ? [] : ['--log-prefix', statement.prefix])];
    case 'masquerade':
      return ['-j', 'MASQUERADE', ...natFlags(statement)];
    case 'dnat':
    case 'snat':
      return statement.address && natTarget(statement, statement.address, family);
    default:
      return undefined;
  }
}

/** DNAT or SNAT to an address, or to an address and a port. */
export function natTarget(nat: Nat, address: Expression, family: XtFamily): readonly string[] | undefined {
  const [to, port] = address.kind === 'concat' ? address.parts : [address, nat.port];
  if (to?.kind !== 'ipv4' && to?.kind !== 'ipv6') return undefined;
  if (port && port.kind !== 'number') return undefined;
  const host = port && family === 'ip6' ? `[${addressText(to)}]` : addressText(to);
  const destination = port ? `${host}:${port.value}` : host;
  return nat.kind === 'dnat'
    ? ['-j', 'DNAT', '--to-destination', destination, ...natFlags(nat)]
    : ['-j', 'SNAT', '--to-source', destination, ...natFlags(nat)];
}

function natFlags({ flags }: Nat): string[] {
  return flags.map((flag) => (flag === 'fully-random' ? '--random-fully' : `--${flag}`));
}
