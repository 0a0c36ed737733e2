import { parsePrefix } from '../../core/address';
import type { Path } from '../../core/diagnostic';
import { quoted } from '../../core/names';
import { type LocatedProblem, problemAt } from '../located-problem';
import type { Intent } from '../model';

/** Every name that is used has to be declared. */
export function checkReferences(intent: Intent): LocatedProblem[] {
  const defines = new Set(intent.defines.map(({ name }) => name as string));
  const networks = new Set(intent.networks.map(({ name }) => name as string));
  const containers = new Set(intent.containers.map(({ name }) => name as string));
  const parties = new Set([...networks, ...containers, ...defines]);
  const problems: LocatedProblem[] = [];
  const unknown = (path: Path, what: string, name: string, candidates: Iterable<string>) =>
    problems.push(problemAt(path, 'TN2102', `there is no ${what} ${quoted(name)}`, { candidates: [...candidates] }));
  const party = (path: Path, word: string, extra: readonly string[]) => {
    if (parties.has(word) || extra.includes(word) || parsePrefix(word).ok) return;
    const prefix = parsePrefix(word);
    if (/^[\d.]+(\/\d+)?$/.test(word) || word.includes(':')) {
      if (!prefix.ok) problems.push({ problem: prefix.problem, path, related: [] });
    } else unknown(path, 'network, container or address set', word, [...parties, ...extra]);
  };
  for (const [index, container] of intent.containers.entries()) {
    const path = ['containers', index];
    if (Array.isArray(container.networks)) {
      for (const [at, { network }] of container.networks.entries())
        if (!networks.has(network)) unknown([...path, 'networks', at, 'network'], 'network', network, networks);
    } else if (typeof container.networks === 'object' && !containers.has(container.networks.container))
      unknown([...path, 'networks', 'container'], 'container', container.networks.container, containers);
    for (const [at, { target }] of container.links.entries())
      if (!containers.has(target)) unknown([...path, 'links', at, 'target'], 'container', target, containers);
    for (const [at, { from }] of container.publish.entries())
      for (const [word, name] of from.entries()) party([...path, 'publish', at, 'from', word], name, []);
  }
  for (const [index, { from, to }] of intent.policies.entries()) {
    party(['policies', index, 'from'], from, ['host']);
    party(['policies', index, 'to'], to, ['host']);
  }
  for (const [index, { from, to, outcome }] of intent.expectations.entries()) {
    party(['expectations', index, 'from'], from, ['host', 'outside']);
    party(['expectations', index, 'to'], to, ['host', 'outside']);
    if (typeof outcome === 'object' && !containers.has(outcome.reaches))
      unknown(['expectations', index, 'outcome', 'reaches'], 'container', outcome.reaches, containers);
  }
  return problems;
}
