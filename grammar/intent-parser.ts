import type { Diagnostic } from '../dsl/core/diagnostic';
import compiled from './generated/tsnet';
import type { Token } from './lexer';
import type { StatementNode } from './nodes';
import { Shapes } from './shapes';
import { StatementParser } from './statement-parser';

/** Each by itself. */
export const intentParser = new StatementParser<StatementNode>(compiled, {
  name: 'a name',
  party: 'a network, a container, an address set, an address or `host`',
  prefix: 'an address block such as 10.0.0.0/8',
  subnet: 'a subnet such as 172.17.0.0/16',
  address: 'an address',
  interface: 'an interface name',
  number: 'a number',
  host_name: 'a host name',
  mac: 'a MAC address',
  publish: 'a publish such as 8080:80',
  port: 'a port',
  rate: 'a rate such as 100/second',
  arrow: '`->`',
  equals: '`=`',
  comma: '`,`',
  set: 'a set in braces',
});

const shapes = new Shapes(compiled());

/** Parses a statement of intent by the rule `start`; its tokens are at least one. */
export function parseStatement(start: string, tokens: readonly Token[]): StatementNode | Diagnostic {
  const alike = shapes.treeOf(start, tokens);
  if (alike) return alike as StatementNode;
  const parsed = intentParser.parse(start, tokens);
  if (!('code' in parsed)) shapes.learn(start, tokens, parsed);
  return parsed;
}
