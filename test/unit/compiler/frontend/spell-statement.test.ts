import { spellStatement } from '../../../../compiler/frontend/spell';

const DOCUMENT = {
  networks: [{ name: 'back', subnets: ['172.18.0.0/16'], internal: true }],
  containers: [{ name: 'web', networks: [{ network: 'back' }], publish: ['8080:80'] }],
};

/** Of an intent that was applied, no text is left to quote. */
test.each([
  [['networks', 0], 'network back'],
  [['networks', 0, 'internal'], 'network back: internal'],
  [['containers', 0], 'container web'],
  [['containers', 0, 'publish', 0], 'container web: publish 8080:80'],
  [['containers', 0, 'networks', 0], 'container web: network back'],
])('%j', (path, statement) => {
  expect(spellStatement(DOCUMENT, path)).toBe(statement);
});
