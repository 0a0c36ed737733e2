import type { Path } from '../../core/diagnostic';
import type { AttachmentIntent, ContainerIntent, Intent, NetworkIntent } from '../model';

export interface NetworkPart {
  readonly network: NetworkIntent;
  readonly path: Path;
}

export interface ContainerPart {
  readonly container: ContainerIntent;
  readonly path: Path;
}

export interface AttachmentPart {
  readonly attachment: AttachmentIntent;
  readonly container: ContainerIntent;
  /** Its place among the container's networks. */
  readonly index: number;
  readonly path: Path;
}

export function networksOf({ networks }: Intent): NetworkPart[] {
  return networks.map((network, index) => ({ network, path: ['networks', index] }));
}

export function containersOf({ containers }: Intent): ContainerPart[] {
  return containers.map((container, index) => ({ container, path: ['containers', index] }));
}

/** The networks a container is in; none when it has no network, the host's or another container's. */
export function attachmentsOf({ container, path }: ContainerPart): AttachmentPart[] {
  const { networks } = container;
  if (!Array.isArray(networks)) return [];
  return networks.map((attachment: AttachmentIntent, index) => ({
    attachment,
    container,
    index,
    path: [...path, 'networks', index],
  }));
}

/** Of several with one name the first counts; that there are several is a problem of its own. */
export function networksByName(intent: Intent): ReadonlyMap<string, NetworkPart> {
  return firstBy(networksOf(intent), ({ network }) => network.name);
}

export function containersByName(intent: Intent): ReadonlyMap<string, ContainerPart> {
  return firstBy(containersOf(intent), ({ container }) => container.name);
}

function firstBy<Part>(parts: readonly Part[], nameOf: (part: Part) => string): ReadonlyMap<string, Part> {
  const byName = new Map<string, Part>();
  for (const part of parts) if (!byName.has(nameOf(part))) byName.set(nameOf(part), part);
  return byName;
}
