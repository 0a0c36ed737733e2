import { byteLength } from '../../../dsl/core/names';
import type { Log, Rule, Statement } from '../../../dsl/ruleset/tree';
import { plainPrefix, plainText } from '../../targets/nft/notation';

/** NFTNL_UDATA_COMMENT_MAXLEN: what a comment may have in bytes. */
export const LONGEST_COMMENT = 128;

/** A rule with its comment as nft can keep it: one that is too long stands above the rule instead. */
export function withComment(rule: Rule): { readonly rule: Rule; readonly note?: string } {
  const { comment, ...rest } = rule;
  if (comment === undefined) return { rule };
  const text = plainText(comment);
  if (text.trim() === '') return { rule: rest };
  if (byteLength(text) > LONGEST_COMMENT)
    return {
      rule: { ...rest, remarks: [...(rule.remarks ?? []), text] },
      note: `its comment is longer than the ${LONGEST_COMMENT} bytes that nft keeps: it stands above the rule`,
    };
  return text === comment
    ? { rule }
    : { rule: { ...rest, comment: text }, note: `its comment is now \`${text}\`: nft's have no quotes` };
}

/** A log's prefix in nft's notation, which reads `$name` as a variable and has no quotes in strings. */
export function withPrefix(log: Log): { readonly statement: Statement; readonly note?: string } {
  if (log.prefix === undefined) return { statement: log };
  const { prefix, ...rest } = log;
  const text = plainPrefix(prefix);
  if (text === '') return { statement: rest };
  if (text === prefix) return { statement: log };
  return {
    statement: { ...log, prefix: text },
    note: `its log prefix is now \`${text}\`: nft cannot spell it as it was`,
  };
}
