import type { Key } from '../../../dsl/rules/values';
import { prioritiesOf } from '../../../dsl/ruleset/priorities';
import type {
  BaseChain,
  Chain,
  KeyType,
  NamedObject,
  NamedSet,
  Rule,
  SetFlag,
  Table,
  TableFamily,
} from '../../../dsl/ruleset/tree';
import { tableText } from '../nft/print';
import { type Code, call, type Imports, list, object, quoted, remark, wrapped } from './code';
import { dataCode, verdictOf } from './matches';
import { inOrder } from './order';
import { quotaArguments, rateArguments, statementCode } from './statements';
import { elementCode } from './values';

/** The lines of a comment that stand where a rule would; undefined for one that is said. */
export type Withheld = (rule: Rule) => readonly string[] | undefined;

/** A table as the builders make it, or, where they lack a word, as text in nft's notation. */
export function tableCode(table: Table, imports: Imports, withheld: Withheld): { code: string; typed: boolean } {
  const giveUp = imports.snapshot();
  const code = builtTable(table, imports, withheld);
  if (code !== undefined) return { code, typed: true };
  giveUp();
  const text = tableText(table, { namedPriorities: true, width: 110, withheld }).trimEnd();
  const inner = text.replace(/[\\`]|\$(?=\{)/g, '\\$&').replaceAll('\t', '  ');
  return { code: `${imports.use('tableText')}(\`${inner}\`)`, typed: false };
}

function builtTable(table: Table, imports: Imports, withheld: Withheld): Code {
  if (table.flags?.length || table.comment !== undefined) return undefined;
  const steps: Code[] = [
    ...table.objects.map((one) => objectCode(one)),
    ...inOrder(table).map((item) =>
      'rules' in item ? chainCode(item, table, imports, withheld) : setCode(item, imports),
    ),
  ];
  if (steps.includes(undefined)) return undefined;
  const head = `${imports.use('table')}(${quoted(table.family)}, ${quoted(table.name)})`;
  return [head, ...steps].join('\n');
}

function objectCode(one: NamedObject): Code {
  if (one.comment !== undefined) return undefined;
  const name = quoted(one.name);
  switch (one.kind) {
    case 'counter':
      return step(one.packets === undefined ? call('.counter', name) : undefined);
    case 'limit':
      return step(call('.limit', name, ...rateArguments(one.rate)));
    case 'quota':
      return step(call('.quota', name, ...quotaArguments(one.quota)));
    case 'ct helper': {
      const protocol = one.protocol === 'tcp' || one.protocol === 'udp' ? quoted(one.protocol) : undefined;
      const l3 = one.l3 === 'ip' || one.l3 === 'ip6' ? [quoted(one.l3)] : [];
      return step(call('.helper', name, quoted(one.helper), protocol, ...l3));
    }
  }
}

function step(code: Code): Code {
  return code && wrapped(code, 1);
}

function setCode(set: NamedSet, imports: Imports): Code {
  const key = keyOfType(set.key);
  if (!key || set.policy || set.gcIntervalMs !== undefined || set.counter || set.limit) return undefined;
  const method = set.data ? (set.data.kind === 'verdict' ? 'vmap' : 'map') : 'set';
  if (set.data && (set.timeoutMs !== undefined || set.size !== undefined || set.autoMerge)) return undefined;
  const data = set.data?.kind === 'value' ? keyOfType(set.data.type) : undefined;
  if (set.data?.kind === 'object' || (method === 'map' && !data)) return undefined;
  const elements = list(
    set.elements.map((element) => {
      const member = elementCode(key, element, imports);
      if (method === 'set') return member;
      return list([member, data ? dataCode(element, data) : verdictOf(element, imports)]);
    }),
  );
  if (elements === undefined) return undefined;
  const options = object({
    flags: set.flags.length === 0 ? undefined : list(set.flags.map((flag: SetFlag) => quoted(flag))),
    timeoutMs: set.timeoutMs === undefined ? undefined : String(set.timeoutMs),
    size: set.size === undefined ? undefined : String(set.size),
    autoMerge: set.autoMerge ? 'true' : undefined,
    comment: set.comment === undefined ? undefined : quoted(set.comment),
    elements: set.elements.length === 0 ? undefined : method === 'vmap' ? `(t) => ${elements}` : elements,
  });
  const types = [keyCode(key), ...(data ? [keyCode(data)] : [])];
  return step(call(`.${method}`, quoted(set.name), ...types, ...(options === '{}' ? [] : [options])));
}

function keyOfType(type: KeyType): Key | undefined {
  if (type.kind !== 'types') return undefined;
  const [first, ...rest] = type.types;
  return rest.length === 0 ? first : (type.types as unknown as Key);
}

function keyCode(key: Key): Code {
  return typeof key === 'string' ? quoted(key) : list(key.map(quoted));
}

function chainCode(chain: Chain, { family }: Table, imports: Imports, withheld: Withheld): Code {
  const rules = chain.rules.map((rule) => ruleCode(rule, imports, withheld));
  if (rules.includes(undefined)) return undefined;
  const base = chain.base && baseCode(chain.base, family);
  if (chain.base && base === undefined) return undefined;
  const argument = rules.some((rule) => /[\s([]t\./.test(rule ?? '')) ? '(t)' : '()';
  const head = [quoted(chain.name), ...(base === undefined ? [] : [base])].join(', ');
  const tail = chain.comment === undefined ? '' : `, { comment: ${quoted(chain.comment)} }`;
  const method = chain.base ? 'baseChain' : 'chain';
  if (rules.length === 0) return `  .${method}(${head}, ${argument} => []${tail})`;
  return `  .${method}(${head}, ${argument} => [\n${rules.join('\n')}\n  ]${tail})`;
}

function baseCode({ type, hook, priority, policy, devices }: BaseChain, family: TableFamily): Code {
  if (devices) return undefined;
  const name = Object.entries(prioritiesOf(family)).find(([, value]) => value === priority)?.[0];
  return object({
    type: quoted(type),
    hook: quoted(hook),
    priority: name === undefined ? String(priority) : quoted(name),
    policy: policy === 'accept' ? undefined : quoted(policy),
  });
}

function ruleCode(rule: Rule, imports: Imports, withheld: Withheld): Code {
  const lines = (rule.remarks ?? []).map((line) => `    ${remark(line)}`);
  const instead = withheld(rule);
  if (instead) return [...lines, ...instead.map((line) => `    ${remark(line)}`)].join('\n');
  const parts = rule.statements.map((statement) => statementCode(statement, imports));
  if (rule.comment !== undefined) parts.push(call(imports.use('comment'), quoted(rule.comment)));
  const code = call(imports.use('rule'), ...parts);
  return code && [...lines, wrapped(code, 2, ',')].join('\n');
}
