import { closeSync, readFileSync } from 'node:fs';
import { deserialize, serialize } from 'node:v8';
import type { Layout } from '../../compiler';
import type { OpenPort, Probe, Target } from '../../runtime';
import type { Input } from '../input';

/** What the program that was called asks of the one inside the lab. The input was read, and is right. */
export interface LabRequest {
  readonly input: Pick<Input, 'sources' | 'documents'>;
  readonly layout: Layout;
  readonly target: Target | undefined;
  readonly ipset: boolean | undefined;
  readonly servers: boolean;
  /** For a shell to run; undefined: a shell on the standard input. */
  readonly run: string | undefined;
  readonly json: boolean;
  /** Instead of a shell: packets to send, ports that have to answer for that, and the file for what came of it. */
  readonly survey?: { readonly probes: readonly Probe[]; readonly open: readonly OpenPort[]; readonly file: string };
  /** Instead of a shell: a packet to send, and the file for the rules that it meets. */
  readonly trace?: { readonly probe: Probe; readonly file: string };
}

/** Standard input is the shell's, so the request comes through a pipe of its own. */
const DESCRIPTOR = 3;

export function encodeRequest(request: LabRequest): Uint8Array {
  return serialize(request);
}

/** Takes the request that was handed to this process; nothing that it starts sees the descriptor. */
export function takeRequest(): LabRequest {
  const request = deserialize(readFileSync(DESCRIPTOR));
  closeSync(DESCRIPTOR);
  return request;
}
