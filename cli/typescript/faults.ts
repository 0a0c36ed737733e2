import { join, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TSError } from 'ts-node';
import type { Diagnostic } from '../../dsl/core/diagnostic';
import { offsetOf, type Position, type Source } from '../../dsl/core/source';
import type { SourceFiles } from './source-files';

/** Frames of this package are not what a person wrote. */
const OURS = join(__dirname, '..', '..') + sep;

/** What is wrong with a program that could not be run to its end. */
export function faultsOf(error: unknown, files: SourceFiles): Diagnostic[] {
  return isTypeError(error) ? typeErrors(error, files) : [exception(error, files)];
}

export function noStack(source: Source): Diagnostic {
  return {
    ...fault(source, { line: 1, column: 1 }, 'the file has to export a stack'),
    hint: { text: 'end it with `export default stack(...)`' },
  };
}

function isTypeError(error: unknown): error is TSError {
  return error instanceof Error && error.name === 'TSError' && 'diagnostics' in error;
}

/** The compiler's codes for a name that Node's types would give; its own advice needs a project that is not there. */
const WANTS_NODE_TYPES: ReadonlySet<number> = new Set([2580, 2584, 2591]);

interface TypeProblem {
  readonly code: number;
  readonly file?: { readonly fileName: string; readonly text: string };
  readonly start?: number;
  readonly length?: number;
  readonly messageText: string | MessageChain;
}

interface MessageChain {
  readonly messageText: string;
  readonly next?: readonly MessageChain[];
}

function typeErrors({ diagnostics }: TSError, files: SourceFiles): Diagnostic[] {
  return (diagnostics as unknown as readonly TypeProblem[]).map(
    ({ code, file, start = 0, length = 0, messageText }) => {
      const source = (file && files.read(resolve(file.fileName))) ?? files.main;
      const wantsNode = WANTS_NODE_TYPES.has(code);
      const [message = '', ...details] = messageLines(messageText);
      const hint = wantsNode ? 'begin the file with `/// <reference types="node" />`' : details.at(-1);
      return {
        code: 'TN1012',
        severity: 'error',
        message: wantsNode ? message.replace(/\. Do you need .*/, '') : message,
        primary: { span: { source, start, end: start + length } },
        secondary: [],
        ...(hint ? { hint: { text: hint } } : {}),
      };
    },
  );
}

function messageLines(message: string | MessageChain): string[] {
  if (typeof message === 'string') return [message];
  return [message.messageText, ...(message.next ?? []).flatMap(messageLines)];
}

function exception(error: unknown, files: SourceFiles): Diagnostic {
  const message = error instanceof Error ? error.message.split('\n', 1)[0] : String(error);
  const { source, position } = (error instanceof Error && thrownAt(error, files)) || {
    source: files.main,
    position: { line: 1, column: 1 },
  };
  return fault(source, position, `the file fails: ${message}`);
}

/** The innermost place in a file of the program's own. */
function thrownAt({ stack = '' }: Error, files: SourceFiles): { source: Source; position: Position } | undefined {
  for (const frame of stack.split('\n')) {
    const [, place, line, column] = /\(?((?:\/|file:\/\/)[^():]+):(\d+):(\d+)\)?$/.exec(frame.trim()) ?? [];
    if (place === undefined) continue;
    const path = place.startsWith('file://') ? fileURLToPath(place) : place;
    const source = isOwn(path) ? files.read(path) : undefined;
    if (source) return { source, position: { line: Number(line), column: Number(column) } };
  }
  return undefined;
}

function isOwn(path: string): boolean {
  return !path.startsWith(OURS) && !path.includes(`${sep}node_modules${sep}`);
}

function fault(source: Source, position: Position, message: string): Diagnostic {
  const start = offsetOf(source, position);
  const end = source.text.indexOf('\n', start);
  return {
    code: 'TN1013',
    severity: 'error',
    message,
    primary: { span: { source, start, end: end < 0 ? source.text.length : end } },
    secondary: [],
  };
}
