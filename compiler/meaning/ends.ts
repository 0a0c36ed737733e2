import type { Element, Reject } from '../../dsl/ruleset/tree';
import { observe } from './acts';
import { ALWAYS, bit } from './condition';
import { unknown } from './fields';
import type { Reading } from './reading';
import { ListedRows } from './rows';
import type { Decision, Step } from './steps';

/** What nft's codes for both families are in each (nft(8), reject). */
const ICMPX: Readonly<Record<string, { readonly ip: string; readonly ip6: string }>> = {
  'port-unreachable': { ip: 'port-unreachable', ip6: 'port-unreachable' },
  'admin-prohibited': { ip: 'admin-prohibited', ip6: 'admin-prohibited' },
  'no-route': { ip: 'net-unreachable', ip6: 'no-route' },
  'host-unreachable': { ip: 'host-unreachable', ip6: 'addr-unreachable' },
};

export function rejectSteps(reject: Reject | undefined, reading: Reading): readonly Step[] {
  const { plane } = reading;
  const decide = (text: string): Step => ({ kind: 'verdict', verdict: { kind: 'reject', text } });
  if (!reject) return [decide('port-unreachable')];
  switch (reject.kind) {
    case 'tcp reset':
      return [decide('tcp reset')];
    case 'icmp':
    case 'icmpv6':
      return [decide(reject.code)];
    case 'icmpx':
      return [decide(ICMPX[reject.code]?.[plane === 'ip6' ? 'ip6' : 'ip'] ?? reject.code)];
  }
}

/** A program gets it, and says whether it goes on behind this hook's chain; so does what nobody takes (nf_reinject). */
export function queueSteps(text: string): readonly Step[] {
  const element: Element = { key: 'default', origin: { kind: 'program' } };
  const verdict = (decision: Decision): readonly Step[] => [{ kind: 'verdict', verdict: decision }];
  return [
    observe('other', text),
    {
      kind: 'choose',
      guard: ALWAYS,
      rows: new ListedRows([
        {
          condition: bit(unknown(`${text} lets it pass`)),
          steps: verdict({ kind: 'accept' }),
          element,
        },
        { condition: ALWAYS, steps: verdict({ kind: 'queue', text }), element },
      ]),
    },
  ];
}

/** It takes what opens a connection, or answers what it sent; the rest goes on (nf_synproxy_core.c). */
export function synproxySteps(text: string): readonly Step[] {
  const element: Element = { key: 'default', origin: { kind: 'program' } };
  const takes: Step = { kind: 'verdict', verdict: { kind: 'other', text } };
  return [
    {
      kind: 'choose',
      guard: ALWAYS,
      rows: new ListedRows([
        { condition: bit(unknown(`${text} takes it`)), steps: [takes], element },
        { condition: ALWAYS, steps: [], element },
      ]),
    },
  ];
}
