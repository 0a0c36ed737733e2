import Module from 'node:module';
import { join, resolve } from 'node:path';
import type { RegisterOptions, TSError } from 'ts-node';
import type { NamedDocument } from '../compiler';
import { type Diagnostic, failure, type Outcome, success } from '../dsl/core/diagnostic';
import { offsetOf, type Source } from '../dsl/core/source';
import type { Stack } from '../dsl/intent/builders';

/** This package's own entry: a file says `from 'tsnet'` wherever it stands, installed or not. */
const SELF = join(__dirname, '..', 'index');

const OPTIONS: RegisterOptions = {
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
    paths: { tsnet: [SELF] },
  },
};

/** Runs a TypeScript file and takes its default export, a stack. Type errors and exceptions are diagnostics. */
export function loadTypeScript(file: string, source: Source): Outcome<NamedDocument> {
  const path = resolve(file);
  const { register } = require('ts-node') as typeof import('ts-node');
  register(OPTIONS);
  const restore = resolveSelf();
  try {
    const exported = (require(path) as { default?: unknown }).default;
    if (isStack(exported)) {
      const { document, tables, sites } = exported;
      return success({ where: `${file}: `, document, tables, sites: named(sites, path, file), sources: [source] });
    }
    return failure([
      fault('TN1013', source, 'the file has to export a stack', { hint: 'end it with `export default stack(...)`' }),
    ]);
  } catch (error) {
    return failure(isTypeError(error) ? typeErrors(error, source, path) : [exception(error, source, path)]);
  } finally {
    restore();
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

/** Places in the file itself go by the name that the user gave it. */
function named(sites: Stack['sites'], path: string, file: string): NonNullable<NamedDocument['sites']> {
  return Object.fromEntries(
    Object.entries(sites).map(([list, all]) => [
      list,
      all.map((site) => (site?.file === path ? { ...site, file } : site)),
    ]),
  );
}

function isTypeError(error: unknown): error is TSError {
  return error instanceof Error && error.name === 'TSError' && 'diagnostics' in error;
}

interface TypeProblem {
  readonly file?: { readonly fileName: string; readonly text: string };
  readonly start?: number;
  readonly length?: number;
  readonly messageText: string | MessageChain;
}

interface MessageChain {
  readonly messageText: string;
  readonly next?: readonly MessageChain[];
}

function typeErrors({ diagnostics }: TSError, source: Source, path: string): Diagnostic[] {
  return (diagnostics as unknown as readonly TypeProblem[]).map(({ file, start = 0, length = 0, messageText }) => {
    const own = !file || resolve(file.fileName) === path ? source : { name: file.fileName, text: file.text };
    const [message = '', ...details] = messageLines(messageText);
    return {
      code: 'TN1012',
      severity: 'error',
      message,
      primary: { span: { source: own, start, end: start + length } },
      secondary: [],
      ...(details.length > 0 ? { hint: { text: details.at(-1) ?? '' } } : {}),
    };
  });
}

function messageLines(message: string | MessageChain): string[] {
  if (typeof message === 'string') return [message];
  return [message.messageText, ...(message.next ?? []).flatMap(messageLines)];
}

function exception(error: unknown, source: Source, path: string): Diagnostic {
  const message = error instanceof Error ? error.message.split('\n', 1)[0] : String(error);
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  const frame = stack.split('\n').find((line) => line.includes(path));
  const [, line, column] = /:(\d+):(\d+)\)?$/.exec(frame ?? '') ?? [];
  return fault(
    'TN1013',
    source,
    `the file fails: ${message}`,
    line && column ? { line: Number(line), column: Number(column) } : {},
  );
}

function fault(
  code: Diagnostic['code'],
  source: Source,
  message: string,
  at: { line?: number; column?: number; hint?: string },
): Diagnostic {
  const start = offsetOf(source, { line: at.line ?? 1, column: at.column ?? 1 });
  const end = source.text.indexOf('\n', start);
  return {
    code,
    severity: 'error',
    message,
    primary: { span: { source, start, end: end < 0 ? source.text.length : end } },
    secondary: [],
    ...(at.hint ? { hint: { text: at.hint } } : {}),
  };
}
