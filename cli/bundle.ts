import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Script } from 'node:vm';

/** A program in one file, which the build makes: of all commands, or of one alone whose start matters. */
export interface Bundle {
  readonly path: string;
  readonly exports: unknown;
  readonly script: Script;
}

/** What V8 made of the functions of a bundle that its commands use. */
export function cacheOf({ path }: Pick<Bundle, 'path'>): string {
  return path.replace(/js$/, 'cache');
}

/**
 * Loads the program from a bundle, without compiling anew what a command uses where the V8 that made the cache is the one
 * that runs. Undefined where there is no bundle: then the modules are loaded one by one.
 */
export function loadBundle(command: string): Bundle | undefined {
  const folder = join(__dirname, '..');
  const own = join(folder, /^[a-z]+$/.test(command) ? `program.${command}.js` : 'program.js');
  return load(own) ?? load(join(folder, 'program.js'));
}

function load(path: string): Bundle | undefined {
  const text = optional(path)?.toString('latin1');
  if (text === undefined) return undefined;
  const cachedData = optional(cacheOf({ path }));
  const script = new Script(text, { filename: path, ...(cachedData ? { cachedData } : {}) });
  const module = { exports: {} };
  script.runInThisContext()(module.exports, requireFrom(dirname(path)), module, path, dirname(path));
  return { path, exports: module.exports, script };
}

/** What is asked for by a relative path stands beside the bundle; all else is found from here as from there. */
function requireFrom(folder: string): (id: string) => unknown {
  return (id) => require(id.startsWith('.') ? join(folder, id) : id);
}

function optional(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch {
    return undefined;
  }
}
