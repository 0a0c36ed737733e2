import moo from 'moo';
import { once } from '../../dsl/core/once';
import type { Span } from '../../dsl/core/source';
import { FIELDS, type FieldName } from '../../dsl/ruleset/fields';
import type { CtKey, Expression } from '../../dsl/ruleset/tree';

/** A token of nft's notation. Selectors of several words (`ip saddr`) are one, so that the grammar need not know them. */
export interface RuleToken {
  readonly type:
    | 'word'
    | 'keyword'
    | 'string'
    | 'payload'
    | 'setref'
    | 'rate'
    | 'byterate'
    | 'mark'
    | 'end'
    | 'junk'
    | 'field'
    | 'ct'
    | 'option';
  readonly text: string;
  readonly value: string;
  readonly span: Span;
  readonly selector?: Selector;
}

export type Selector = Extract<Expression, { readonly kind: 'field' | 'ct' | 'option' }>;

const rules: moo.Rules = {
  space: /[ \t\r\f\v\u00a0\ufeff]+/,
  comment: /#[^\n]*/,
  continuation: { match: '\\\n', lineBreaks: true },
  newline: { match: '\n', lineBreaks: true },
  string: /"[^"\u0000-\u001f\u007f]*"/,
  payload: /@(?:ll|nh|th|ih),\d+,\d+/,
  setref: /@[A-Za-z_][\w./-]*/,
  mark: ['==', '!=', '!', '<=', '>=', '<<', '>>', '<', '>', '&', '|', '^', '=', '{', '}', '(', ')', ',', ';'],
  rate: /\d+\/(?:second|minute|hour|day|week)\b/,
  byterate: /[kmg]?bytes\/(?:second|minute|hour|day|week)\b/,
  word: /[\w.:/*+$[\]-]+/,
  junk: { match: /[\s\S]/, lineBreaks: true },
};

/** They begin a statement or join two parts of one, and are never a value. */
const KEYWORDS = new Set(['accept', 'drop', 'return', 'continue', 'jump', 'goto', 'set', 'map', 'vmap']);

/** They stand between words, and may stand inside one. */
const MARKS = new Set(['.', ':', '/', '+', '-']);

/** `dnat to 10.0.0.1:tcp dport map { ... }`, as nft lists a port that a map tells. */
const ADDRESS_BEFORE_FIELD =
  /^(\d+\.\d+\.\d+\.\d+(-\d+\.\d+\.\d+\.\d+)?|\[[\da-f:.]+\](-\[[\da-f:.]+\])?):(tcp|udp|udplite|sctp|dccp|th|meta|ip|ip6|ct)$/i;

/** The tokens of a stretch of text; `end` at each line end and `;`. */
export function tokenizeRules(span: Span): RuleToken[] {
  const lexer = moo.compile(rules);
  lexer.reset(span.source.text.slice(span.start, span.end));
  const tokens: RuleToken[] = [];
  for (const { type = 'junk', text, offset } of lexer) {
    if (type === 'space' || type === 'comment' || type === 'continuation') continue;
    const start = span.start + offset;
    const push = (kind: RuleToken['type'], part: string, from: number) =>
      tokens.push({
        type: kind,
        text: part,
        value: part,
        span: { source: span.source, start: start + from, end: start + from + part.length },
      });
    // `80:` in a map is a key and a colon; an IPv6 address may end in two.
    if (type === 'word' && text.length > 1 && text.endsWith(':') && !text.endsWith('::')) {
      push('word', text.slice(0, -1), 0);
      push('mark', ':', text.length - 1);
    } else if (type === 'word' && /^:[a-z]/i.test(text)) {
      push('mark', ':', 0);
      push('word', text.slice(1), 1);
    } else if (type === 'word' && ADDRESS_BEFORE_FIELD.test(text)) {
      const colon = text.lastIndexOf(':');
      push('word', text.slice(0, colon), 0);
      push('mark', ':', colon);
      push('word', text.slice(colon + 1), colon + 1);
    } else if (type === 'newline' || text === ';') push('end', text, 0);
    else if (type !== 'word') push(type as RuleToken['type'], text, 0);
    else push(MARKS.has(text) ? 'mark' : KEYWORDS.has(text) ? 'keyword' : 'word', text, 0);
  }
  return tokens;
}

const fieldWords = once(
  () =>
    new Map<string, FieldName>([
      ...(Object.keys(FIELDS) as FieldName[]).map((name) => [name, name] as const),
      ...(Object.keys(FIELDS) as FieldName[]).map((name) => [FIELDS[name].text, name] as const),
      // Before nft 0.8.3 these stood without `meta`, and it still reads them so.
      ...(['mark', 'skuid', 'skgid', 'cpu', 'cgroup', 'pkttype', 'rtclassid', 'nftrace'] as const).map(
        (word) => [word, `meta ${word}`] as const,
      ),
    ]),
);

const LONGEST_FIELD = 4;

const CT_KEYS: ReadonlySet<string> = new Set<CtKey>([
  'state',
  'direction',
  'status',
  'mark',
  'expiration',
  'helper',
  'label',
  'id',
  'zone',
  'l3proto',
  'protocol',
  'saddr',
  'daddr',
  'proto-src',
  'proto-dst',
  'bytes',
  'packets',
  'avgpkt',
  'event',
  'secmark',
]);

/** Places in a packet that nft 1.1 has names for: older ones know them by where they lie. */
const NAMED_PLACES: ReadonlyMap<string, string> = new Map([
  ['icmpv6 taddr', '@th,64,128'],
  ['icmpv6 daddr', '@th,192,128'],
]);

/** Joins the words of each selector into one token. */
export function joinSelectors(tokens: readonly RuleToken[]): RuleToken[] {
  const joined: RuleToken[] = [];
  for (let at = 0; at < tokens.length; ) {
    const found = selectorAt(tokens, at);
    const token = tokens[at];
    if (!token) break;
    const place = NAMED_PLACES.get(`${token.text} ${tokens[at + 1]?.text}`);
    if (place) {
      const end = tokens[at + 1]?.span.end ?? token.span.end;
      joined.push({ type: 'payload', text: place, value: place, span: { ...token.span, end } });
      at += 2;
      continue;
    }
    if (!found) {
      joined.push(token);
      at++;
      continue;
    }
    const last = tokens[at + found.words - 1] ?? token;
    const text = tokens
      .slice(at, at + found.words)
      .map((one) => one.text)
      .join(' ');
    joined.push({
      type: found.selector.kind,
      text,
      value: text,
      span: { ...token.span, end: last.span.end },
      selector: found.selector,
    });
    at += found.words;
  }
  return joined;
}

function selectorAt(tokens: readonly RuleToken[], at: number): { words: number; selector: Selector } | undefined {
  const words: string[] = [];
  for (let i = at; i < tokens.length && i < at + LONGEST_FIELD + 1 && isWord(tokens[i]); i++)
    words.push(tokens[i]?.text ?? '');
  const [first] = words;
  if (first === 'ct') return ctSelector(words);
  if (((first === 'tcp' || first === 'ip') && words[1] === 'option') || (first === 'sctp' && words[1] === 'chunk')) {
    if (words[2] === undefined) return undefined;
    const field = OPTION_FIELDS.has(words[3] ?? '') ? words[3] : undefined;
    return {
      words: field ? 4 : 3,
      selector: { kind: 'option', protocol: first, option: words[2], ...(field ? { field } : {}) },
    };
  }
  for (let length = Math.min(words.length, LONGEST_FIELD); length > 0; length--) {
    const field = fieldWords().get(words.slice(0, length).join(' '));
    if (field) return { words: length, selector: { kind: 'field', field } };
  }
  return undefined;
}

function isWord(token: RuleToken | undefined): boolean {
  return token?.type === 'word' || token?.type === 'keyword';
}

const OPTION_FIELDS = new Set([
  'subtype',
  'flags',
  'kind',
  'length',
  'size',
  'count',
  'left',
  'right',
  'tsval',
  'tsecr',
  'ptr',
  'addr',
  'value',
  'type',
  'field',
]);

/** `ct state`, `ct original ip saddr`, `ct reply proto-dst`; `ct count` and `ct helper set` are statements. */
function ctSelector(words: readonly string[]): { words: number; selector: Selector } | undefined {
  let at = 1;
  const direction = words[at] === 'original' || words[at] === 'reply' ? words[at++] : undefined;
  const family = direction && (words[at] === 'ip' || words[at] === 'ip6') ? words[at++] : undefined;
  const key = words[at];
  if (key === undefined || !CT_KEYS.has(key) || (key === 'helper' && words[at + 1] === 'set')) return undefined;
  return {
    words: at + 1,
    selector: {
      kind: 'ct',
      key: key as CtKey,
      ...(direction ? { direction: direction as 'original' | 'reply' } : {}),
      ...(family ? { family: family as 'ip' | 'ip6' } : {}),
    },
  };
}
