import type { Span } from '../dsl/core/source';

/** A word of the text and where it stands. */
export interface Word {
  readonly text: string;
  readonly span: Span;
}

/** What a statement says, as it was written; what its words mean is for the front end to find out. */
export type StatementNode =
  | { readonly kind: 'define'; readonly name: Word; readonly members: readonly Word[] }
  | { readonly kind: 'network'; readonly name: Word }
  | { readonly kind: 'container'; readonly name: Word }
  | { readonly kind: 'table'; readonly family: Word; readonly name: Word }
  | {
      readonly kind: 'policy';
      readonly action: Word;
      readonly from: Word;
      readonly to: Word;
      readonly service?: ServiceNode;
    }
  | {
      readonly kind: 'expect';
      readonly from: Word;
      readonly to: Word;
      readonly service?: ServiceNode;
      readonly outcome: OutcomeNode;
    }
  | { readonly kind: 'flag'; readonly keyword: Word }
  | { readonly kind: 'value'; readonly keyword: Word; readonly value: Word }
  | { readonly kind: 'values'; readonly keyword: Word; readonly values: readonly Word[] }
  | { readonly kind: 'nat'; readonly keyword: Word; readonly mode: Word; readonly addresses: readonly Word[] }
  | { readonly kind: 'join'; readonly keyword: Word; readonly container: Word }
  | { readonly kind: 'host'; readonly keyword: Word; readonly name: Word; readonly address: Word }
  | {
      readonly kind: 'publish';
      readonly keyword: Word;
      readonly spec: Word;
      readonly from: readonly Word[];
      readonly limit?: Word;
    }
  | { readonly kind: 'link'; readonly keyword: Word; readonly target: Word; readonly alias?: Word };

export interface ServiceNode {
  readonly protocol: Word;
  readonly ports: readonly Word[];
}

export type OutcomeNode =
  | { readonly kind: 'allowed' | 'denied' }
  | { readonly kind: 'reaches'; readonly container: Word; readonly protocol?: Word; readonly port?: Word };
