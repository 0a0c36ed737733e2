import type { Container } from '../../dsl/intent/topology';
import { type SandboxFiles, sandboxFiles } from '../sandbox/files';
import { paths, writeOps } from '../state/store';
import { doneFor, type Step } from './step';

/** The files that a container finds in /etc, written where they are not as they should be. */
export function containerFiles(
  container: Container,
  directory: string,
  hostResolv: string,
  readFile: (path: string) => string | undefined,
): Step[] {
  if (container.mode.kind === 'host' || container.mode.kind === 'container') return [];
  const files = sandboxFiles(container, hostResolv);
  return (Object.keys(files) as (keyof SandboxFiles)[]).flatMap((name): Step[] => {
    const path = `${paths.files(directory, container.name)}/${name}`;
    // Not 0600: processes in the container read it, whoever they run as; the directory keeps others out.
    const ops = writeOps(path, readFile(path), files[name], 0o644);
    const title = `write ${name} of ${container.name}`;
    const steps: Step[] = ops ? [{ phase: 'prepare', title, do: ops.do, undo: [ops.undo] }] : [];
    return doneFor('container', container.name, steps);
  });
}

export function filesRemoval(directory: string, container: string): Step {
  return {
    phase: 'retire',
    title: `delete the files of ${container}`,
    do: { op: 'file.remove', path: paths.files(directory, container) },
    undo: 'irreversible',
    subject: { kind: 'container', name: container },
  };
}
