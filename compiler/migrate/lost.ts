import type { Expression, Rule, Statement } from '../../dsl/ruleset/tree';
import { statementText } from '../targets/nft/notation';
import { transferOf } from './express/marks';

/** Why a rule cannot be said in nft. */
export interface Loss {
  readonly reason: string;
  /** What leaving the rule out does to the firewall. */
  readonly effect: string;
  /** What can be done about it. */
  readonly mend?: string;
}

/** What of a rule nftables has no words for; undefined for a rule that can be said whole. */
export function lossOf(rule: Rule): Loss | undefined {
  for (const statement of rule.statements) {
    const reason = reasonOf(statement);
    if (reason === undefined) continue;
    const mend = statement.kind === 'opaque' ? statement.mend : undefined;
    return { reason, effect: effectOf(rule), ...(mend === undefined ? {} : { mend }) };
  }
  return undefined;
}

function reasonOf(statement: Statement): string | undefined {
  switch (statement.kind) {
    case 'opaque':
      return statement.reason ?? `nftables has nothing like \`${statement.text}\``;
    case 'either':
      for (const one of statement.alternatives.flat()) {
        const reason = reasonOf(one);
        if (reason !== undefined) return reason;
        if (one.kind !== 'match' && one.kind !== 'set-update')
          return `\`${statementText(one)}\` cannot be one of several alternatives in nft`;
      }
      return undefined;
    case 'assign':
      return isTwoFold(statement.value) && !transferOf(statement)
        ? `nft cannot compute \`${statementText(statement)}\``
        : undefined;
    case 'set-update':
      return statement.statements.map(reasonOf).find((one) => one !== undefined);
    default:
      return undefined;
  }
}

/** Whether it combines two things that only the packet tells: nft has arithmetic with constants. */
function isTwoFold(value: Expression): boolean {
  return (
    value.kind === 'binary' &&
    (isTwoFold(value.left) ||
      !['number', 'symbol', 'flags', 'binary'].includes(value.right.kind) ||
      readsPacket(value.right))
  );
}

function readsPacket(value: Expression): boolean {
  if (value.kind === 'binary') return readsPacket(value.left) || readsPacket(value.right);
  return value.kind === 'field' || value.kind === 'ct';
}

const EFFECTS: Readonly<Record<string, string>> = {
  ACCEPT: 'it accepted packets: what only this rule let pass is stopped without it',
  DROP: 'it dropped packets: what only this rule stopped passes without it',
  REJECT: 'it rejected packets: what only this rule stopped passes without it',
  TARPIT: 'it held connections up: what only this rule stopped passes without it',
  RETURN: 'it ended the chain for packets: they meet the rules after it now',
  DNAT: 'it translated addresses: packets keep theirs without it',
  SNAT: 'it translated addresses: packets keep theirs without it',
  MASQUERADE: 'it translated addresses: packets keep theirs without it',
  REDIRECT: 'it translated addresses: packets keep theirs without it',
  NETMAP: 'it translated addresses: packets keep theirs without it',
  LOG: 'it only logged: no packet passes or stops without it',
  NFLOG: 'it only logged: no packet passes or stops without it',
  ULOG: 'it only logged: no packet passes or stops without it',
};

/** By the target that stands in the rule's own text, which is there even where the rule could not be read. */
function effectOf({ origin }: Rule): string {
  const text = origin.kind === 'source' ? origin.span.source.text.slice(origin.span.start, origin.span.end) : '';
  const [, target] = / (?:-j|-g|--jump|--goto)[ =]+"?([^\s"]+)/.exec(text) ?? [];
  if (target === undefined) return 'it decided nothing, and only counted or noted packets';
  const known = EFFECTS[target];
  if (known !== undefined) return known;
  return /^[A-Z0-9]+$/.test(target)
    ? `it did ${target} to packets, which is not done without it`
    : `it led packets to ${target}: they do not go there without it`;
}
