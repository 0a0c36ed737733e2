import type { Path } from '../../core/diagnostic';
import type { AttachmentIntent, ContainerIntent, Intent, PublishIntent } from '../model';

/** A part of the document, which knows its place. */
export interface Place {
  /** The path to something in it. */
  at(...place: Path): Path;
}

type List = 'defines' | 'networks' | 'containers' | 'policies' | 'expectations';

/** One of a list of the document, and its place there. */
export class Part<From extends List> implements Place {
  constructor(
    readonly list: From,
    private readonly index: number,
    readonly said: Intent[From][number],
  ) {}

  at(...place: Path): Path {
    return [this.list, this.index, ...place];
  }
}

export type NetworkPart = Part<'networks'>;

export class ContainerPart extends Part<'containers'> {
  /** The networks it is in; none when it has no network, the host's or another container's. */
  readonly attachments: readonly AttachmentPart[];
  /** The container whose namespace it joins. */
  readonly joined: string | undefined;
  readonly publishes: readonly PublishPart[];

  constructor(index: number, said: ContainerIntent) {
    super('containers', index, said);
    const { networks, publish } = said;
    this.attachments = Array.isArray(networks) ? this.members('networks', networks) : [];
    this.joined = typeof networks === 'string' || Array.isArray(networks) ? undefined : networks.container;
    this.publishes = this.members('publish', publish);
  }

  private members<Said>(list: 'networks' | 'publish', all: readonly Said[]): readonly Member<Said>[] {
    return all.map((said, index) => new Member(this, list, index, said));
  }
}

/** One of a list of a container. */
class Member<Said> implements Place {
  constructor(
    readonly container: ContainerPart,
    private readonly list: 'networks' | 'publish',
    readonly index: number,
    readonly said: Said,
  ) {}

  at(...place: Path): Path {
    return this.container.at(this.list, this.index, ...place);
  }
}

export type AttachmentPart = Member<AttachmentIntent>;
export type PublishPart = Member<PublishIntent>;

/** What an intent says, part by part: made once, for all rules. */
export class Parts {
  readonly defines: readonly Part<'defines'>[];
  readonly networks: readonly NetworkPart[];
  readonly containers: readonly ContainerPart[];
  readonly attachments: readonly AttachmentPart[];
  readonly publishes: readonly PublishPart[];
  readonly policies: readonly Part<'policies'>[];
  readonly expectations: readonly Part<'expectations'>[];

  // Of several with one name the first counts; that there are several is a problem of its own.
  readonly definesByName: ReadonlyMap<string, Part<'defines'>>;
  readonly networksByName: ReadonlyMap<string, NetworkPart>;
  readonly containersByName: ReadonlyMap<string, ContainerPart>;

  constructor(intent: Intent) {
    this.defines = partsOf(intent, 'defines');
    this.networks = partsOf(intent, 'networks');
    this.containers = intent.containers.map((said, index) => new ContainerPart(index, said));
    this.attachments = this.containers.flatMap(({ attachments }) => attachments);
    this.publishes = this.containers.flatMap(({ publishes }) => publishes);
    this.policies = partsOf(intent, 'policies');
    this.expectations = partsOf(intent, 'expectations');
    this.definesByName = firstByName(this.defines);
    this.networksByName = firstByName(this.networks);
    this.containersByName = firstByName(this.containers);
  }
}

function partsOf<From extends List>(intent: Intent, list: From): readonly Part<From>[] {
  return intent[list].map((said, index) => new Part(list, index, said));
}

function firstByName<Named extends Part<'defines' | 'networks' | 'containers'>>(
  parts: readonly Named[],
): ReadonlyMap<string, Named> {
  const byName = new Map<string, Named>();
  for (const part of parts) if (!byName.has(part.said.name)) byName.set(part.said.name, part);
  return byName;
}
