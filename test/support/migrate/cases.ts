import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export const EXTENSIONS = join(__dirname, '../../migrate/corpus/extensions');

export type Family = 4 | 6;

/** Which families iptables takes a rule of: `+` both (or the one there is), `-` none. */
export type Sign = '+' | '-' | '4' | '6' | '?';

/** A rule of an extension, in a table and a chain, and what iptables says to it. */
export interface Case {
  readonly sign: Sign;
  readonly families: readonly Family[];
  readonly table: string;
  readonly chain: string;
  readonly rule: string;
}

/** One rule for one family: a dump of its own. */
export interface Single {
  readonly of: Case;
  readonly family: Family;
  readonly accepted: boolean;
  readonly dump: string;
}

export const extensionFiles = (): readonly string[] =>
  readdirSync(EXTENSIONS).filter((name) => name.endsWith('.cases'));

/** Sections `[46 filter INPUT]` of lines `+ -p tcp`; `#` begins a comment. */
export function readCases(file: string): readonly Case[] {
  let section: Pick<Case, 'families' | 'table' | 'chain'> | undefined;
  return readFileSync(join(EXTENSIONS, file), 'utf8')
    .split('\n')
    .flatMap((line): Case[] => {
      if (line === '' || line.startsWith('#')) return [];
      const heading = /^\[(\d+) (\S+) (\S+)\]$/.exec(line);
      if (heading) {
        const [, families = '', table = '', chain = ''] = heading;
        section = { families: [...families].map(Number) as Family[], table, chain };
        return [];
      }
      if (!section) throw new Error(`${file}: a rule outside of a section: ${line}`);
      return [{ ...section, sign: line[0] as Sign, rule: line.slice(2) }];
    });
}

const TARGET = /(^|\s)(-[jg]|--(jump|goto)\b)/;

/** Each rule for each family; where a rule has no target it drops, so that what it asks makes a difference. */
export function singles(cases: readonly Case[]): readonly Single[] {
  return cases.flatMap((of) =>
    of.families.map((family) => ({
      of,
      family,
      accepted: of.sign === '+' || of.sign === String(family),
      dump: dumpOf(of, [TARGET.test(of.rule) ? of.rule : `${of.rule} -j DROP`]),
    })),
  );
}

/** Rules of one table and chain as a dump, with a chain `user` to jump to. */
export function dumpOf({ table, chain }: Pick<Case, 'table' | 'chain'>, rules: readonly string[]): string {
  const policy =
    table !== 'nat' && rules.some((rule) => /-[jg] (ACCEPT|RETURN|user|QUEUE)/.test(rule)) ? 'DROP' : 'ACCEPT';
  const base = chain === 'user' ? '' : `:${chain} ${policy} [0:0]\n`;
  return `*${table}\n${base}:user - [0:0]\n${rules.map((rule) => `-A ${chain} ${rule}\n`).join('')}COMMIT\n`;
}

/** The sets that the rules of the extension `set` speak of. */
export const IPSETS = `create nets hash:net family inet hashsize 1024 maxelem 65536
add nets 10.1.0.0/16
add nets 192.0.2.7
create nets6 hash:net family inet6 hashsize 1024 maxelem 65536
add nets6 2001:db8:1::/48
create pairs hash:ip,port family inet hashsize 1024 maxelem 65536
add pairs 10.2.0.1,tcp:80
add pairs 10.2.0.1,udp:53
create ports bitmap:port range 0-65535
add ports 22
add ports 8000-8010
create addresses hash:ip family inet hashsize 1024 maxelem 65536 timeout 0
add addresses 10.3.0.1 timeout 0
`;
