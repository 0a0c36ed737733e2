import { intentParser, parseStatement } from '../../../grammar/intent-parser';
import { type Token, Tokens } from '../../../grammar/lexer';

function tokensOf(text: string): Token[] {
  const tokens = new Tokens({ name: 'a', text });
  const all: Token[] = [];
  for (let token = tokens.next(); token; token = tokens.next()) all.push(token);
  return all;
}

/** Statements of one rule, each like the one before it or just not. */
const STATEMENTS: Readonly<Record<string, readonly string[]>> = {
  container: ['container web', 'container db', 'container container', 'container tcp'],
  container_network: ['network front', 'network back', 'network container web', 'network container', 'network none'],
  container_publish: [
    'publish 8080:80',
    'publish 81:82/udp',
    'publish from',
    'publish 80 from outside',
    'publish 80 from host, front',
    'publish 80 from front, host',
    'publish 80 limit 5/second',
    'publish 80 from limit limit 5/minute',
    'publish 80 limit',
  ],
  container_dns: ['dns 1.1.1.1', 'dns 1.1.1.1 9.9.9.9', 'dns 9.9.9.9 1.1.1.1', 'dns 1.1.1.1, 9.9.9.9', 'dns ,'],
  container_link: ['link db', 'link as as as', 'link db as d', 'link as', 'link as as'],
  network_nat: ['nat routed', 'nat masquerade', 'nat snat 10.0.0.1', 'nat snat 10.0.0.2', 'nat other'],
  expect: [
    'expect a -> b allowed',
    'expect b -> a denied',
    'expect a -> b tcp 80 reaches c',
    'expect a -> b tcp 80 reaches',
  ],
};

describe('a statement like an earlier one', () => {
  test.each(Object.entries(STATEMENTS))('%s', (start, texts) => {
    for (const text of [...texts, ...texts]) {
      const tokens = tokensOf(text);
      expect(parseStatement(start, tokens)).toEqual(intentParser.parse(start, tokens));
    }
  });
});
