import type { Name } from '../../../../dsl/core/names';
import { check } from '../../../../dsl/intent/checks';
import type { IntentDocument } from '../../../../dsl/intent/model';
import { vethName } from '../../../../dsl/intent/resolve/device-names';
import { intentSchema } from '../../../../dsl/intent/schema';

function problemsOf(document: IntentDocument) {
  return check(intentSchema.parse(document)).map(({ problem, path }) => [problem.code, path.join('.')]);
}

describe('checks', () => {
  test('of several with one name the first counts, whoever asks', () => {
    const four = { name: 'front', subnets: ['10.0.0.0/24'] };
    const six = { name: 'front', subnets: ['fd00::/64'], internal: true };
    const policies = [{ action: 'allow', from: 'set', to: 'front' } as const];
    const sets = [['192.0.2.0/24'], ['2001:db8::/32']].map((prefixes) => ({ name: 'set', prefixes }));
    const taken = [
      ['TN2101', 'defines.1.name'],
      ['TN2101', 'networks.1.name'],
    ];
    expect(problemsOf({ defines: sets, networks: [four, six], policies })).toEqual(taken);
    expect(problemsOf({ defines: sets.toReversed(), networks: [four, six], policies })).toEqual([
      ...taken,
      ['TN2104', 'policies.0.to'],
    ]);
  });

  test('a host end may have no name of a bridge, nor that of one that is shortened to it', () => {
    const network = (bridge: string) => ({ name: 'front', subnets: ['10.0.0.0/24'], bridge });
    const inFront = (name: string) => ({ name, networks: [{ network: 'front' }] });
    const long = 'a-very-long-name-indeed';
    const short = vethName(long as Name, 0).slice('tv-'.length, -'-0'.length);
    expect(problemsOf({ networks: [network('br0')], containers: [inFront('a')] })).toEqual([]);
    expect(problemsOf({ networks: [network('tv-a-0')], containers: [inFront('a')] })).toEqual([
      ['TN2117', 'containers.0.name'],
    ]);
    expect(problemsOf({ networks: [network('br0')], containers: [inFront(short), inFront(long)] })).toEqual([
      ['TN2117', 'containers.1.name'],
    ]);
  });
});
