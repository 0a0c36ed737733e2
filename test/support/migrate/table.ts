import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { MATCHES, TARGETS } from '../../../compiler/targets/iptables/extensions';
import { type Around, type Module, Options } from '../../../compiler/targets/iptables/extensions/module';
import { casesOf, type ExtensionCase } from '../extension-cases';

/** What of the manual's table of matches and targets is told by the modules, and by what becomes of the rules of test/migrate/extensions. */
const FOLDER = join(__dirname, '..', '..', 'migrate', 'extensions');

/** Where the table stands in docs/migration.md. */
export const BEGIN = '<!-- what becomes of each match and target: written by `npm run table:migrate` -->';
export const END = '<!-- end of the table -->';

/** Matches and targets that no rule of test/migrate/extensions uses. */
export function untried(): readonly string[] {
  const cases = allCases();
  return modules().flatMap(({ flag, module }) =>
    reasonOf(module) !== undefined || cases.some((one) => uses(one, flag, module.name))
      ? []
      : [`${flag} ${module.name}`],
  );
}

export function migrationTable(): string {
  const cases = allCases();
  const table = (flag: '-m' | '-j') => {
    const rows = modules()
      .filter((one) => one.flag === flag)
      .map(({ module }) =>
        rowOf(
          module,
          flag,
          cases.filter((one) => uses(one, flag, module.name)),
        ),
      );
    return ['| | family | | for example |', '| --- | --- | --- | --- |', ...rows, ''].join('\n');
  };
  return [BEGIN, '', '### Matches', '', table('-m'), '### Targets', '', table('-j'), END].join('\n');
}

function modules(): readonly { readonly flag: '-m' | '-j'; readonly module: Module }[] {
  const sorted = (all: ReadonlyMap<string, Module>) =>
    [...all.values()].sort((a, b) => a.name.toLowerCase().localeCompare(b.name.toLowerCase(), 'en'));
  return [
    ...sorted(MATCHES).map((module) => ({ flag: '-m' as const, module })),
    ...sorted(TARGETS).map((module) => ({ flag: '-j' as const, module })),
  ];
}

function allCases(): readonly ExtensionCase[] {
  const files = readdirSync(FOLDER).filter((file) => file.endsWith('.txt'));
  return files.sort().flatMap((file) => casesOf(readFileSync(join(FOLDER, file), 'utf8')));
}

/** The protocol of a rule brings its match along, under the name that `-p` has for it. */
const PROTOCOLS: Readonly<Record<string, string>> = { icmp6: 'icmpv6|ipv6-icmp', mh: 'mh|ipv6-mh|mobility-header' };

function uses({ words }: ExtensionCase, flag: '-m' | '-j', name: string): boolean {
  const names = `(?:${name}${PROTOCOLS[name] ? `|${PROTOCOLS[name]}` : ''})`;
  return new RegExp(` ${flag === '-j' ? '(?:-j|--jump)' : '(?:-m|-p|--protocol)'} ${names}(?: |$)`).test(words);
}

/** Of a module that nftables has nothing like, whatever its options. */
function reasonOf({ open, read }: Module): string | undefined {
  const meaning = open && read(new Options([]), {} as Around);
  return meaning?.kind === 'impossible' ? meaning.reason : undefined;
}

/** Those that stand in rules about others. */
const COMMON = /^(ACCEPT|DROP|RETURN|REJECT|LOG|MARK|led|tcp|udp|icmp|icmpv6|ipv6-icmp|comment|state|conntrack|limit)$/;

/** What a rule is there to show: of its matches and its target the last that is not everywhere. */
function subjectOf({ words }: ExtensionCase): string {
  const names = [...words.matchAll(/ (?:-m|-j|-p|--protocol) (\S+)/g)].map(([, name = '']) => name);
  const order = [...names.filter((name) => !/^[A-Z]/.test(name)), ...names.filter((name) => /^[A-Z]/.test(name))];
  return (
    order.findLast((name) => !COMMON.test(name)) ??
    order.findLast((name) => !/^(ACCEPT|DROP|RETURN|led)$/.test(name)) ??
    order.at(-1) ??
    ''
  );
}

function rowOf(module: Module, flag: string, all: readonly ExtensionCase[]): string {
  const { name, families } = module;
  const of = families.length === 2 ? 'both' : families[0] === 'ip' ? 'IPv4' : 'IPv6';
  const never = reasonOf(module);
  if (never !== undefined) return `| \`${flag} ${name}\` | ${of} | impossible: ${cell(never)} | |`;
  const own = all.filter((one) => new RegExp(`^(${PROTOCOLS[name] ?? name}|${name})$`).test(subjectOf(one)));
  const notes = distinct(own.flatMap(({ expected }) => linesOf(expected, 'note')));
  const reasons = distinct(
    all.flatMap((one) =>
      linesOf(one.expected, 'impossible').filter(
        (line) => line.startsWith(`${flag} ${name}: `) || (own.includes(one) && !/^-[mj] \S+: /.test(line)),
      ),
    ),
  );
  const done = (cases: readonly ExtensionCase[]) =>
    cases.filter(
      ({ expected }) => expected.length > 0 && expected.every((line) => !/^(wrong|impossible): /.test(line)),
    );
  const shown = done(own).length > 0 ? done(own) : done(all);
  const verdict = [
    shown.length === 0 ? [] : notes.length > 0 ? [`with a note: ${notes.join('; ')}`] : ['translated'],
    reasons.length > 0 ? [`${shown.length === 0 ? '' : 'some are '}impossible: ${reasons.join('; ')}`] : [],
  ].flat();
  const example = [...shown].sort((a, b) => weight(a, name) - weight(b, name))[0];
  return `| \`${flag} ${name}\` | ${of} | ${cell(verdict.join('. '))} | ${example ? exampleOf(example) : ''} |`;
}

function linesOf(expected: readonly string[], kind: string): readonly string[] {
  return expected.flatMap((line) => (line.startsWith(`${kind}: `) ? [line.slice(kind.length + 2)] : []));
}

/** Reasons that differ in a quoted value only are one. */
function distinct(texts: readonly string[]): readonly string[] {
  const seen = new Map<string, string>();
  for (const text of texts) {
    const key = text.replace(/`[^`]*`|\d+/g, '`');
    if (!seen.has(key)) seen.set(key, text);
  }
  return [...seen.values()].map((text) => text.replace(/^-[mj] \S+: /, ''));
}

/** One rule of few words, in one of nft's, says most. */
function weight({ words, expected }: ExtensionCase, name: string): number {
  const bare = new RegExp(`${name}(?: -j|$)`).test(words) ? 40 : 0;
  return (
    words.length +
    bare +
    60 * Math.max(0, expected.length - 1) +
    (/!|[ =]0( |$)|bogus/.test(words) ? 30 : 0) +
    (/> 255/.test(expected.join()) ? 100 : 0)
  );
}

function exampleOf({ words, expected }: ExtensionCase): string {
  const rule = words.replace(/^(-t \S+ )?-A \S+ /, '').trim();
  const nft = expected.filter((line) => !line.startsWith('note: '));
  return `\`${cell(rule)}\`<br>${nft.map((line) => `\`${cell(line)}\``).join('<br>')}`;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}
