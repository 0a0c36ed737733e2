import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Script } from 'node:vm';

/** The program in one file, which the build makes. */
export const BUNDLE = join(__dirname, '..', 'program.js');

/** What V8 made of the functions that a command uses. */
export function cacheOf(command: string): string {
  return BUNDLE.replace(/js$/, `${command}.cache`);
}

export interface Bundle {
  readonly exports: unknown;
  readonly script: Script;
}

/**
 * Loads the program from its bundle, without compiling anew what a command uses where the V8 that made the cache is the
 * one that runs. Undefined where there is no bundle: then the modules are loaded one by one.
 */
export function loadBundle(command: string): Bundle | undefined {
  const text = optional(BUNDLE)?.toString('latin1');
  if (text === undefined) return undefined;
  const cachedData = optional(cacheOf(/^[a-z]+$/.test(command) ? command : 'help')) ?? optional(cacheOf('help'));
  const script = new Script(text, { filename: BUNDLE, ...(cachedData ? { cachedData } : {}) });
  const module = { exports: {} };
  script.runInThisContext()(module.exports, createRequire(BUNDLE), module, BUNDLE, dirname(BUNDLE));
  return { exports: module.exports, script };
}

function optional(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch {
    return undefined;
  }
}
