import { closest } from '../../../../dsl/core/suggest';

test.each([
  ['masqerade', ['masquerade', 'routed', 'snat'], 'masquerade'],
  ['rotued', ['masquerade', 'routed', 'snat'], 'routed'],
  ['Web', ['db', 'web'], 'web'],
  ['db1', ['db2', 'db1x', 'DB1'], 'DB1'],
  ['wbe', ['wxy', 'web'], 'web'],
  ['frobnicate', ['masquerade', 'routed'], undefined],
  ['zzzz', ['front'], undefined],
  ['x'.repeat(65), ['x'.repeat(64)], undefined],
])('%s among %j is %s', (word, candidates, expected) => {
  expect(closest(word, candidates)).toBe(expected);
});
