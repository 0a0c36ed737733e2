import type { Expression } from '../../../../dsl/ruleset/tree';
import { tcpOptionName } from '../../../meaning/symbols';

export function tcpOption(kind: number): Expression {
  return { kind: 'option', protocol: 'tcp', option: tcpOptionName(kind) };
}
