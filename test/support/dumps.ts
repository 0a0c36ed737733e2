import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readDumps } from '../../compiler/targets/iptables/read';
import type { Source } from '../../dsl/core/source';
import type { Table } from '../../dsl/ruleset/tree';

/** The dumps of a folder: of one host those of both families, `x.rules` and `x.v6.rules`. Sorted; empty without the folder. */
export function hostsIn(folder: string): readonly (readonly [string, readonly string[]])[] {
  if (!existsSync(folder)) return [];
  const files = readdirSync(folder).filter((file) => file.endsWith('.rules'));
  const hosts = files.filter((file) => !file.endsWith('.v6.rules')).map((file) => file.slice(0, -'.rules'.length));
  return hosts
    .sort()
    .map((host) => [
      host,
      [`${host}.rules`, `${host}.v6.rules`].filter((file) => files.includes(file)).map((file) => join(folder, file)),
    ]);
}

export function sourcesOf(files: readonly string[]): readonly Source[] {
  return files.map((file) => ({ name: file.replace(/^.*\//, ''), text: readFileSync(file, 'utf8') }));
}

export function tablesOf(files: readonly string[]): readonly Table[] {
  return readDumps(sourcesOf(files).map((source) => ({ source }))).tables;
}
