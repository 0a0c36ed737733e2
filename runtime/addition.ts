import { join } from 'node:path';
import { type DocumentSite, type Read, readDraft } from '../compiler';
import { positionOf, type Source } from '../dsl/core/source';
import type { Host } from './host/port';
import { isKnown } from './observe/tables';
import { recorded } from './plan/plan';
import { presentOf } from './plan/present';
import type { Request } from './request';
import type { ContainerRecord } from './state/records';
import { type Base, readBase } from './state/store';

/** Where there are fewer containers, an apply looks at all there is of each. */
const MANY = 64;
/** More that are new are better planned together with the others. */
const FEW = 32;

type Apply = Extract<Request, { kind: 'apply' }>;
type Add = Extract<Request, { kind: 'add' }>;

/**
 * An apply as the addition that it is, when a file says what is applied and some containers more, and the host is as it was
 * left: then nothing has to be compiled but what is new. Of the others only their documents are compared, and whether their
 * devices are there; undefined whenever anything is otherwise.
 */
export async function additionOf(request: Apply, host: Host, directory: string): Promise<Add | undefined> {
  const base = readBase(host, directory);
  if (!base.ok || base.value.host?.target !== 'nft' || request.mend) return undefined;
  if ((request.target ?? 'nft') !== 'nft') return undefined;
  const records = readRaw(host, directory);
  if (!records || records.size < MANY) return undefined;
  const draft = readDraft(request.sources, request.documents);
  if (!draft || !saysTheSame(draft, base.value)) return undefined;
  const added = newIn(draft, records);
  if (!added || added.length === 0 || added.length > FEW) return undefined;
  if (!(await isAsItWasLeft(base.value, records, host, directory))) return undefined;
  const sites = added.map((index) => siteOf(draft, index));
  return {
    kind: 'add',
    source: 'file',
    where: '',
    document: { containers: added.map((index) => draft.document.containers[index]) },
    sites: { containers: sites.map((one) => one?.site) },
    sources: [...new Set(sites.flatMap((one) => (one ? [one.source] : [])))],
  };
}

type Raw = Pick<ContainerRecord, 'source' | 'document' | 'sandbox'>;

/** The records as they stand there: what is compared with them is either the same or looked at by the general way. */
function readRaw(host: Host, directory: string): ReadonlyMap<string, Raw> | undefined {
  const folder = join(directory, 'containers');
  const records = new Map<string, Raw>();
  try {
    for (const file of host.listDirectory(folder)) {
      if (!file.endsWith('.json') || file.startsWith('.')) continue;
      const record: unknown = JSON.parse(host.readFile(join(folder, file)) ?? '');
      if (!isRaw(record)) return undefined;
      records.set(file.slice(0, -'.json'.length), record);
    }
    return records;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function isRaw(record: unknown): record is Raw {
  const { sandbox } = (record ?? {}) as Partial<Raw>;
  return sandbox === null || Array.isArray(sandbox?.endpoints);
}

/** Whether all but the containers is what is applied. */
function saysTheSame({ document }: Pick<Read, 'document'>, { host, networks }: Base): boolean {
  const { defines, policies, expectations, tables } = document;
  const ofFile = [...networks.values()].filter(({ source }) => source === 'file');
  return (
    same(host?.document, { defines, policies, expectations, tables }) &&
    document.networks.length === ofFile.length &&
    document.networks.every((one) => same(one, networks.get((one as { name: string }).name)?.document))
  );
}

/** Which of the containers are new; undefined when one that is there is another, or is said no more. */
function newIn({ document }: Pick<Read, 'document'>, records: ReadonlyMap<string, Raw>): number[] | undefined {
  const added: number[] = [];
  let kept = 0;
  for (const [index, container] of document.containers.entries()) {
    const record = records.get((container as { name: string }).name);
    if (!record) added.push(index);
    else if (record.source !== 'file' || !same(record.document, container)) return undefined;
    else kept++;
  }
  const ofFile = [...records.values()].filter(({ source }) => source === 'file').length;
  return kept === ofFile ? added : undefined;
}

async function isAsItWasLeft(
  { host: record, networks }: Base,
  records: ReadonlyMap<string, Raw>,
  host: Host,
  directory: string,
): Promise<boolean> {
  const generation = await host.generation();
  if (generation === undefined || !isKnown(host, directory, generation)) return false;
  const seen = await host.observe();
  if (!seen.ok) return false;
  const containers = records as ReadonlyMap<string, ContainerRecord>;
  const devices = recorded({ host: record, networks, containers });
  const present = presentOf(devices, seen.value, (key) => host.sysctl(key));
  return present.broken.size === 0 && present.steps.length === 0 && same(present.devices, devices);
}

function siteOf(
  { locate }: Pick<Read, 'locate'>,
  index: number,
): { readonly site: DocumentSite; readonly source: Source } | undefined {
  const { span } = locate(['containers', index]);
  if (!span) return undefined;
  const { source, start } = span;
  return { site: { file: source.name, ...positionOf(source, start) }, source };
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
