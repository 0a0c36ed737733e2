import type { NftLibrary } from './bindings';

/** libnftables(3), NFT_CTX_OUTPUT_... */
const OUTPUT = { stateless: 1 << 1, json: 1 << 4 } as const;

export interface NftRan {
  readonly ok: boolean;
  readonly output: string;
  readonly error: string;
}

/** Runs commands as one transaction, in the network namespace that we are in; what `nft -f` does, or `nft --json --stateless`. */
export function runNft(library: NftLibrary, commands: string, how: 'text' | 'json' = 'text'): NftRan {
  const context = library.open(0);
  try {
    library.bufferOutput(context);
    library.bufferError(context);
    if (how === 'json') library.setOutput(context, OUTPUT.json | OUTPUT.stateless);
    const ok = library.run(context, commands) === 0;
    return { ok, output: library.output(context), error: library.error(context) };
  } finally {
    library.close(context);
  }
}
