import { type Compiled, compileIntent } from '../../compiler';
import { prove } from '../../compiler/prove';
import { formatAddress } from '../../dsl/core/address';
import type { Intent } from '../../dsl/intent/model';
import { compiledGolden, GOLDENS, loadedBy, Promised, TARGETS } from '../support/promised';

const FAMILIES = [4, 6] as const;
const FORMS = GOLDENS.flatMap((name) => TARGETS.map((target) => [name, target] as const));

describe.each(FORMS)('%s on %s', (name, target) => {
  const compiled = compiledGolden(name);
  const ruleset = loadedBy(target, name, compiled);
  const { topology, intent } = compiled;

  test('no packet from outside reaches a port that is not published', () => {
    for (const family of FAMILIES) {
      const promised = new Promised(compiled, ruleset, family);
      expect({ family, unpublished: promised.reachesUnpublished() }).toEqual({ family, unpublished: false });
    }
    const anywhere = FAMILIES.some((family) => new Promised(compiled, ruleset, family).reachesPublished());
    const isPublished = topology.containers.some(({ publishes }) => publishes.length > 0);
    if (name !== 'restricted') expect(anywhere).toBe(isPublished);
  });

  test('nobody outside enters a network but where it is routed, trusted or allowed', () => {
    for (const family of FAMILIES) {
      const promised = new Promised(compiled, ruleset, family);
      for (const network of topology.networks) {
        const isOpen =
          network.nat.kind === 'routed' || intent.policies.some(({ to }) => mentions(to, network.name, compiled));
        if (isOpen) continue;
        expect({ family, network: network.name, enters: promised.entersDirectly(network.bridge) }).toEqual({
          family,
          network: network.name,
          enters: false,
        });
      }
    }
  });

  test('networks are apart but where a statement joins them', () => {
    for (const family of FAMILIES) {
      const promised = new Promised(compiled, ruleset, family);
      for (const from of topology.networks)
        for (const to of topology.networks) {
          const isApart = from !== to || from.isolated;
          const isJoined = intent.policies.some(
            (policy) => mentions(policy.from, from.name, compiled) && mentions(policy.to, to.name, compiled),
          );
          const isLinked =
            from === to && topology.containers.some(({ links, exposes }) => links.length + exposes.length > 0);
          if (!isApart || isJoined || isLinked) continue;
          expect({ family, way: [from.name, to.name], passes: promised.passes(from.bridge, to.bridge) }).toEqual({
            family,
            way: [from.name, to.name],
            passes: false,
          });
        }
    }
  });
});

function mentions(side: unknown, network: string, { topology }: Compiled): boolean {
  const text = JSON.stringify(side, (_, value) => (typeof value === 'bigint' ? String(value) : value));
  const members = topology.containers.filter(
    ({ mode }) => mode.kind === 'bridged' && mode.endpoints.some((endpoint) => endpoint.network === network),
  );
  return [network, ...members.map(({ name }) => name)].some((name) => text.includes(`"${name}"`));
}

/** The intent without one statement at a time, and what it stood for. */
function withoutEach(
  intent: Intent,
): readonly { readonly what: string; readonly opens: boolean; readonly intent: Intent }[] {
  return [
    ...intent.policies.map((policy, at) => ({
      what: `policy ${at}`,
      opens: policy.action === 'allow',
      intent: { ...intent, policies: intent.policies.toSpliced(at, 1) },
    })),
    ...intent.containers.flatMap((container, at) =>
      (['publish', 'expose', 'links'] as const).flatMap((part) =>
        container[part].map((_, index) => ({
          what: `${part} ${index} of ${container.name}`,
          opens: true,
          intent: {
            ...intent,
            containers: intent.containers.with(at, { ...container, [part]: container[part].toSpliced(index, 1) }),
          },
        })),
      ),
    ),
  ];
}

const PASSED = /^accept/;
/** RTN_LOCAL */
const LOCAL = 2;

describe.each(GOLDENS)('%s without a statement', (name) => {
  const compiled = compiledGolden(name);
  const cases = withoutEach(compiled.intent);
  if (cases.length === 0) {
    test('has none', () => expect(cases).toEqual([]));
    return;
  }
  test.each(cases.map((one) => [one.what, one] as const))('%s', (_, { opens, intent }) => {
    const outcome = compileIntent({ ...compiled, intent }, { leases: compiled.leases() });
    if (!outcome.ok) throw new Error(outcome.diagnostics[0].message);
    const options = { ignore: new Set<never>(), cap: 1_000_000, most: 200 };
    const proofs = prove(compiled.ruleset, outcome.value.ruleset, ['ip', 'ip6'], options);
    const differences = proofs.flatMap((proof) => proof.differences);
    const { containers } = outcome.value.topology;
    const left = containers.flatMap(({ publishes }) =>
      publishes.flatMap(({ targets }) => targets.map((target) => `nat: dnat to ${formatAddress(target)} `)),
    );
    const more = differences.filter(({ first, second, facts }) => {
      const [before, after] = opens ? [first, second] : [second, first];
      if (!PASSED.test(after.verdict)) return false;
      const translated = after.seen.find((text) => text.startsWith('nat: dnat'));
      // Without the statement it may fall to another one that publishes the same port, or be left to the host itself.
      if (translated !== undefined) return !left.some((text) => `${translated} `.startsWith(text));
      return !PASSED.test(before.verdict) && facts.get('fib daddr type') !== LOCAL;
    });
    expect(more.map(({ packet, first, second }) => [packet.join(', '), first, second])).toEqual([]);
  });
});
