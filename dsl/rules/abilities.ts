import type { DataType } from '../ruleset/data-type';

/** Types whose fields are numbers, with bits to combine. */
export const WORDS = ['mark', 'integer', 'classid', 'realm', 'devgroup'] as const satisfies readonly DataType[];

/** Types whose fields have bits with names. */
export const FLAGS = ['tcp_flag', 'ct_status', 'ct_label'] as const satisfies readonly DataType[];

/** Types of which a part can be asked for. */
export const ADDRESSES = ['ipv4_addr', 'ipv6_addr'] as const satisfies readonly DataType[];

/** Other types whose values have an order. */
export const COMPARABLE = [
  'inet_proto',
  'inet_service',
  'uid',
  'gid',
  'time',
  'hour',
  'dscp',
  'cgroupsv2',
] as const satisfies readonly DataType[];
