import type { z } from 'zod/mini';
import type { intentSchema } from './schema';

/** What a person writes, in JSON's types. */
export type IntentDocument = z.input<typeof intentSchema>;

/** What was written, parsed: every word is its primitive, every absent list is empty. Names are not yet resolved. */
export type Intent = z.output<typeof intentSchema>;

export type NetworkIntent = Intent['networks'][number];
export type ContainerIntent = Intent['containers'][number];
export type AttachmentIntent = Extract<ContainerIntent['networks'], readonly unknown[]>[number];
export type HostIntent = ContainerIntent['hosts'][number];
export type PublishIntent = ContainerIntent['publish'][number];
export type LinkIntent = ContainerIntent['links'][number];
export type PolicyIntent = Intent['policies'][number];
export type ExpectationIntent = Intent['expectations'][number];
