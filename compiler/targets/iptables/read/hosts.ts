import { readIpv4, readIpv6 } from '../../../../dsl/core/address';
import type { Hosts } from '../extensions/module';

/** A line of hosts(5). */
const LINE = /^([\da-fA-F.:]+)[ \t]+([\w.-]+(?:[ \t]+[\w.-]+)*)$/;

/** Whether all that a text says is which addresses names of hosts stand for. */
export function isHosts(text: string): boolean {
  let some = false;
  for (const line of linesOf(text)) {
    if (!isAddress(LINE.exec(line)?.[1] ?? '')) return false;
    some = true;
  }
  return some;
}

export function readHosts(texts: readonly string[]): Hosts {
  const hosts = new Map<string, string[]>();
  for (const line of linesOf(texts.join('\n'))) {
    const [, address = '', names = ''] = LINE.exec(line) ?? [];
    for (const name of names.toLowerCase().split(/[ \t]+/)) {
      const known = hosts.get(name) ?? [];
      if (!known.includes(address)) hosts.set(name, [...known, address]);
    }
  }
  return hosts;
}

function isAddress(text: string): boolean {
  return readIpv4(text) !== undefined || readIpv6(text) !== undefined;
}

/** One by one: the first often tells that a long text is something else. */
function* linesOf(text: string): Generator<string> {
  for (let at = 0; at < text.length; ) {
    const found = text.indexOf('\n', at);
    const end = found < 0 ? text.length : found;
    const line = text.slice(at, end).replace(/#.*/, '').trim();
    if (line !== '') yield line;
    at = end + 1;
  }
}
