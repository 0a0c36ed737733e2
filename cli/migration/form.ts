import { extname } from 'node:path';
import { type Flags, UsageError } from '../command';
import { oneOf } from '../target';

/** What a migration is printed as: what becomes of the rules, and the notation. */
export interface Form {
  /** Networks, containers and publishes where they are recognised; or rules as rules. */
  readonly content: 'rules' | 'intent';
  readonly notation: 'nft' | 'tsnet' | 'ts' | 'json';
}

const TO = ['nft', 'intent', 'ts'] as const;

const NOTATIONS: Readonly<Record<string, Form['notation']>> = {
  '.nft': 'nft',
  '.tsnet': 'tsnet',
  '.ts': 'ts',
  '.json': 'json',
};

/** By `--to`, and by how the name of the file to write ends. */
export function formOf(flags: Flags): Form {
  const given = flags.text('to');
  const to = given === undefined ? undefined : oneOf(TO, given);
  const output = flags.text('output') ?? '';
  const ending = extname(output);
  const notation = NOTATIONS[ending];
  const clash = (hint: string) => new UsageError(`--to ${to} is not what a file \`*${ending}\` holds: ${hint}`);
  switch (to) {
    case 'ts':
      if (notation !== undefined && notation !== 'ts') throw clash('`-o FILE.ts`');
      return { content: 'rules', notation: 'ts' };
    case 'intent':
      if (notation === 'nft') throw clash('`-o FILE.tsnet`, then `tsnet compile FILE.tsnet`');
      return { content: 'intent', notation: notation ?? 'tsnet' };
    case 'nft':
      return { content: 'rules', notation: notation ?? 'nft' };
    case undefined:
      return {
        content: notation === 'tsnet' || notation === 'json' ? 'intent' : 'rules',
        notation: notation ?? 'nft',
      };
  }
}
