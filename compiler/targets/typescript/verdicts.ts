import { assertNever } from '../../../dsl/core/brand';
import type { Verdict } from '../../../dsl/ruleset/tree';
import { type Imports, quoted } from './code';

export function verdictCode(verdict: Verdict, imports: Imports): string {
  switch (verdict.kind) {
    case 'accept':
    case 'drop':
      return imports.use(verdict.kind);
    case 'return':
    case 'continue':
      return imports.use(`${verdict.kind}_`);
    case 'jump':
    case 'goto':
      return `t.${verdict.kind}(${quoted(verdict.chain)})`;
    default:
      return assertNever(verdict);
  }
}
