export {
  accept,
  addTo,
  comment,
  connections,
  continue_,
  counter,
  drop,
  type LogOptions,
  limit,
  log,
  notrack,
  quota,
  type RateOptions,
  type RateText,
  reject,
  return_,
  type UpdateOptions,
  updateIn,
} from './actions';
export type { BaseOptions, Priority } from './base-chain';
export type { Declarations, Scope } from './declarations';
export { dnat, masquerade, type NatOptions, redirect, snat } from './nat';
export { type Bits, concat, type Operand, type Ordered, type Selector, type Typed, type Writable } from './operand';
export type { MapRef, SetRef, VerdictMapRef } from './references';
export * from './selectors';
export { type Place, type Rule, rule, type Statement, type Verdict } from './statement';
export { type MapOptions, type SetOptions, TableBuilder, table, type VerdictMapOptions } from './table';
export type { Key, PortRange, Protocol } from './values';
