import { parsePrefix } from '../../core/address';
import type { Path } from '../../core/diagnostic';
import { quoted } from '../../core/names';
import { type LocatedProblem, problemAt } from '../located-problem';
import type { Intent } from '../model';
import { attachmentsOf, containersOf } from './parts';

/** Looking for what was meant takes time for each name that there is; past so many mistakes nobody reads it. */
const MOST_SUGGESTED = 50;

/** A word that has to be a name, and the names it may be. */
interface Reference {
  readonly path: Path;
  readonly word: string;
  readonly what: string;
  readonly names: readonly ReadonlySet<string>[];
  /** Whether it may be an address block instead. */
  readonly orAddresses?: boolean;
}

/** Every name that is used has to be declared. */
export function checkReferences(intent: Intent): LocatedProblem[] {
  let suggested = 0;
  return referencesOf(intent).flatMap(({ path, word, what, names, orAddresses }): LocatedProblem[] => {
    if (names.some((set) => set.has(word))) return [];
    if (orAddresses) {
      const prefix = parsePrefix(word);
      if (prefix.ok) return [];
      if (/^[\d.]+(\/\d+)?$/.test(word) || /[:/]/.test(word)) return [{ problem: prefix.problem, path, related: [] }];
    }
    const candidates = suggested++ < MOST_SUGGESTED ? names.flatMap((set) => [...set]) : [];
    return [problemAt(path, 'TN2102', `there is no ${what} ${quoted(word)}`, { candidates })];
  });
}

function referencesOf(intent: Intent): Reference[] {
  const defines = new Set<string>(intent.defines.map(({ name }) => name));
  const networks = new Set<string>(intent.networks.map(({ name }) => name));
  const containers = new Set<string>(intent.containers.map(({ name }) => name));
  const toNetwork = (path: Path, word: string): Reference => ({ path, word, what: 'network', names: [networks] });
  const toContainer = (path: Path, word: string): Reference => ({ path, word, what: 'container', names: [containers] });
  const toParty = (path: Path, word: string, others: readonly string[] = []): Reference => ({
    path,
    word,
    what: 'network, container or address set',
    names: [networks, containers, defines, new Set(others)],
    orAddresses: true,
  });
  const ofContainers = containersOf(intent).flatMap((part): Reference[] => {
    const { container, path } = part;
    const { networks: mode, links, publish } = container;
    return [
      ...attachmentsOf(part).map(({ attachment, path: at }) => toNetwork([...at, 'network'], attachment.network)),
      ...(typeof mode === 'object' && 'container' in mode
        ? [toContainer([...path, 'networks', 'container'], mode.container)]
        : []),
      ...links.map(({ target }, index) => toContainer([...path, 'links', index, 'target'], target)),
      ...publish.flatMap(({ from }, index) =>
        from.map((word, at) => toParty([...path, 'publish', index, 'from', at], word)),
      ),
    ];
  });
  const ofPolicies = intent.policies.flatMap(({ from, to }, index) => [
    toParty(['policies', index, 'from'], from, ['host']),
    toParty(['policies', index, 'to'], to, ['host']),
  ]);
  const ofExpectations = intent.expectations.flatMap(({ from, to, outcome }, index) => [
    toParty(['expectations', index, 'from'], from, ['host', 'outside']),
    toParty(['expectations', index, 'to'], to, ['host', 'outside']),
    ...(typeof outcome === 'object'
      ? [toContainer(['expectations', index, 'outcome', 'reaches'], outcome.reaches)]
      : []),
  ]);
  return [...ofContainers, ...ofPolicies, ...ofExpectations];
}
