/** The doors between the rooms: who may import whom. */
const core = '^dsl/core/';
const door = (name, from, allowed) => ({
  name,
  severity: 'error',
  from: { path: from },
  to: { pathNot: ['^node_modules', ...allowed], dependencyTypesNot: ['core', 'npm', 'npm-no-pkg', 'npm-dev'] },
});

module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    door('core-stands-alone', core, [core]),
    door('dsl', '^dsl/', ['^dsl/']),
    // nft's selectors are words of its notation; the table of them is the ruleset's.
    door('grammar', '^grammar/', ['^grammar/', core, '^dsl/ruleset/(fields|tree|data-type)\\.ts$']),
    door('compiler', '^compiler/', ['^compiler/', '^grammar/', '^dsl/']),
    door('runtime', '^runtime/', ['^runtime/', '^compiler/', '^dsl/']),
    door('cli', '^cli/', ['^cli/', '^runtime/', '^compiler/', '^dsl/']),
    {
      name: 'pure-rooms',
      comment: 'The compiler and what it stands on do no I/O; only hashing of names is taken from Node.',
      severity: 'error',
      from: { path: '^(dsl|grammar|compiler)/' },
      to: { dependencyTypes: ['core'], pathNot: '^crypto$' },
    },
    {
      name: 'one-door-to-processes',
      severity: 'error',
      from: { path: '^(dsl|grammar|compiler|runtime|cli)/', pathNot: '^runtime/host/exec\\.ts$' },
      to: { path: '(^|/)(execa|child_process)($|/)' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|coverage|test|bench|examples)/' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    combinedDependencies: true,
  },
};
