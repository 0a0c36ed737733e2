import type { Address, Prefix } from '../../../dsl/core/address';
import { PROGRAM } from '../../../dsl/core/origin';
import type { DataType } from '../../../dsl/ruleset/data-type';
import { ct, field, flags, match, prefixExpression, symbol, types } from '../../../dsl/ruleset/nodes';
import type { BaseChain, Chain, NamedSet, Rule, SetFlag, Statement } from '../../../dsl/ruleset/tree';

export const oifname = field('meta oifname');
export const iifname = field('meta iifname');
export const l4proto = field('meta l4proto');
export const dport = field('th dport');

/** What differs between the two families, so that each rule is written once. */
export const FAMILIES = [
  {
    digit: 4,
    family: 'ip',
    address: 'ipv4_addr' as DataType,
    saddr: field('ip saddr'),
    daddr: field('ip daddr'),
    echo: match(field('icmp type'), '==', symbol('echo-request')),
  },
  {
    digit: 6,
    family: 'ip6',
    address: 'ipv6_addr' as DataType,
    saddr: field('ip6 saddr'),
    daddr: field('ip6 daddr'),
    echo: match(field('icmpv6 type'), '==', symbol('echo-request')),
  },
] as const;

export function rule(...statements: readonly Statement[]): Rule {
  return { statements, origin: PROGRAM };
}

/** One rule a family. */
export function each(of: (family: (typeof FAMILIES)[number]) => readonly Statement[]): Rule[] {
  return FAMILIES.map((family) => rule(...of(family)));
}

export function chain(name: string, rules: readonly Rule[], base?: BaseChain): Chain {
  return base ? { name, base, rules, origin: PROGRAM } : { name, rules, origin: PROGRAM };
}

export function base(type: BaseChain['type'], hook: BaseChain['hook'], priority: number): BaseChain {
  return { type, hook, priority, policy: 'accept' };
}

export function set(name: string, comment: string, key: readonly DataType[], flags: readonly SetFlag[] = []): NamedSet {
  return { name, key: types(...key), flags, comment, elements: [], origin: PROGRAM };
}

export function eachSet(of: (address: DataType, digit: 4 | 6) => NamedSet): NamedSet[] {
  return FAMILIES.map(({ address, digit }) => of(address, digit));
}

export const LOOPBACK: Prefix = {
  family: 4,
  address: 0x7f000000 as Extract<Address, { family: 4 }>['value'],
  length: 8,
};
export const toLoopback = match(field('ip daddr'), '==', prefixExpression(LOOPBACK));
/** Nothing that is sent from there leaves the host: whoever asks for it is refused at once, and tries another address. */
export const toLoopback6 = match(field('ip6 daddr'), '==', {
  kind: 'ipv6',
  value: 1n as Extract<Address, { family: 6 }>['value'],
});
export const toThisHost = match({ kind: 'fib', keys: ['daddr'], result: 'type' }, '==', symbol('local'));
export const translated = match(ct('status'), '==', flags('dnat'));
