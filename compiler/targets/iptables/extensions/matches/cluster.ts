import { anonymousSet, match, number } from '../../../../../dsl/ruleset/nodes';
import type { Expression } from '../../../../../dsl/ruleset/tree';
import { BOTH, type Meaning, type Module, noted, wrong } from '../module';
import { wholeNumber } from '../values';

const MOST_NODES = 32n;

const NOTE =
  "related connections go by their own source, not by that of the connection that they belong to; packets to a multicast MAC address stay what they are, where cluster makes them the host's (`meta pkttype set host`)";

/** The hash of nft is that of xt_cluster: jhash over the address that opened the connection, scaled down to the nodes. */
export const cluster: Module = {
  name: 'cluster',
  families: BOTH,
  options: {
    '--cluster-total-nodes': { values: 1 },
    '--cluster-local-node': { values: 1, negatable: true },
    '--cluster-local-nodemask': { values: 1, negatable: true },
    '--cluster-hash-seed': { values: 1 },
  },
  read(options, { family }): Meaning {
    const total = wholeNumber(options.value('--cluster-total-nodes') ?? '', MOST_NODES);
    const seed = wholeNumber(options.value('--cluster-hash-seed') ?? '');
    const [one, several] = [options.find('--cluster-local-node'), options.find('--cluster-local-nodemask')];
    const given = one ?? several;
    const value = given && wholeNumber(given.values[0] ?? '');
    if (!total || seed === undefined) return wrong('cluster needs `--cluster-total-nodes` and `--cluster-hash-seed`');
    if (value === undefined || (one && several))
      return wrong('cluster needs `--cluster-local-node` or `--cluster-local-nodemask`', given?.span);
    const mask = one ? 1n << (value - 1n) : value;
    if ((one && (value === 0n || value > total)) || mask === 0n || mask >= 1n << total)
      return wrong(`not among ${total} nodes`, given?.span);
    const hash: Expression = {
      kind: 'hash',
      function: 'jhash',
      of: { kind: 'ct', key: 'saddr', direction: 'original', family },
      modulus: Number(total),
      seed: Number(seed),
      offset: 0,
    };
    const nodes = Array.from({ length: Number(total) }, (_, node) => node).filter(
      (node) => (mask >> BigInt(node)) & 1n,
    );
    const [only] = nodes;
    const right = nodes.length === 1 && only !== undefined ? number(only) : anonymousSet(...nodes.map(number));
    return noted(NOTE, match(hash, given?.negated ? '!=' : '==', right));
  },
};
