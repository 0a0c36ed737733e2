/** execa and its dependencies are ES modules, which Jest cannot require as they are. */
const esModules = [
  'execa',
  '@sindresorhus/merge-streams',
  'figures',
  'get-stream',
  '@sec-ant/readable-stream',
  'human-signals',
  'is-plain-obj',
  'is-stream',
  'is-unicode-supported',
  'npm-run-path',
  'unicorn-magic',
  'parse-ms',
  'path-key',
  'pretty-ms',
  'strip-final-newline',
  'yoctocolors',
];

/** @type {import('jest').Config} */
module.exports = {
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  testEnvironment: 'node',
  // The default is named after the user's id, which on a throwaway host is everybody's 0.
  cacheDirectory: '<rootDir>/node_modules/.cache/jest',
  transform: {
    '^.+\\.[jt]s$': [
      '@swc/jest',
      { jsc: { parser: { syntax: 'typescript' }, target: 'es2022' }, module: { type: 'commonjs' } },
    ],
  },
  transformIgnorePatterns: [`/node_modules/(?!(?:${esModules.join('|')})/)`],
  moduleNameMapper: {
    '^unicorn-magic$': '<rootDir>/node_modules/unicorn-magic/node.js',
    '^tsnet$': '<rootDir>/index.ts',
  },
  collectCoverageFrom: ['{dsl,grammar,compiler,runtime,cli}/**/*.ts', '!grammar/generated/**'],
  coverageReporters: ['text-summary', 'lcov'],
  reporters: ['default', '<rootDir>/test/support/conformance-reporter.js'],
  testTimeout: 120_000,
  // The longest tests wait for packets that must not come.
  maxWorkers: '100%',
};
