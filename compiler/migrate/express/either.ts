import { isBits } from '../../../dsl/ruleset/data-type';
import { FIELDS } from '../../../dsl/ruleset/fields';
import { field, match, symbol } from '../../../dsl/ruleset/nodes';
import type {
  CompareOp,
  Constant,
  Element,
  Expression,
  Rule,
  Statement,
  TableFamily,
  Verdict,
} from '../../../dsl/ruleset/tree';
import { typeOf } from '../../../dsl/ruleset/type-of';
import { isValue } from '../../../dsl/ruleset/value';
import { expressionText } from '../../targets/nft/notation';
import { isDrawn } from '../reading-order';

type Either = Extract<Statement, { kind: 'either' }>;
type Match = Extract<Statement, { kind: 'match' }>;

/** What an `either` came to: rules in the place of the one, and, after `splits`, a chain for the rules behind it. */
export interface Spelled {
  readonly rules: readonly Rule[];
  /** The chain that the rules after this one have to move to. */
  readonly rest?: string;
}

export interface Helpers {
  /** A new chain beside the one that the rule stands in. */
  chain(purpose: string, rules: readonly Rule[]): string;
  /** The name of a chain that will be made for the rules after this one. */
  rest(): string;
}

/**
 * A rule without `either`, which nft has no word for. By preference: one match over a set; rules in a row, where the
 * first that matches ends the packet's way; a chain of its own, so that what remembers being asked is asked once.
 */
export function spelled(rule: Rule, family: TableFamily, helpers: Helpers): Spelled {
  const at = rule.statements.findIndex(({ kind }) => kind === 'either');
  const either = rule.statements[at] as Either | undefined;
  if (!either) return { rules: [rule] };
  const before = rule.statements.slice(0, at);
  const after = rule.statements.slice(at + 1);
  const { comment, remarks, origin } = rule;
  const again = (statements: readonly Statement[]) => spelled({ ...rule, statements }, family, helpers);
  const one = asMatches(either, family);
  if (one) return again([...before, ...one, ...after]);
  if (
    !either.negated &&
    isShort(either) &&
    endsWay(after) &&
    [...before, ...after.slice(0, -1)].every((one) => one.kind === 'match' && !isDrawn(one))
  ) {
    const rows = either.alternatives.map((all, index) =>
      spelled(
        {
          ...(index === 0 ? rule : { origin, ...(comment === undefined ? {} : { comment }) }),
          statements: [...before, ...all, ...after],
        },
        family,
        helpers,
      ),
    );
    if (rows.every(({ rest }) => rest === undefined)) return { rules: rows.flatMap(({ rules }) => rules) };
  }
  const plain = (statements: readonly Statement[]): Rule => ({ statements, origin });
  const inner = spelled(plain([...protocolFor(after, before), ...after]), family, helpers);
  const leaves = leavesChain(after) || inner.rest !== undefined;
  const rest = leaves ? helpers.rest() : undefined;
  const skip: Statement = {
    kind: 'verdict',
    verdict: rest === undefined ? { kind: 'return' } : { kind: 'goto', chain: rest },
  };
  const onwards = rest === undefined ? [] : [plain([skip])];
  const asked = (statement: Statement) => either.alternatives.map((all) => plain([...all, statement]));
  const chain = (purpose: string, rules: readonly Rule[]) => helpers.chain(either.about ?? purpose, rules);
  let name: string;
  if (after.length === 0) name = chain('any', asked({ kind: 'verdict', verdict: { kind: 'return' } }));
  else if (either.negated) name = chain('unless', [...asked(skip), ...inner.rules, ...onwards]);
  else {
    const decides = decision(after) ?? {
      kind: 'goto',
      chain: helpers.chain('then', [...inner.rules, ...onwards]),
    };
    name = chain('any', [...asked({ kind: 'verdict', verdict: decides }), ...onwards]);
  }
  const led: Rule = {
    statements: [...before, { kind: 'verdict', verdict: { kind: rest === undefined ? 'jump' : 'goto', chain: name } }],
    origin,
    ...(comment === undefined ? {} : { comment }),
    ...(remarks ? { remarks } : {}),
  };
  return rest === undefined ? { rules: [led] } : { rules: [led, plain([skip])], rest };
}

/** What asks for the protocol, where what is left to do translates ports: nft wants that in the same rule. */
function protocolFor(after: readonly Statement[], before: readonly Statement[]): readonly Statement[] {
  if (!after.some((one) => 'port' in one && one.port !== undefined) || after.some(carrierOf)) return [];
  const asked = before.find((one) => one.kind === 'match' && expressionText(one.left) === PROTOCOL);
  if (asked) return [asked];
  const [carrier] = before.flatMap((one) => carrierOf(one) ?? []);
  return carrier === undefined ? [] : [match(field(PROTOCOL), '==', symbol(carrier))];
}

const PROTOCOL = 'meta l4proto';

/** The protocol that a question after a port says by itself. */
function carrierOf(statement: Statement): string | undefined {
  if (statement.kind !== 'match') return undefined;
  return /^(tcp|udp|udplite|sctp|dccp) /.exec(expressionText(statement.left))?.[1];
}

/** Whether a rule for each alternative reads well where the one stood. */
function isShort({ alternatives }: Either): boolean {
  return alternatives.length <= 2 || alternatives.every((all) => all.length === 1);
}

/** What is left to do, where it is no more than a verdict that another chain may give as well. */
function decision(statements: readonly Statement[]): Verdict | undefined {
  const [only] = statements;
  if (only?.kind !== 'verdict' || statements.length > 1) return undefined;
  const { verdict } = only;
  if (verdict.kind === 'jump') return { kind: 'goto', chain: verdict.chain };
  return verdict.kind === 'accept' || verdict.kind === 'drop' ? verdict : undefined;
}

/** Whether no rule after this one is asked in its chain, whatever it is. */
function endsWay(statements: readonly Statement[]): boolean {
  const last = statements.at(-1);
  switch (last?.kind) {
    case 'verdict':
      return last.verdict.kind !== 'jump' && last.verdict.kind !== 'continue';
    case 'reject':
    case 'dnat':
    case 'snat':
    case 'masquerade':
    case 'redirect':
    case 'queue':
      return true;
    default:
      return false;
  }
}

/** Whether it says where to go on from the chain that it stands in: in another chain it would mean another place. */
function leavesChain(statements: readonly Statement[]): boolean {
  return statements.some(
    (one) => one.kind === 'verdict' && (one.verdict.kind === 'return' || one.verdict.kind === 'goto'),
  );
}

function asMatches({ alternatives, negated }: Either, family: TableFamily): readonly Statement[] | undefined {
  const [only] = alternatives;
  if (!only) return undefined;
  if (alternatives.length === 1 && !negated) return only;
  const singles = alternatives.flatMap((all) => (all.length === 1 && all[0]?.kind === 'match' ? [all[0]] : []));
  if (singles.length < alternatives.length) return undefined;
  if (!negated) {
    const one = united(singles as Match[]);
    return one && [one];
  }
  if (!singles.every(({ left }) => alwaysThere(left, family))) return undefined;
  const opposites = singles.map((one) => oppositeOf(one as Match));
  const known = opposites.filter((one) => one !== undefined);
  return known.length === opposites.length ? known : undefined;
}

/** Equalities of one thing with values, as one of it with their set. */
function united(matches: readonly Match[]): Match | undefined {
  const [first] = matches;
  if (!first) return undefined;
  const subject = expressionText(first.left);
  if (!matches.every(({ left, op }) => op === '==' && expressionText(left) === subject)) return undefined;
  const bits = isBits(typeOf(first.left));
  if (bits) {
    const flags = matches.map(({ right }) => right);
    if (!flags.every((one) => one.kind === 'flags')) return undefined;
    const all = flags.flatMap((one) => one.flags);
    return { ...first, right: { kind: 'flags', flags: all } };
  }
  const elements = matches.map(({ right }) => elementsOf(right));
  const known = elements.filter((one) => one !== undefined);
  return known.length === elements.length ? { ...first, right: { kind: 'set', elements: known.flat() } } : undefined;
}

function elementsOf(right: Expression): readonly Element[] | undefined {
  if (right.kind === 'set') return right.elements;
  return isValue(right) ? [{ key: right, origin: { kind: 'program' } }] : undefined;
}

/** Whether every packet of the family has it: else "not equal" is not the opposite of "equal". */
function alwaysThere(expression: Expression, family: TableFamily): boolean {
  switch (expression.kind) {
    case 'field': {
      const { needs } = FIELDS[expression.field];
      // Packets of nobody have no owner, group or class of one.
      if (/^meta (sk[ug]id|cgroup|rtclassid)$/.test(expression.field)) return false;
      return needs === undefined || needs === family;
    }
    case 'ct':
      return expression.key === 'state';
    case 'fib':
      return true;
    case 'binary':
      return alwaysThere(expression.left, family) && expression.right.kind === 'number';
    default:
      return false;
  }
}

const OPPOSITES: Readonly<Partial<Record<CompareOp, CompareOp>>> = {
  '==': '!=',
  '!=': '==',
  '<': '>=',
  '>=': '<',
  '>': '<=',
  '<=': '>',
};

function oppositeOf(match: Match): Match | undefined {
  const op = OPPOSITES[match.op];
  if (!op) return undefined;
  if (match.right.kind !== 'flags') return { ...match, op };
  // "None of these" is `!=` of a set; that of a list would compare all bits.
  if (match.op !== '==' || match.left.kind !== 'ct' || match.left.key !== 'state') return undefined;
  const [first, ...more] = match.right.flags;
  if (!first) return undefined;
  return { ...match, op, right: more.length === 0 ? first : setOf(match.right.flags) };
}

function setOf(constants: readonly Constant[]): Expression {
  return { kind: 'set', elements: constants.map((key) => ({ key, origin: { kind: 'program' } })) };
}
