import { parsePrefix } from '../../core/address';
import type { Path } from '../../core/diagnostic';
import { quoted } from '../../core/names';
import type { AttachmentPart, ContainerPart, Parts, PublishPart } from './parts';
import type { Report } from './rule';

/** Looking for what was meant takes time for each name that there is; past so many mistakes nobody reads it. */
const MOST_SUGGESTED = 50;

/** Every name that is used has to be declared. */
export function checkReferences(parts: Parts, report: Report): void {
  const { networksByName, containersByName, definesByName } = parts;
  let suggested = 0;
  const unknown = (path: Path, what: string, word: string, names: readonly Iterable<string>[]): void => {
    const candidates = suggested++ < MOST_SUGGESTED ? names.flatMap((some) => [...some]) : [];
    report(path, 'TN2102', `there is no ${what} ${quoted(word)}`, { candidates });
  };
  const checkContainer = (path: Path, word: string): void => {
    if (!containersByName.has(word)) unknown(path, 'container', word, [containersByName.keys()]);
  };
  const checkParty = (path: Path, word: string, others: readonly string[] = []): void => {
    if (networksByName.has(word) || containersByName.has(word) || definesByName.has(word) || others.includes(word))
      return;
    const prefix = parsePrefix(word);
    if (prefix.ok) return;
    const { code, message, ...more } = prefix.problem;
    const names = [networksByName.keys(), containersByName.keys(), definesByName.keys(), others];
    if (/^[\d.]+(\/\d+)?$/.test(word) || /[:/]/.test(word)) report(path, code, message, more);
    else unknown(path, 'network, container or address set', word, names);
  };
  const checkNetwork = (part: AttachmentPart): void => {
    const word = part.said.network;
    if (!networksByName.has(word)) unknown(part.at('network'), 'network', word, [networksByName.keys()]);
  };
  const checkLinks = (part: ContainerPart): void => {
    if (part.said.links.length === 0) return;
    for (const [index, { target }] of part.said.links.entries())
      checkContainer(part.at('links', index, 'target'), target);
  };
  const checkSources = (part: PublishPart): void => {
    if (part.said.from.length === 0) return;
    for (const [index, word] of part.said.from.entries()) checkParty(part.at('from', index), word);
  };
  for (const part of parts.containers) {
    part.attachments.forEach(checkNetwork);
    if (part.joined !== undefined) checkContainer(part.at('networks', 'container'), part.joined);
    checkLinks(part);
    part.publishes.forEach(checkSources);
  }
  for (const policy of parts.policies) {
    checkParty(policy.at('from'), policy.said.from, ['host']);
    checkParty(policy.at('to'), policy.said.to, ['host']);
  }
  for (const expectation of parts.expectations) {
    const { from, to, outcome } = expectation.said;
    checkParty(expectation.at('from'), from, ['host', 'outside']);
    checkParty(expectation.at('to'), to, ['host', 'outside']);
    if (typeof outcome === 'object') checkContainer(expectation.at('outcome', 'reaches'), outcome.reaches);
  }
}
