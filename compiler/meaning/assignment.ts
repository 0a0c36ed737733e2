import type { Statement } from '../../dsl/ruleset/tree';
import { isVerdict } from '../../dsl/ruleset/walk';
import { expressionText, statementText } from '../targets/nft/notation';
import { observe, when, write } from './acts';
import { ALWAYS, all, type Condition, type Field, NEVER } from './condition';
import { found, lookup } from './lookups';
import type { Step, Write } from './steps';
import type { Surroundings } from './surroundings';
import { type Term, termOf } from './terms';
import { constantValue } from './values';

export function assignSteps(statement: Extract<Statement, { kind: 'assign' }>, around: Surroundings): readonly Step[] {
  const { reading } = around;
  const { target, value } = statement;
  const written = termOf(target, reading);
  if (target.kind === 'field' && target.field === 'meta nftrace') return [observe('log', 'trace')];
  if (!written) return [observe('mangle', statementText(statement))];
  if (value.kind === 'map') {
    const ownKey = expressionText(value.key) === expressionText(target);
    const rows = lookup(value.key, value.map, around, (data, { key }) => {
      if (!data || isVerdict(data)) return undefined;
      // What is there already is not written.
      if (ownKey && key !== 'default' && expressionText(key) === expressionText(data)) return [];
      return assignSteps({ ...statement, value: data }, around);
    });
    return (
      rows ?? [
        found(value.key, value.map, around),
        observe('mangle', statementText(statement)),
        write(...unknownWrites(written)),
      ]
    );
  }
  const constant = constantValue(value, written.type);
  const guard = target.kind === 'ct' ? ALWAYS : written.guard;
  switch (written.kind) {
    case 'bits': {
      const fields = fieldsOf(written);
      const bits =
        constant === undefined
          ? undefined
          : fields.map((_, index) => ((constant >> BigInt(index)) & 1n ? ALWAYS : NEVER));
      const source = bits ? undefined : termOf(value, reading);
      const read =
        bits ?? (source?.kind === 'bits' ? fields.map((_, index) => source.bits[index] ?? NEVER) : undefined);
      if (!read) return [observe('mangle', statementText(statement)), write(...unknownWrites(written))];
      return [
        when(all(guard, source?.guard ?? ALWAYS)),
        write(...fields.map((field, index) => ({ field, to: read[index] as Condition }))),
      ];
    }
    case 'number':
      if (constant !== undefined)
        return [
          when(guard),
          // What is written here a translation may write too; there the translation is what is compared.
          ...(/^[sd](addr|port)/.test(written.field) ? [observe('mangle', statementText(statement))] : []),
          write({ field: written.field, to: Number(constant) }),
        ];
      break;
    default:
      break;
  }
  return [when(guard), observe('mangle', statementText(statement)), write(...unknownWrites(written))];
}

function unknownWrites(term: Term): Write[] {
  return fieldsOf(term).map((field) => ({ field, to: 'unknown' }));
}

function fieldsOf(term: Term): readonly Field[] {
  switch (term.kind) {
    case 'bits':
      return term.bits.flatMap((one) => (one.kind === 'within' ? [one.field] : []));
    case 'wide':
      return term.fields;
    case 'constant':
      return [];
    default:
      return [term.field];
  }
}
