import type { Statement } from '../../dsl/ruleset/tree';
import { statementText } from '../targets/nft/notation';
import type { Condition } from './condition';
import type { Observed, Step, Write } from './steps';

export function when(condition: Condition): Step {
  return { kind: 'when', condition };
}

export function observe(what: Observed, text: string): Step {
  return { kind: 'act', action: { kind: 'observe', what, text } };
}

export function write(...writes: readonly Write[]): Step {
  return { kind: 'act', action: { kind: 'write', writes } };
}

export function unknownStep(statement: Statement): Step {
  return { kind: 'verdict', verdict: { kind: 'other', text: statementText(statement) } };
}
