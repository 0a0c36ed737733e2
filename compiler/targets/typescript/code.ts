/** A piece of TypeScript; undefined for what the typed rules have no words for. */
export type Code = string | undefined;

/** The names that a file takes from this package. */
export class Imports {
  private readonly names = new Set<string>();

  use(name: string): string {
    this.names.add(name);
    return name;
  }

  has(name: string): boolean {
    return this.names.has(name);
  }

  /** What was used in a piece of code that was given up is not imported. */
  snapshot(): () => void {
    const before = new Set(this.names);
    return () => {
      for (const name of this.names) if (!before.has(name)) this.names.delete(name);
    };
  }

  statement(): string {
    const sorted = [...this.names].sort((a, b) => a.localeCompare(b, 'en'));
    const line = `import { ${sorted.join(', ')} } from 'tsnet';`;
    if (line.length <= WIDTH) return line;
    return `import {\n${sorted.map((name) => `  ${name},\n`).join('')}} from 'tsnet';`;
  }
}

export const WIDTH = 110;

/** A call, or undefined when one of its arguments is. */
export function call(callee: Code, ...args: readonly Code[]): Code {
  return callee === undefined || args.includes(undefined) ? undefined : `${callee}(${args.join(', ')})`;
}

export function list(items: readonly Code[]): Code {
  return items.includes(undefined) ? undefined : `[${items.join(', ')}]`;
}

/** An object of those fields that there are: those given as `undefined` are left out, `unsayable` makes all so. */
export function object(fields: Readonly<Record<string, Code>>): string {
  const given = Object.entries(fields).filter(([, value]) => value !== undefined);
  return given.length === 0 ? '{}' : `{ ${given.map(([key, value]) => `${key}: ${value}`).join(', ')} }`;
}

/** A string in single quotes. */
export function quoted(text: string): string {
  const inner = JSON.stringify(text)
    .slice(1, -1)
    .replaceAll('\\"', '"')
    .replaceAll("'", "\\'")
    .replace(/[\u007f-\u009f\u2028\u2029]/g, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`);
  return `'${inner}'`;
}

/** Text for a comment that ends with its line. */
export function remark(text: string): string {
  return `// ${text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, ' ')}`.trimEnd();
}

/** A name for a constant that is none of the language's words and nobody has yet. */
export function identifier(wanted: string, taken: (name: string) => boolean): string {
  const camel = wanted
    .replace(/(?<=\w)[^A-Za-z0-9]+(?=\d)/g, '_')
    .replace(/[^A-Za-z0-9_]+(.)?/g, (_, next: string | undefined) => (next ?? '').toUpperCase())
    .replace(/^[A-Z]+/, (head) => head.toLowerCase());
  const base = /^[a-z_]/i.test(camel) ? camel : `_${camel}`;
  if (!taken(base) && !RESERVED.has(base)) return base;
  for (let count = 2; ; count++) if (!taken(`${base}${count}`)) return `${base}${count}`;
}

const RESERVED = new Set(
  (
    'abstract any as async await boolean break case catch class const continue debugger declare default delete do else ' +
    'enum export extends false finally for from function get if implements import in instanceof interface let module ' +
    'namespace never new null number object of package private protected public return set static string super switch ' +
    'symbol this throw true try type typeof undefined unknown var void while with yield require exports eval arguments'
  ).split(' '),
);

/** Lines of code, longer ones broken after commas; `depth` is that of the first, which begins with `prefix`. */
export function wrapped(code: string, depth: number, suffix = '', prefix = ''): string {
  const indent = '  '.repeat(depth);
  const line = `${indent}${prefix}${code}${suffix}`;
  const parts = line.length > WIDTH ? topLevel(code) : undefined;
  if (!parts) return line;
  const { head, args, tail } = parts;
  const before = `${prefix}${head}${args
    .slice(0, -1)
    .map((arg) => `${arg}, `)
    .join('')}`;
  const last = args.at(-1) ?? '';
  if (/^[[{]/.test(last) && args.slice(0, -1).every(isShort) && depth * 2 + before.length < WIDTH)
    return wrapped(last, depth, `${tail}${suffix}`, before);
  const inner = args.every(isShort)
    ? filled(args, depth + 1)
    : args.map((arg) => wrapped(arg, depth + 1, ',')).join('\n');
  return `${indent}${prefix}${head}\n${inner}\n${indent}${tail}${suffix}`;
}

function isShort(arg: string): boolean {
  return /^(?:[\w'".:/-]{1,60}|\[[^[\]{}()]{1,60}\])$/.test(arg);
}

/** Plain values, as many in a line as fit. */
function filled(args: readonly string[], depth: number): string {
  const indent = '  '.repeat(depth);
  const lines: string[] = [];
  let line = '';
  for (const arg of args) {
    if (line !== '' && indent.length + line.length + arg.length + 2 > WIDTH) {
      lines.push(line);
      line = '';
    }
    line += line === '' ? `${arg},` : ` ${arg},`;
  }
  return [...lines, line].map((one) => `${indent}${one}`).join('\n');
}

/** The last bracket of a piece of code that ends with it, and what is in it, comma by comma. */
function topLevel(code: string): { head: string; args: readonly string[]; tail: string } | undefined {
  const stack: { at: number; commas: number[] }[] = [];
  let last: { at: number; end: number; commas: number[] } | undefined;
  for (let at = 0; at < code.length; at++) {
    const char = code[at] ?? '';
    if (char === "'" || char === '`') {
      at = endOfString(code, at);
      continue;
    }
    if ('([{'.includes(char)) stack.push({ at, commas: [] });
    else if (')]}'.includes(char)) {
      const open = stack.pop();
      if (open && stack.length === 0) last = { ...open, end: at };
    } else if (char === ',') stack.at(-1)?.commas.push(at);
  }
  if (!last || last.end < code.length - 1 || last.end - last.at < 3) return undefined;
  const bounds = [last.at, ...last.commas, last.end];
  const args = bounds.slice(1).map((end, index) => code.slice((bounds[index] ?? 0) + 1, end).trim());
  return { head: code.slice(0, last.at + 1), args: args.filter((arg) => arg !== ''), tail: code.slice(last.end) };
}

function endOfString(code: string, start: number): number {
  for (let at = start + 1; at < code.length; at++) {
    if (code[at] === '\\') at++;
    else if (code[at] === code[start]) return at;
  }
  return code.length;
}
