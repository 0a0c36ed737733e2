import { type Compiled, describeOrigin, elementOrigins } from '../compiler';
import type { Path } from '../dsl/core/diagnostic';
import type { Response, Step } from '../runtime';

/** One change of the host, for people and programs. */
export interface PlanChange {
  readonly phase: Step['phase'];
  readonly action: 'add' | 'remove' | 'change';
  readonly title: string;
  /** `container web` */
  readonly subject: string | null;
  /** The line of the intent that asks for it: `shop.tsnet:12 publish 8080:80`. */
  readonly because: string | null;
  readonly elements: readonly PlanElement[];
  readonly rules: readonly {
    readonly action: 'add' | 'remove';
    readonly table: string;
    readonly chain: string;
    readonly rule: string;
  }[];
}

interface PlanElement {
  readonly action: 'add' | 'remove';
  readonly set: string;
  readonly element: string;
  readonly because: string | null;
}

/** The steps of a plan but for what is only written down. */
export function changesOf({ steps, compiled }: Extract<Response, { steps: unknown }>): PlanChange[] {
  const shown = steps.filter(({ phase }) => phase !== 'record');
  const origins = shown.some(({ elements = [] }) => elements.length > 0) ? elementOrigins(compiled) : new Map();
  const subjects = subjectLines(compiled);
  return shown.map(({ phase, title, subject, do: op, elements = [], rules = [] }) => ({
    phase,
    action: actionOf(op, phase),
    title,
    subject: subject ? `${subject.kind} ${subject.name}` : null,
    because: (subject && subjects(subject.kind, subject.name)) ?? null,
    elements: elements.flatMap(({ set, action, elements: all }) =>
      all.map((element): PlanElement => {
        const origin = action === 'add' ? origins.get(`${set} ${element}`) : undefined;
        const because = origin && describeOrigin(origin, (path) => compiled.locate(path));
        return { action: action === 'add' ? 'add' : 'remove', set, element, because: because ?? null };
      }),
    ),
    rules: rules.map(({ action, ...rule }) => ({ action: action === 'add' ? 'add' : 'remove', ...rule })),
  }));
}

function actionOf({ op }: Step['do'], phase: Step['phase']): PlanChange['action'] {
  if (op.endsWith('.add') || op === 'neighbour.proxy' || op === 'xtables.hook') return 'add';
  if (op.endsWith('.remove') || op === 'neighbour.unproxy' || op === 'xtables.unhook' || phase === 'retire')
    return 'remove';
  return 'change';
}

/** Where a network or container is declared; nothing is said of one that is not declared any more. */
function subjectLines(compiled: Compiled): (kind: 'network' | 'container', name: string) => string | undefined {
  const { networks, containers } = compiled.topology;
  const paths = new Map<string, Path>([
    ...networks.map(({ name, path }) => [`network ${name}`, path] as const),
    ...containers.map(({ name, path }) => [`container ${name}`, path] as const),
  ]);
  const told = new Map<string, string | undefined>();
  return (kind, name) => {
    const key = `${kind} ${name}`;
    const path = paths.get(key);
    if (path && !told.has(key))
      told.set(
        key,
        describeOrigin({ kind: 'intent', path }, (at) => compiled.locate(at)),
      );
    return told.get(key);
  };
}

const SIGNS = { add: '+', remove: '-', change: '~' } as const;

/** More than this many lines below one change are counted. */
const SHOWN = 40;

interface Line {
  readonly text: string;
  readonly because: string | null;
}

/** Changes that are written out at once. */
const A_PIECE = 512;

/** One change a line, with the elements and rules it changes below it, and the line of the intent behind it; in pieces. */
export function* planText(changes: readonly PlanChange[]): Iterable<string> {
  const width = changes.reduce(
    (widest, change) => linesOf(change).reduce((so, { text }) => Math.max(so, text.length), widest),
    0,
  );
  for (let from = 0; from < changes.length; from += A_PIECE)
    yield changes
      .slice(from, from + A_PIECE)
      .flatMap(linesOf)
      .map(({ text, because }) => `${because === null ? text : `${text.padEnd(Math.min(72, width))}  # ${because}`}\n`)
      .join('');
}

function linesOf({ action, title, because, elements, rules }: PlanChange): readonly Line[] {
  const below = [
    ...rules.map((one) => ({ text: `    ${SIGNS[one.action]} ${one.chain}: ${one.rule}`, because: null })),
    ...elements.map((one) => ({
      text: `    ${SIGNS[one.action]} ${one.set.slice(one.set.lastIndexOf(' ') + 1)}: ${one.element}`,
      because: one.because,
    })),
  ];
  const more = below.length - SHOWN;
  return [
    { text: `${SIGNS[action]} ${title}`, because },
    ...below.slice(0, SHOWN),
    ...(more > 0 ? [{ text: `    ... and ${more} more`, because: null }] : []),
  ];
}
