import { byteLength, quoted } from '../../../../dsl/core/names';
import type { Log } from '../../../../dsl/ruleset/tree';
import type { StatementNode } from '../../../../grammar/rules/nodes';
import type { Quantities } from './quantities';
import type { Reports } from './reports';

/** `log prefix "..." level warn`: each option once, flags as often as there are any. */
export function logOf(
  { options }: Extract<StatementNode, { kind: 'log' }>,
  quantities: Quantities,
  reports: Reports,
): Log {
  let log: Log = { kind: 'log', flags: [] };
  const seen = new Set<string>();
  for (const { name, value } of options) {
    const [first] = value;
    if (!first) continue;
    if (seen.has(name.text) && name.text !== 'flags')
      reports.report('TN1103', `${quoted(name.text)} is said twice`, name.span);
    seen.add(name.text);
    switch (name.text) {
      case 'prefix':
        // NF_LOG_PREFIXLEN less its terminating NUL; nft 1.0.6 crashes on much longer ones.
        if (byteLength(first.text) > 127) reports.report('TN1103', 'a log prefix has at most 127 bytes', first.span);
        log = { ...log, prefix: first.text };
        break;
      case 'level':
        log = { ...log, level: first.text as NonNullable<Log['level']> };
        break;
      case 'group':
        log = { ...log, group: Number(quantities.integer(first)) };
        break;
      case 'snaplen':
        log = { ...log, snaplen: Number(quantities.integer(first)) };
        break;
      case 'queue-threshold':
        log = { ...log, queueThreshold: Number(quantities.integer(first)) };
        break;
      default:
        log = { ...log, flags: [...log.flags, ...value.map(({ text }) => text as Log['flags'][number])] };
    }
  }
  return log;
}
