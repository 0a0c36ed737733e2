import type { IntentDocument } from '../../../dsl/intent/model';
import type { Rule, Table } from '../../../dsl/ruleset/tree';
import { compile } from '../../compile';
import { spell } from '../../frontend/spell';
import { tableText } from '../../targets/nft/print';
import { type Agreement, agreement, type Planes } from './compare';
import { DOCKER_BRIDGES, DOCKER_PORTS, DOCKER_RULES, DOCKER_SUBNETS } from './docker';
import { type Draft, draftOf } from './document';
import { Facts } from './facts';
import { leftOver } from './left-over';
import { readPatterns } from './patterns';

export interface Raised {
  readonly draft: Draft;
  readonly document: IntentDocument;
  readonly left: readonly Table[];
  readonly agreement: Agreement;
}

export function raise(tables: readonly Table[]): Raised {
  const facts = new Facts();
  readPatterns(tables, [DOCKER_BRIDGES, DOCKER_SUBNETS, DOCKER_RULES, DOCKER_PORTS], facts);
  const draft = draftOf(facts);
  const understood = facts.understood.filter(({ about }) => about.every((network) => draft.raised.has(network)));
  const gone = new Set(understood.map(({ rule }) => rule));
  const replaced = new Set<Rule>(understood.flatMap(({ rule, instead }) => (instead ? [rule] : [])));
  const unnamed = new Set([...draft.raised].flatMap(({ bridge, name }) => (bridge === undefined ? [name ?? ''] : [])));
  const bridges = [...draft.raised].map(({ bridge, name }) => bridge ?? `tn-${name}`);
  const left = leftOver(tables, gone, bridges);
  const document: IntentDocument = {
    networks: draft.networks.map(({ item }) => item),
    containers: draft.containers.map(({ item }) => item),
    policies: draft.policies.map(({ item }) => item),
    tables: left.map(tableText),
  };
  const compiled = compile([{ name: 'raised.tsnet', text: spell(document) }]);
  if (!compiled.ok) throw new Error(`${compiled.diagnostics.map((d) => d.message).join('\n')}\n${spell(document)}`);
  const planes = [...new Set(tables.map(({ family }) => family))] as unknown as Planes;
  const agreed = agreement(
    { tables, topology: compiled.value.topology, ruleset: compiled.value.ruleset, replaced, unnamed },
    planes,
  );
  return { draft, document, left, agreement: agreed };
}
