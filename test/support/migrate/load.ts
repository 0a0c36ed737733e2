import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { listingText } from '../../../compiler/targets/nft/read/json';
import { readRulesetText } from '../../../compiler/targets/nft/read/tables';
import type { Table } from '../../../dsl/ruleset/tree';
import { execute } from '../lab';

/** What the kernel holds after a load, as `nft --json list ruleset` prints it, or why nft refused. */
export type Loaded =
  | { readonly loaded: true; readonly listing: string }
  | { readonly loaded: false; readonly message: string };

/** Loads each text alone, all in one network namespace that is nobody else's. */
export function loadEach(texts: readonly string[]): readonly Loaded[] {
  const folder = mkdtempSync(join(tmpdir(), 'tsnet-load-'));
  try {
    texts.forEach((text, at) => {
      writeFileSync(join(folder, `${at}.nft`), text);
    });
    const jobs = texts.map((_, at) => `${at}\n`).join('');
    const { code, stderr } = execute('unshare', ['--net', 'sh', '-c', EACH, 'each', folder], jobs);
    if (code !== 0) throw new Error(stderr);
    const read = (file: string) => readFileSync(join(folder, file), 'utf8');
    return texts.map((_, at) =>
      read(`${at}.code`) === '0\n'
        ? { loaded: true, listing: read(`${at}.json`) }
        : { loaded: false, message: read(`${at}.error`) },
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const EACH = `cd "$1" || exit 1
while read -r at; do
  nft -f "$at.nft" 2> "$at.error"; echo $? > "$at.code"
  nft --json --stateless list ruleset > "$at.json"
  nft flush ruleset
done
exit 0`;

/** The tables of a listing; a text when it cannot be read. */
export function tablesOfListing(listing: string): readonly Table[] | string {
  const text = listingText({ name: 'listing', text: listing });
  if (!text?.ok) return text ? text.diagnostics.map(({ message }) => message).join('; ') : 'this is no listing';
  const tables = readRulesetText(text.value);
  return tables.ok ? tables.value : tables.diagnostics.map(({ message }) => message).join('; ');
}
