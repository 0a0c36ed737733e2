import { ct, field } from '../../../../../dsl/ruleset/nodes';
import type { Expression, Statement } from '../../../../../dsl/ruleset/tree';
import { BOTH, type Module, means, perOption, wrong } from '../module';
import { HAS_CONNECTION, maskedMatch } from '../values';

function markModule(name: 'mark' | 'connmark', left: Expression, ...whatever: readonly Statement[]): Module {
  return perOption(
    { name, families: BOTH, options: { '--mark': { values: 1, negatable: true } } },
    ({ negated, values: [value = ''] }) => {
      const found = maskedMatch(left, value, negated ? '!=' : '==', whatever);
      return found ? means(...found) : wrong(`\`${value}\` is not a mark`);
    },
  );
}

export const mark = markModule('mark', field('meta mark'));
export const connmark = markModule('connmark', ct('mark'), HAS_CONNECTION);
