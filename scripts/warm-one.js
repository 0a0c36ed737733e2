/** Runs one command from its bundle, and keeps what V8 made of the functions that it used: warm-one.js ARGUMENT... */
const { writeFileSync } = require('node:fs');
const { cacheOf, loadBundle } = require('../dist/cli/bundle');

const args = process.argv.slice(2);
const bundle = loadBundle(args[0]);
bundle.exports.main(args).then(() => {
  if (process.exitCode === 0) writeFileSync(cacheOf(bundle), bundle.script.createCachedData());
});
