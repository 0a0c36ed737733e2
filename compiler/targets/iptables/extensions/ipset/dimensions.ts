import type { DataType } from '../../../../../dsl/ruleset/data-type';
import { field } from '../../../../../dsl/ruleset/nodes';
import type { Expression } from '../../../../../dsl/ruleset/tree';
import type { XtFamily } from '../../tables';
import type { IpSet } from '../module';
import { addressKey, addressNumber, addressType, lengthMask, wholeMask, wholeNumber } from '../values';

/** What a member of a set is made of (ipset(8), set types). `any port`: of TCP and UDP alike. */
export type Dimension = 'ip' | 'net' | 'port' | 'any port' | 'mac' | 'iface' | 'mark';

const TYPES: Readonly<Record<string, readonly Dimension[]>> = {
  'bitmap:ip': ['ip'],
  'bitmap:ip,mac': ['ip', 'mac'],
  'bitmap:port': ['any port'],
  'hash:ip': ['ip'],
  'hash:mac': ['mac'],
  'hash:ip,mac': ['ip', 'mac'],
  'hash:net': ['net'],
  'hash:net,net': ['net', 'net'],
  'hash:ip,port': ['ip', 'port'],
  'hash:net,port': ['net', 'port'],
  'hash:ip,port,ip': ['ip', 'port', 'ip'],
  'hash:ip,port,net': ['ip', 'port', 'net'],
  'hash:ip,mark': ['ip', 'mark'],
  'hash:net,port,net': ['net', 'port', 'net'],
  'hash:net,iface': ['net', 'iface'],
};

/** Undefined for a type that nobody knows, and for `list:set`, whose members are sets. */
export function dimensionsOf({ type }: IpSet): readonly Dimension[] | undefined {
  return Object.hasOwn(TYPES, type) ? TYPES[type] : undefined;
}

/** Whether members are of one family of addresses: sets without addresses are for both. */
export function hasFamily(set: IpSet): boolean {
  return dimensionsOf(set)?.some((one) => one === 'ip' || one === 'net') === true;
}

export function typesOf(dimension: Dimension, family: XtFamily): readonly DataType[] {
  switch (dimension) {
    case 'ip':
    case 'net':
      return [addressType(family)];
    case 'port':
      return ['inet_proto', 'inet_service'];
    case 'any port':
      return ['inet_service'];
    case 'mac':
      return ['ether_addr'];
    case 'iface':
      return ['ifname'];
    case 'mark':
      return ['mark'];
  }
}

/** `netmask 24`, `bitmask 255.0.255.0`: what members and packets are made equal under. */
export function maskOfSet({ options, family }: IpSet): bigint {
  const [length, bits] = [options.get('netmask'), options.get('bitmask')];
  if (bits !== undefined) return addressNumber(bits, family) ?? wholeMask(family);
  return length === undefined ? wholeMask(family) : lengthMask(Number(length), family);
}

/** The packet's part of a dimension, seen from one of its ends. */
export function partsOf(dimension: Dimension, side: 'src' | 'dst', set: IpSet): readonly Expression[] {
  const source = side === 'src';
  switch (dimension) {
    case 'ip':
    case 'net': {
      const mask = dimension === 'ip' ? maskOfSet(set) : wholeMask(set.family);
      return [addressKey(source ? 'saddr' : 'daddr', mask, set.family) ?? field('meta nfproto')];
    }
    case 'port':
      return [field('meta l4proto'), field(source ? 'th sport' : 'th dport')];
    case 'any port':
      return [field(source ? 'th sport' : 'th dport')];
    case 'mac':
      return [field(source ? 'ether saddr' : 'ether daddr')];
    case 'iface':
      return [field(source ? 'meta iifname' : 'meta oifname')];
    case 'mark': {
      const mask = wholeNumber(set.options.get('markmask') ?? '0xffffffff') ?? 0xffffffffn;
      const left = field('meta mark');
      return mask === 0xffffffffn
        ? [left]
        : [{ kind: 'binary', op: '&', left, right: { kind: 'number', value: mask, base: 16 } }];
    }
  }
}
