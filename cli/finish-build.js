/** After tsc: what it does not copy, and the bit that makes the entry file a program. */
const { chmodSync, copyFileSync } = require('node:fs');
const { join } = require('node:path');

const root = join(__dirname, '..');
copyFileSync(join(root, 'runtime/sandbox/enter.sh'), join(root, 'dist/runtime/sandbox/enter.sh'));
chmodSync(join(root, 'dist/cli/main.js'), 0o755);
