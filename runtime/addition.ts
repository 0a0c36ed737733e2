import { type DocumentSite, type Read, readDraft } from '../compiler';
import { positionOf, type Source } from '../dsl/core/source';
import type { Host, Observation } from './host/port';
import { isKnown } from './observe/tables';
import { recorded } from './plan/plan';
import { presentOf } from './plan/present';
import type { Request } from './request';
import { type Overview, readOverview } from './state/overview';
import { type Base, readBase } from './state/store';

/** More that are new are better planned together with the others. */
const FEW = 32;

type Apply = Extract<Request, { kind: 'apply' }>;
type Add = Extract<Request, { kind: 'add' }>;

/**
 * An apply as the addition that it is, when a file says what is applied and some containers more, and the host is as it was
 * left: then nothing has to be compiled but what is new. Of the others only their documents are compared, and whether their
 * devices are there; undefined whenever anything is otherwise, or they are so few that all can be looked at.
 */
export async function additionOf(
  request: Apply,
  host: Host,
  directory: string,
  options: { readonly dryRun: boolean },
): Promise<Add | undefined> {
  const base = readBase(host, directory);
  if (!base.ok || base.value.host?.target !== 'nft' || request.mend) return undefined;
  if ((request.target ?? 'nft') !== 'nft') return undefined;
  const overview = await readOverview(host, directory, options);
  const draft = overview && readDraft(request.sources, request.documents);
  if (!draft || !saysTheSame(draft, base.value)) return undefined;
  const added = newIn(draft, overview);
  if (!added || added.length === 0 || added.length > FEW) return undefined;
  if (!(await isAsItWasLeft(base.value, overview, host, directory))) return undefined;
  const sites = added.map((index) => siteOf(draft, index));
  return {
    kind: 'add',
    source: 'file',
    where: '',
    document: { containers: added.map((index) => draft.document().containers[index]) },
    sites: { containers: sites.map((one) => one?.site) },
    sources: [...new Set(sites.flatMap((one) => (one ? [one.source] : [])))],
  };
}

/** Whether all but the containers is what is applied. */
function saysTheSame({ document }: Pick<Read, 'document'>, { host, networks }: Base): boolean {
  const { defines, networks: said, policies, expectations, tables } = document();
  const ofFile = [...networks.values()].filter(({ source }) => source === 'file');
  return (
    same(host?.document, { defines, policies, expectations, tables }) &&
    said.length === ofFile.length &&
    said.every((one) => same(one, networks.get((one as { name: string }).name)?.document))
  );
}

/** Which of the containers are new; undefined when one that is there is another, or is said no more. */
function newIn({ document }: Pick<Read, 'document'>, overview: Overview): number[] | undefined {
  const added: number[] = [];
  let kept = 0;
  for (const [index, container] of document().containers.entries()) {
    const known = overview.get((container as { name: string }).name);
    if (!known) added.push(index);
    else if (known.source !== 'file' || known.document !== JSON.stringify(container)) return undefined;
    else kept++;
  }
  const ofFile = [...overview.values()].filter(({ source }) => source === 'file').length;
  return kept === ofFile ? added : undefined;
}

async function isAsItWasLeft(
  { host: record, networks }: Base,
  overview: Overview,
  host: Host,
  directory: string,
): Promise<boolean> {
  const generation = await host.generation();
  if (generation === undefined || !isKnown(host, directory, generation)) return false;
  const seen = await host.observe();
  if (!seen.ok) return false;
  const devices = recorded({ host: record, networks, containers: new Map() });
  const present = presentOf(devices, seen.value, (key) => host.sysctl(key));
  return present.steps.length === 0 && same(present.devices, devices) && allThere(overview, seen.value);
}

/** Whether each container has its namespace, and its host ends are up, on their bridges. */
function allThere(overview: Overview, seen: Observation): boolean {
  const links = new Map(seen.links.map((link) => [link.name, link]));
  const namespaces = new Set(seen.namespaces);
  return [...overview.values()].every(
    ({ namespace, ports }) =>
      (namespace === null || namespaces.has(namespace)) &&
      ports.every(([veth, bridge]) => {
        const link = links.get(veth);
        return link?.master === bridge && link.up;
      }),
  );
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
