import { plainElement } from '../../../../../../compiler/targets/nft/read/plain-element';
import { ruleParser } from '../../../../../../grammar/rules/parser';
import { joinSelectors, type RuleToken, tokenizeRules } from '../../../../../../grammar/rules/tokens';

function tokensOf(text: string): RuleToken[] {
  return joinSelectors(tokenizeRules({ source: { name: 'set', text }, start: 0, end: text.length }));
}

const PLAIN = [
  '80',
  '*',
  '"eth0"',
  'comment',
  'timeout',
  'tcp . 80',
  '"tv-a-0" . 02:42:0a:00:00:02 . 10.0.0.2',
  '10.0.0.0/8 . 22-25',
  'fd00::1 . tcp . 80 comment "a" : fd00::2 . 81',
  'tcp . 80 : 10.0.0.2 . 80',
  '80: 10.0.0.2',
  '10.0.0.1 comment "a: . b"',
  '1 : "www"',
  '80-90 : 1',
  '10.0.0.1 . or',
];

const OTHERS = [
  '80 : accept',
  '80 : jump web',
  'tcp . 80 limit rate over 5/second : 10.0.0.2 . 80',
  '10.0.0.1 timeout 5s',
  '10.0.0.1 timeout 5s expires 4s comment "a"',
  '10.0.0.1 comment "a" counter packets 1 bytes 2',
  'syn | ack',
  '"a"-"b"',
];

const WRONG = [
  'tcp .',
  'tcp . 80 :',
  'tcp . 80 comment',
  'tcp . 80 comment a',
  'tcp 80',
  '. 80',
  ': 80',
  'tcp . 80 : 1 : 2',
  'tcp . 80 : 1 comment "a"',
  '80 comment "a" comment',
  'tcp . . 80',
];

test.each(PLAIN)('%s is read as the grammar reads it', (text) => {
  expect(plainElement(tokensOf(text))).toEqual(ruleParser.parse('element', tokensOf(text)));
});

test.each(OTHERS)('%s is left to the grammar', (text) => {
  expect(plainElement(tokensOf(text))).toBeUndefined();
  expect(ruleParser.parse('element', tokensOf(text))).not.toHaveProperty('severity');
});

test.each(WRONG)('%s is left to the grammar, which says what is wrong', (text) => {
  expect(plainElement(tokensOf(text))).toBeUndefined();
  expect(ruleParser.parse('element', tokensOf(text))).toHaveProperty('severity', 'error');
});
