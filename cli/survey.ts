import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { layoutFor, type Resolved } from '../compiler';
import { type Sample, sampleText } from '../compiler/expect';
import { formatAddress } from '../dsl/core/address';
import { type HostFault, type OpenPort, type Result as Outcome, type Probe, runOnThrowawayHost } from '../runtime';
import type { Input } from './input';
import { encodeRequest, type LabRequest } from './lab/request';

/** What real packets said otherwise than the model, by the expectation that they are of. */
export interface Survey {
  readonly asked: ReadonlyMap<number, number>;
  readonly otherwise: ReadonlyMap<number, readonly string[]>;
}

/** The program that is started on the throwaway host, to do the rest. */
const INSIDE = join(__dirname, 'lab', 'inside.js');

/** Sends packets of each expectation on a throwaway host with the network up, and compares who answers with the model. */
export async function survey(
  { topology }: Resolved,
  samples: readonly Sample[],
  input: Input,
  how: Pick<LabRequest, 'target' | 'ipset' | 'json'>,
): Promise<Outcome<Survey, HostFault> | number> {
  const layout = layoutFor(topology);
  if (samples.length === 0) return { ok: true, value: { asked: new Map(), otherwise: new Map() } };
  const folder = mkdtempSync(join(tmpdir(), 'tsnet-test-'));
  const file = join(folder, 'answers.json');
  try {
    const request = encodeRequest({
      ...how,
      input,
      layout,
      servers: true,
      run: undefined,
      survey: { probes: samples.map(probeOf), open: samples.map(openFor), file },
    });
    const result = await runOnThrowawayHost([process.execPath, INSIDE], {
      stdio: ['ignore', 'inherit', 'inherit', request],
    });
    if (!result.ok) return result;
    if (result.value !== 0) return result.value;
    const answers = JSON.parse(readFileSync(file, 'utf8')) as readonly (string | null)[];
    return { ok: true, value: compared(samples, answers) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function probeOf({ from, source, destination, protocol, port }: Sample): Probe {
  return {
    from,
    source: from === 'host' ? null : formatAddress(source),
    address: formatAddress(destination),
    protocol,
    port,
  };
}

function openFor({ listener, protocol }: Sample): OpenPort {
  return { at: listener.at, protocol, port: listener.port };
}

function compared(samples: readonly Sample[], answers: readonly (string | null)[]): Survey {
  const asked = new Map<number, number>();
  const otherwise = new Map<number, string[]>();
  for (const [at, sample] of samples.entries()) {
    const { index } = sample;
    asked.set(index, (asked.get(index) ?? 0) + 1);
    const live = answers[at] ?? undefined;
    if (live === sample.answers) continue;
    const said = (name: string | undefined) => (name === undefined ? 'nobody answers' : `${name} answers`);
    const text = `${sampleText(sample)}: ${said(live)}, where by the rules ${said(sample.answers)}`;
    otherwise.set(index, [...(otherwise.get(index) ?? []), text]);
  }
  return { asked, otherwise };
}
