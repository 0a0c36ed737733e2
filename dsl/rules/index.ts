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
  removeFrom,
  return_,
  type UpdateOptions,
  updateIn,
} from './actions';
export type { BaseOptions, Priority } from './base-chain';
export type { Declarations, Scope } from './declarations';
export { dup, queue, resetOption, synproxy, type TproxyOptions, tproxy } from './diversions';
export { type Given, type Noted, noted } from './elements';
export * from './expressions';
export { dnat, masquerade, type NatOptions, redirect, snat } from './nat';
export {
  type Addresses,
  type Bits,
  concat,
  type Flags,
  type Operand,
  type Optional,
  type Ordered,
  type Selector,
  type Typed,
  type Writable,
} from './operand';
export type { MapRef, SetRef, VerdictMapRef } from './references';
export * from './selectors';
export { type Place, type Rule, rule, type Statement, type Verdict } from './statement';
export {
  type ChainOptions,
  type MapOptions,
  type SetOptions,
  TableBuilder,
  table,
  type VerdictMapOptions,
} from './table';
export type { Key, PortRange, Protocol } from './values';
