import { readText } from '../support/ruleset';

function codesOf(body: string): string[] {
  const outcome = readText(`table inet t {\n${body}\n}\n`);
  return outcome.ok ? [] : outcome.diagnostics.map(({ code }) => code);
}

const chain = (rule: string) => `set s { type ipv4_addr; flags dynamic; }\nchain c {\n${rule}\n}`;

describe('what the tree has no place for is reported, and neither dropped nor thrown', () => {
  test.each([
    ['counter c { packets many bytes 2; }', 'TN1103'],
    ['counter c { packets 1; }', 'TN1003'],
    ['counter c { colour red; }', 'TN1003'],
    ['counter c { set x { }; }', 'TN1003'],
    ['counter c { comment red; }', 'TN1003'],
    ['limit l { }', 'TN1101'],
    ['limit l { rate 5/second; rate 6/second; }', 'TN1101'],
    ['quota q { }', 'TN1101'],
    ['ct helper h { }', 'TN1101'],
    ['ct helper h { l3proto ip; }', 'TN1101'],
    ['ct helper h { type "ftp"; }', 'TN1003'],
    ['ct helper h { type "ftp" protocol sctp; }', 'TN1003'],
    ['set s { type ipv4_addr; comment red; }', 'TN1003'],
    ['set s { type ipv4_addr; policy quick; }', 'TN1003'],
    ['set s { type ipv4_addr; timeout 5s 6s; }', 'TN1003'],
    ['set s { type ipv4_addr; counter packets 5; }', 'TN1003'],
    ['comment "a" "b"', 'TN1101'],
    [chain('accept comment "a" comment "b"'), 'TN1101'],
    [chain('log prefix "a" prefix "b"'), 'TN1103'],
    [chain('log level loud'), 'TN1003'],
    [chain('tcp dport 80,90-100'), 'TN1103'],
    [chain('ip saddr 10.0.0.1,10.1.0.0/16'), 'TN1103'],
    [chain('add @s { ip saddr comment "a" }'), 'TN1102'],
  ])('%s', (body, code) => {
    expect([...new Set(codesOf(body))]).toEqual([code]);
  });
});
