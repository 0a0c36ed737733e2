import { labelOf } from '../compiler';
import type { Diagnostic } from '../dsl/core/diagnostic';
import { diagnosticToJson } from '../dsl/core/render';
import { DEFAULT_STATE, type HostFault, type Response, Session } from '../runtime';
import { EXIT, type Flags } from './command';
import { printText } from './output';
import { changesOf, planText } from './plan';
import { printJson, reportDiagnostics } from './report';

export function stateDirectory(flags: Flags): string {
  return flags.text('state') ?? process.env.TSNET_STATE ?? DEFAULT_STATE;
}

/** The state that a command works with, once what was cut short before has come to an end. */
export async function openSession(flags: Flags): Promise<Session | number> {
  const session = openStateSession(flags);
  if (typeof session === 'number') return session;
  const ready = await session.ready();
  return ready.ok ? session : reportFaults([ready.fault], flags);
}

export function openStateSession(flags: Flags): Session | number {
  const session = Session.open(stateDirectory(flags), (text) => process.stderr.write(`tsnet: ${text}\n`));
  return session.ok ? session.value : reportFaults([session.fault], flags);
}

/** What a command is called in the history. */
export function whatOf(command: string, words: readonly string[]): string {
  return [command, ...words].join(' ');
}

/** What the host refused, as diagnostics; the exit code that goes with it. */
export function reportFaults(faults: readonly HostFault[], flags: Flags): number {
  reportDiagnostics(
    faults.map((fault) => fromFault(fault)),
    flags,
  );
  return EXIT.refused;
}

/** Reports how a request went; with a plan to show, `show` says it. */
export function reportResponse(
  response: Response,
  flags: Flags,
  show: (response: Extract<Response, { steps: unknown }>) => void,
): number {
  switch (response.kind) {
    case 'wrong':
      reportDiagnostics(response.diagnostics, flags);
      return EXIT.input;
    case 'refused': {
      const { compiled, unit, faults, left } = response;
      const refused = faults.map((fault) => {
        const origin = fault.line === undefined ? undefined : unit?.lines[fault.line - 1];
        const label = origin && compiled && labelOf(origin, (path) => compiled.locate(path));
        return fromFault(fault, label);
      });
      const remaining = left.map((fault) => fromFault(fault));
      if (flags.has('json')) reportDiagnostics([...refused, ...remaining], flags);
      else {
        reportDiagnostics(refused, flags);
        if (remaining.length > 0) {
          process.stderr.write('What could not be taken back:\n');
          reportDiagnostics(remaining, flags);
        }
      }
      return EXIT.refused;
    }
    case 'planned':
    case 'applied':
      show(response);
      for (const fault of response.leftovers) process.stderr.write(`tsnet: warning: ${fault.message}\n`);
      if (response.warnings.length > 0 && !flags.has('json')) reportDiagnostics(asWarnings(response.warnings), flags);
      return EXIT.done;
  }
}

/** A plan as an operator reads it, or as a program does. */
export function showSteps(response: Extract<Response, { steps: unknown }>, flags: Flags): void {
  const changes = changesOf(response);
  if (flags.has('json')) printJson({ changes, warnings: asWarnings(response.warnings).map(diagnosticToJson) });
  else if (changes.length === 0) printText('nothing to do\n');
  else for (const text of planText(changes)) printText(text);
}

function asWarnings(faults: readonly HostFault[]): Diagnostic[] {
  return faults.map((fault) => ({ ...fromFault(fault), severity: 'warning' }));
}

function fromFault({ code, message, hint }: HostFault, primary?: Diagnostic['primary']): Diagnostic {
  return {
    code,
    severity: 'error',
    message,
    ...(primary ? { primary } : {}),
    secondary: [],
    ...(hint ? { hint: { text: hint } } : {}),
  };
}
