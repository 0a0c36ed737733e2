import type { Origin } from '../../dsl/core/origin';
import type { Ruleset, Table } from '../../dsl/ruleset/tree';
import { compileIntent, type Resolved } from '../compile';
import { Programs } from '../world/programs';
import { travel } from '../world/travel';
import type { Trip } from '../world/trip';
import { added, type Candidate, UNCHANGED, withdrawn } from './candidates';
import type { Near } from './near';
import { partFor } from './part';
import type { Question } from './question';

/** A change of the intent, or of the question, that lets a packet arrive: it was tried. */
export interface Allowance {
  /** `add: allow web -> db tcp 5432` */
  readonly text: string;
  /** The container that it reaches then; null: the one that it was sent to. */
  readonly reaches: string | null;
}

/** The rules that a question was asked of. */
export interface Asked {
  readonly ruleset: Ruleset;
  /** They are those of a host, which may have become others than were applied. */
  readonly isLoaded: boolean;
}

/** What would have to be said for a packet that does not arrive; only what then really lets it. */
export function allowances(
  question: Question,
  trip: Trip,
  origins: readonly Origin[],
  near: Near,
  resolved: Resolved,
  asked: Asked,
): Allowance[] {
  const others = othersIn(asked.ruleset, resolved);
  const works = (one: Candidate) => isArriving(one, question, resolved, others);
  if (trip.end.kind !== 'stopped') return near.candidates.filter(works).map(told);
  if (asked.isLoaded && works(UNCHANGED)) return [told(UNCHANGED)];
  const [less, more] = [withdrawn(question, origins, resolved), added(question, resolved)];
  const found = [...less, ...more].filter(works);
  return (found.length > 0 ? found : less.flatMap((one) => more.map((other) => both(one, other))).filter(works)).map(
    told,
  );
}

/** Rules that the intent does not say stay as they are, whatever it would say. */
function othersIn({ tables }: Ruleset, resolved: Resolved): readonly Table[] {
  const own = new Set(resolved.tables.map(({ family, name }) => `${family} ${name}`));
  return tables.filter(({ family, name, origin }) => origin.kind !== 'program' && !own.has(`${family} ${name}`));
}

function both(one: Candidate, other: Candidate): Candidate {
  return {
    ...other,
    text: `${one.text}, and ${other.text}`,
    change(intent) {
      const first = one.change(intent);
      return first && other.change(first);
    },
  };
}

function told({ text, reaches }: Candidate): Allowance {
  return { text, reaches: reaches ?? null };
}

function isArriving(
  { change, packet, reaches }: Candidate,
  question: Question,
  resolved: Resolved,
  others: readonly Table[],
): boolean {
  const intent = change(resolved.intent);
  if (!intent) return false;
  const part = partFor(question, intent, resolved.topology, packet, reaches);
  const names = new Set<string>(part.containers.map(({ name }) => name));
  const outcome = compileIntent({ ...resolved, intent: part }, { leases: resolved.leases(names) });
  if (!outcome.ok) return false;
  const { ruleset, topology } = outcome.value;
  const { world, start } = question;
  const around = world.isBare ? world : world.withIntent(topology);
  const programs = new Programs({ tables: [...ruleset.tables, ...others] });
  const { end } = travel(programs, around, packet ?? question.packet, start);
  if (end.kind !== 'delivered') return false;
  return reaches === undefined || (end.place.kind === 'port' && end.place.port.sandbox === reaches);
}
