import { readIpv4, readIpv6 } from '../../../../dsl/core/address';
import type { Expression } from '../../../../dsl/ruleset/tree';
import type { WordNode } from '../../../../grammar/rules/nodes';
import type { Reports } from './reports';
import { wordValue } from './value';

/** What a word says to translate to: `1.2.3.4`, `1.2.3.4:80`, `:80-90`, `[2001:db8::1]:80`, `1.2.3.4-1.2.3.8:1000-2000`, `10.0.0.0/8`. */
export function endpointOf(word: WordNode, reports: Reports): { address?: Expression; port?: Expression } {
  const { text, span } = word;
  const of = (part: string) => wordValue({ kind: 'word', text: part, span });
  const whole = of(text);
  if (whole.kind === 'ipv6' || readIpv6(text) !== undefined) return { address: of(text) };
  const bracket = /^\[([^\]]+)\](?:-\[([^\]]+)\])?(?::(.+))?$/.exec(text);
  if (bracket) {
    const [, first = '', last, port] = bracket;
    return { address: of(last ? `${first}-${last}` : first), ...(port ? { port: of(port) } : {}) };
  }
  const ipv6Range = text.split('-');
  if (ipv6Range.every((part) => readIpv6(part) !== undefined)) return { address: of(text) };
  const colon = text.lastIndexOf(':');
  const head = colon < 0 ? text : text.slice(0, colon);
  const tail = colon < 0 ? undefined : text.slice(colon + 1);
  if (
    head !== '' &&
    head.split('-').some((part) => readIpv4(part.split('/')[0] ?? '') === undefined) &&
    !/^(\d+(-\d+)?)?$/.test(head) &&
    !text.includes('/')
  )
    reports.report('TN1103', `\`${text}\` is not an address to translate to`, span);
  return { ...(head === '' ? {} : { address: of(head) }), ...(tail === undefined ? {} : { port: of(tail) }) };
}
