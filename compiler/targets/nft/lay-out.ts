/** Fewer members than this are not worth lines of their own. */
const FEW = 4;

/** A rule in lines: one, or, when it is wider than `width`, the members of its longest set in lines of their own. */
export function brokenUp(text: string, width: number): readonly string[] {
  if (width === 0 || text.length <= width) return [text];
  const set = longestSet(text);
  const mapped = set?.members.some((member) => member.includes(' : ') || member.includes(' comment "'));
  if (!set || set.members.length < (mapped ? 2 : FEW)) return [text];
  const lines: string[] = [];
  let line = '';
  for (const member of set.members) {
    if (line !== '' && (mapped || line.length + member.length + 2 > width)) {
      lines.push(line);
      line = '';
    }
    line += line === '' ? `${member},` : ` ${member},`;
  }
  lines.push(line);
  return [text.slice(0, set.start + 1), ...lines.map((one) => `\t${one}`), text.slice(set.end)];
}

interface SetText {
  /** Where its braces stand. */
  readonly start: number;
  readonly end: number;
  readonly members: readonly string[];
}

function longestSet(text: string): SetText | undefined {
  let longest: SetText | undefined;
  let start = -1;
  let from = 0;
  let members: string[] = [];
  for (let at = 0, quoted = false; at < text.length; at++) {
    const char = text[at];
    if (char === '"') quoted = !quoted;
    if (quoted) continue;
    if (char === '{') {
      start = at;
      from = at + 1;
      members = [];
    } else if (start >= 0 && (char === ',' || char === '}')) {
      members.push(text.slice(from, at).trim());
      from = at + 1;
      if (char === ',') continue;
      if (!longest || at - start > longest.end - longest.start) longest = { start, end: at, members };
      start = -1;
    }
  }
  return longest;
}
