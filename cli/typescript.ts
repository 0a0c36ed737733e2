import Module from 'node:module';
import { dirname, join, resolve } from 'node:path';
import type { RegisterOptions } from 'ts-node';
import type { NamedDocument } from '../compiler';
import { failure, type Outcome, success } from '../dsl/core/diagnostic';
import type { Source } from '../dsl/core/source';
import type { Stack } from '../dsl/intent/builders';
import { faultsOf, noStack } from './typescript/faults';
import { SourceFiles } from './typescript/source-files';

/** This package's own entry: a file says `from 'tsnet'` wherever it stands, installed or not. */
const SELF = join(__dirname, '..', 'index');

/** Runs a TypeScript file and takes its default export, a stack. Type errors and exceptions are diagnostics. */
export function loadTypeScript(file: string, source: Source): Outcome<NamedDocument> {
  const path = resolve(file);
  const files = new SourceFiles(path, source);
  registerOnce();
  const restore = resolveSelf();
  try {
    const exported = (require(path) as { default?: unknown }).default;
    return isStack(exported) ? success(documentOf(exported, file, files)) : failure([noStack(source)]);
  } catch (error) {
    return failure(faultsOf(error, files));
  } finally {
    restore();
  }
}

let registered = false;

/** Registered twice, ts-node would compile what it has compiled. */
function registerOnce(): void {
  if (registered) return;
  const { register } = require('ts-node') as typeof import('ts-node');
  register(options());
  registered = true;
}

function options(): RegisterOptions {
  return {
    skipProject: true,
    // A file in a package of ES modules is compiled to CommonJS all the same, wherever it stands.
    moduleTypes: { '/**/*': 'cjs' },
    compilerOptions: {
      strict: true,
      target: 'es2022',
      module: 'commonjs',
      moduleResolution: 'node',
      ignoreDeprecations: '6.0',
      esModuleInterop: true,
      skipLibCheck: true,
      rootDir: '/',
      types: [],
      typeRoots: typeRoots(),
      paths: { tsnet: [SELF] },
    },
  };
}

/** Where `/// <reference types="node" />` looks. Left out unless asked for: they cost half as much time again. */
function typeRoots(): readonly string[] {
  try {
    return [dirname(dirname(require.resolve('@types/node/package.json')))];
  } catch {
    return [];
  }
}

interface Resolver {
  _resolveFilename(request: string, ...rest: unknown[]): string;
}

function resolveSelf(): () => void {
  const resolver = Module as unknown as Resolver;
  const original = resolver._resolveFilename;
  resolver._resolveFilename = (request, ...rest) =>
    original.call(Module, request === 'tsnet' ? SELF : request, ...rest);
  return () => {
    resolver._resolveFilename = original;
  };
}

function isStack(value: unknown): value is Stack {
  return typeof value === 'object' && value !== null && (value as { kind?: unknown }).kind === 'stack';
}

/** Each place goes by the name that diagnostics show its file under. */
function documentOf({ document, tables, sites }: Stack, file: string, files: SourceFiles): NamedDocument {
  const named = Object.fromEntries(
    Object.entries(sites).map(([list, all]) => [
      list,
      all.map((site) => site && { ...site, file: files.read(site.file)?.name ?? site.file }),
    ]),
  );
  return { where: `${file}: `, document, tables, sites: named, sources: files.all() };
}
