/** Runs one command from the bundle, and keeps what V8 made of the functions that it used: warm-one.js ARGUMENT... */
const { writeFileSync } = require('node:fs');
const { cacheOf, loadBundle } = require('../dist/cli/bundle');

const args = process.argv.slice(2);
const { exports: program, script } = loadBundle(args[0]);
program.main(args).then(() => {
  if (process.exitCode === 0) writeFileSync(cacheOf(args[0].replace(/^--/, '')), script.createCachedData());
});
