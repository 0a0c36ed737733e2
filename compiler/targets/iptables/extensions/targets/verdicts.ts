import { verdict } from '../../../../../dsl/ruleset/nodes';
import { BOTH, type Module, means } from '../module';

function verdictTarget(name: 'ACCEPT' | 'DROP' | 'RETURN'): Module {
  const kind = name.toLowerCase() as 'accept' | 'drop' | 'return';
  return { name, families: BOTH, options: {}, final: true, read: () => means(verdict(kind)) };
}

export const ACCEPT = verdictTarget('ACCEPT');
export const DROP = verdictTarget('DROP');
export const RETURN = verdictTarget('RETURN');
