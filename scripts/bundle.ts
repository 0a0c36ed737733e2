import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { build, type Plugin } from 'esbuild';

/**
 * Makes `dist/program.js`, the commands in one file, and beside it what V8 made of the functions that a command uses:
 * starting from them costs a third of loading 300 modules, zod and execa one by one.
 */
const root = join(__dirname, '..');
const dist = join(root, 'dist');

/** A file that stands beside a module is found from the bundle too. */
const folders: Plugin = {
  name: 'folders',
  setup({ onLoad }) {
    onLoad({ filter: /\/(cli|runtime|compiler|dsl)\/.*\.ts$/ }, ({ path }) => {
      const folder = JSON.stringify(relative(root, dirname(path)));
      const contents = readFileSync(path, 'utf8').replaceAll(
        '__dirname',
        `require('node:path').join(__dirname, ${folder})`,
      );
      return { contents, loader: 'ts' };
    });
  },
};

/** What loads an intent in TypeScript shares its modules with it, so that they are no part of the bundle. */
const typescript: Plugin = {
  name: 'typescript',
  setup({ onResolve }) {
    onResolve({ filter: /^\.\/typescript$/ }, () => ({ path: './cli/typescript.js', external: true }));
  },
};

/** Node's own cryptography takes longer to load than a small file to compile; only long names and new tokens need it. */
const lazyCrypto: Plugin = {
  name: 'lazy-crypto',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^node:crypto$/ }, () => ({ path: 'crypto', namespace: 'lazy' }));
    onLoad({ filter: /.*/, namespace: 'lazy' }, () => ({
      contents: ['createHash', 'randomBytes']
        .map((name) => `export const ${name} = (...args) => require('crypto').${name}(...args);`)
        .join('\n'),
    }));
  },
};

async function main(): Promise<void> {
  await build({
    entryPoints: [join(root, 'cli', 'program.ts')],
    outfile: join(dist, 'program.js'),
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    mainFields: ['module', 'main'],
    external: ['koffi', '@koromix/*', 'ts-node', 'typescript'],
    supported: { 'dynamic-import': false },
    minifyWhitespace: true,
    minifySyntax: true,
    legalComments: 'none',
    plugins: [folders, typescript, lazyCrypto],
    // One function, to be compiled as it is: a copy of the text with something around it would cost a millisecond.
    banner: { js: '(function (exports, require, module, __filename, __dirname) {' },
    footer: { js: '})' },
    logLevel: 'warning',
  });
  for (const file of readdirSync(dist)) if (file.endsWith('.cache')) rmSync(join(dist, file));
  const warm = [require.resolve('ts-node/dist/bin.js'), '--swc', join(__dirname, 'warm.ts')];
  execFileSync(process.execPath, warm, { stdio: ['ignore', 'ignore', 'inherit'] });
}

void main();
