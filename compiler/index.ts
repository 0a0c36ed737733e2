export type { Ruleset } from '../dsl/ruleset/tree';
export {
  type Compiled,
  type CompileOptions,
  compile,
  compileIntent,
  describeOrigin,
  elementOrigins,
  labelOf,
  lowered,
  type PrintOptions,
  print,
  type Resolved,
  resolveSources,
  spellApplied,
  TARGETS,
  type TargetName,
  toIptables,
} from './compile';
export type { DocumentSite, NamedDocument, Read } from './frontend';
export { read, readDraft } from './frontend';
export { printSets } from './targets/iptables/print';
export {
  type Footprint,
  footprintOf,
  hookChain,
  PREFIX,
  printBack,
  printClosing,
  printDeletion,
  printOpening,
  printSetDeletion,
  printSwap,
} from './targets/iptables/swap';
export { XT_TABLES, type XtFamily, type XtRuleset, type XtTableName } from './targets/iptables/tables';
export type { LoadUnit } from './targets/load-unit';
export {
  changeBetween,
  type ElementChange,
  type ElementTexts,
  elementsBetween,
  imageOf,
  type NftChange,
  type NftImage,
  type NftShares,
  patchBetween,
  type RuleChange,
  removal,
  rulesBetween,
  sharesOf,
  tablesText,
  union,
} from './targets/nft/image';
export { printNft } from './targets/nft/print';
export { type Layout, layoutFor, type Placed, type Wire } from './world/layout';
