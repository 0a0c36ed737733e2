import { readIpv4, readIpv6 } from '../../../../dsl/core/address';
import type { Hosts } from '../extensions/module';

/** A line of hosts(5). */
const LINE = /^([\da-fA-F.:]+)[ \t]+([\w.-]+(?:[ \t]+[\w.-]+)*)$/;

/** Whether all that a text says is which addresses names of hosts stand for. */
export function isHosts(text: string): boolean {
  const lines = linesOf(text);
  return lines.length > 0 && lines.every((line) => isAddress(LINE.exec(line)?.[1] ?? ''));
}

export function readHosts(texts: readonly string[]): Hosts {
  const hosts = new Map<string, string[]>();
  for (const line of texts.flatMap(linesOf)) {
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

function linesOf(text: string): readonly string[] {
  return text.split('\n').flatMap((line) => line.replace(/#.*/, '').trim() || []);
}
