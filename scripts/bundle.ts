import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { type BuildOptions, build, type Plugin } from 'esbuild';

/**
 * Makes `dist/program.js`, the commands in one file, `dist/program.COMMAND.js` for those that are used most, and beside them
 * what V8 made of their functions: starting from them costs a fifth of loading 300 modules, zod and execa one by one.
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

/** Node's own cryptography takes longer to load than a small file to compile; only new tokens need it. */
const lazyCrypto: Plugin = {
  name: 'lazy-crypto',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^node:crypto$/ }, () => ({ path: 'crypto', namespace: 'lazy' }));
    onLoad({ filter: /.*/, namespace: 'lazy' }, () => ({
      contents: "export const randomBytes = (...args) => require('crypto').randomBytes(...args);",
    }));
  },
};

/** Commands that are given again and again, and whose time is theirs to wait for. */
const OFTEN = ['compile', 'why', 'apply', 'run', 'rm', 'down'];

/** Parts of a command, which share its modules: they come with it, to be set up when they are asked for. */
const PARTS = ['../live-subject', '../traced', '../compiler/targets/iptables/read'];

/** What a command loads only at times stays the file that it is. */
const rarely: Plugin = {
  name: 'rarely',
  setup({ onResolve }) {
    onResolve({ filter: /^\./ }, ({ kind, path, resolveDir }) =>
      kind === 'dynamic-import' && !PARTS.includes(path)
        ? { path: `./${relative(root, join(resolveDir, path))}`, external: true }
        : undefined,
    );
  },
};

const common: BuildOptions = {
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
  // One function, to be compiled as it is: a copy of the text with something around it would cost a millisecond.
  banner: { js: '(function (exports, require, module, __filename, __dirname) {' },
  footer: { js: '})' },
  logLevel: 'warning',
};

/** All commands, each loaded when it is asked for. */
function buildAll() {
  return build({
    ...common,
    entryPoints: [join(root, 'cli', 'program.ts')],
    outfile: join(dist, 'program.js'),
    plugins: [folders, typescript, lazyCrypto],
  });
}

/** One command, without what it does not use. */
function buildOne(command: string) {
  const contents = `import * as command from './commands/${command}';
    import { main as program } from './program';
    export const main = (args) => program(args, command);`;
  return build({
    ...common,
    stdin: { contents, resolveDir: join(root, 'cli') },
    outfile: join(dist, `program.${command}.js`),
    plugins: [folders, rarely, lazyCrypto],
  });
}

/** What starts the program: one file less for Node to find costs a millisecond less. */
function buildMain() {
  return build({
    ...common,
    entryPoints: [join(root, 'cli', 'main.ts')],
    outfile: join(dist, 'cli', 'main.js'),
    external: ['./program'],
    banner: {},
    footer: {},
  });
}

async function main(): Promise<void> {
  await Promise.all([buildMain(), buildAll(), ...OFTEN.map(buildOne)]);
  for (const file of readdirSync(dist)) if (file.endsWith('.cache')) rmSync(join(dist, file));
  const warm = [require.resolve('ts-node/dist/bin.js'), '--swc', join(__dirname, 'warm.ts')];
  execFileSync(process.execPath, warm, { stdio: ['ignore', 'ignore', 'inherit'] });
}

void main();
