import { readdirSync, readFileSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import type { Source } from '../../../dsl/core/source';
import type { Family } from './cases';

/** What was saved of one host: rules of IPv4, of IPv6 or of both, and the sets that they speak of. */
export interface SavedHost {
  /** Its path below the corpus, without an ending. */
  readonly name: string;
  readonly dumps: readonly { readonly family: Family; readonly source: Source }[];
  readonly ipsets: Source | undefined;
}

const ENDINGS = { '.v6.rules': 6, '.rules': 4 } as const;

/** All hosts of a folder and of those below it, by name: `x.rules`, `x.v6.rules` and `x.ipset` are of one host. */
export function savedHosts(folder: string): readonly SavedHost[] {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  const hosts = new Map<string, { dumps: SavedHost['dumps'][number][]; ipsets: Source | undefined }>();
  const hostOf = (path: string, ending: string) => {
    const name = path.slice(0, -ending.length);
    const known = hosts.get(name) ?? { dumps: [], ipsets: undefined };
    hosts.set(name, known);
    return known;
  };
  for (const file of files.sort()) {
    const path = join(folder, file);
    const source = () => ({ name: basename(file), text: readFileSync(path, 'utf8') });
    const ending = (Object.keys(ENDINGS) as (keyof typeof ENDINGS)[]).find((one) => file.endsWith(one));
    if (ending) hostOf(relative(folder, path), ending).dumps.push({ family: ENDINGS[ending], source: source() });
    else if (file.endsWith('.ipset')) hostOf(relative(folder, path), '.ipset').ipsets = source();
  }
  return [...hosts].map(([name, host]) => ({ name, ...host }));
}

export function sourcesOf({ dumps, ipsets }: SavedHost): readonly Source[] {
  return [...dumps.map(({ source }) => source), ...(ipsets ? [ipsets] : [])];
}
