import { anonymousSet, field, match, number, symbol } from '../../../../../dsl/ruleset/nodes';
import type { Expression, Statement } from '../../../../../dsl/ruleset/tree';
import { BOTH, impossible, type Meaning, type Module, means, type Options, wrong } from '../module';
import { NEVER } from '../values';

const ONE = { values: 1 } as const;
const DAY = 86_400;
/** iptables' 1 to 7. */
const WEEKDAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'] as const;
const HOUR = field('meta hour');
/** What iptables-save writes where no end was given. */
const NO_END = 0x7fffffff;

/** `hh:mm[:ss]` as the second of the day. */
function secondOfDay(text: string): number | undefined {
  const [, hours, minutes, seconds = '0'] = /^(\d{1,2}):(\d{1,2})(?::(\d{1,2}))?$/.exec(text) ?? [];
  const [hour, minute, second] = [Number(hours), Number(minutes), Number(seconds)];
  return hour <= 23 && minute <= 59 && second <= 59 ? (hour * 60 + minute) * 60 + second : undefined;
}

/** `YYYY[-MM[-DD[Thh[:mm[:ss]]]]]` of UTC as seconds since 1970. */
function dateOf(text: string): number | undefined {
  const parts = /^(\d+)(?:-(\d+)(?:-(\d+)(?:T(\d+)(?::(\d+)(?::(\d+))?)?)?)?)?$/.exec(text);
  if (!parts) return undefined;
  const [year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0] = parts
    .slice(1)
    .map((part) => (part === undefined ? undefined : Number(part)));
  if (year < 1970 || year > 2038 || month > 12 || day > 31 || hour > 23 || minute > 59 || second > 59) return undefined;
  const seconds = Date.UTC(year, month - 1, day, hour, minute, second) / 1000;
  return seconds < 0 ? undefined : seconds;
}

/** Names, of which two letters count, or numbers from 1, Monday; as indices. Undefined for what is neither. */
function weekdaysOf(text: string): ReadonlySet<number> | undefined {
  const days = new Set<number>();
  for (const word of text.split(',')) {
    const day = /^[1-7]$/.test(word)
      ? Number(word) - 1
      : word.length > 3
        ? -1
        : WEEKDAYS.findIndex((name) => name.slice(0, 2) === word.slice(0, 2));
    if (day < 0) return undefined;
    days.add(day);
  }
  return days;
}

function onDays(days: ReadonlySet<number>, later = 0): Statement[] {
  if (days.size === WEEKDAYS.length) return [];
  const names = [...days].map((day) => (day + later) % WEEKDAYS.length).sort((a, b) => a - b);
  const [only] = names;
  const named = (day: number) => symbol(WEEKDAYS[day] as string);
  if (only === undefined) return [NEVER];
  return [match(field('meta day'), '==', names.length === 1 ? named(only) : anonymousSet(...names.map(named)))];
}

/** The numbers of a day are UTC's; a time in quotes would be that of the zone in which nft runs. */
function between(first: number, last: number): Statement[] {
  if (first === 0 && last === DAY - 1) return [];
  const right: Expression =
    first === last ? number(first) : { kind: 'range', first: number(first), last: number(last) };
  return [match(HOUR, '==', right)];
}

/** Of a time over midnight, the hours after it belong to the day before where they are said to be contiguous. */
function overMidnight(start: number, stop: number, days: ReadonlySet<number>, contiguous: boolean): Statement[] {
  if (start <= stop + 1) return onDays(days);
  if (!contiguous || days.size === WEEKDAYS.length) {
    const others = between(stop + 1, start - 1);
    return [...others.map((one): Statement => (one.kind === 'match' ? { ...one, op: '!=' } : one)), ...onDays(days)];
  }
  return [
    {
      kind: 'either',
      alternatives: [
        [...between(start, DAY - 1), ...onDays(days)],
        [...between(0, stop), ...onDays(days, 1)],
      ],
      negated: false,
    },
  ];
}

function datesBetween(start: number | undefined, stop: number | undefined): Statement[] {
  const now = field('meta time');
  return [
    ...(start === undefined || start === 0 ? [] : [match(now, '>=', number(start))]),
    ...(stop === undefined || stop >= NO_END ? [] : [match(now, '<', number(stop + 1))]),
  ];
}

/** Undefined for all days of a month; a message or what is impossible else. */
function monthdaysMeaning(options: Options): Meaning | undefined {
  const given = options.find('--monthdays');
  if (!given) return undefined;
  const days = new Set<number>();
  for (const word of (given.values[0] ?? '').split(',')) {
    const [, day] = /^(\d{1,2})(?:st|nd|rd|th)?$/.exec(word) ?? [];
    if (day === undefined || Number(day) > 31) return wrong(`\`${word}\` is not a day of a month`, given.span);
    if (Number(day) > 0) days.add(Number(day));
  }
  const count = given.negated ? 31 - days.size : days.size;
  if (count === 31) return undefined;
  return count === 0 ? means(NEVER) : impossible('nft does not tell the day of the month (--monthdays)');
}

export const time: Module = {
  name: 'time',
  families: BOTH,
  options: {
    '--datestart': ONE,
    '--datestop': ONE,
    '--timestart': ONE,
    '--timestop': ONE,
    '--monthdays': { values: 1, negatable: true },
    '--weekdays': { values: 1, negatable: true },
    '--days': { values: 1, negatable: true, is: '--weekdays' },
    '--contiguous': { values: 0 },
    '--kerneltz': { values: 0 },
    '--localtz': { values: 0, is: '--kerneltz' },
    '--utc': { values: 0 },
  },
  read(options): Meaning {
    const asked = (name: string, read: (text: string) => number | undefined) => {
      const text = options.value(name);
      return text === undefined ? undefined : (read(text) ?? Number.NaN);
    };
    const [start = 0, stop = DAY - 1] = [asked('--timestart', secondOfDay), asked('--timestop', secondOfDay)];
    const [begin, end] = [asked('--datestart', dateOf), asked('--datestop', dateOf)];
    if (Number.isNaN(start) || Number.isNaN(stop)) return wrong('a time of day is `hh:mm` or `hh:mm:ss`');
    if (Number.isNaN(begin) || Number.isNaN(end))
      return wrong('a date is `YYYY-MM-DDThh:mm:ss`, or the beginning of it');
    const given = options.find('--weekdays');
    const named = given ? weekdaysOf(given.values[0] ?? '') : new Set(WEEKDAYS.keys());
    if (!named) return wrong(`\`${given?.values[0]}\` is not a list of days like \`Mon,Tue\``, given?.span);
    const days = given?.negated ? new Set([...WEEKDAYS.keys()].filter((day) => !named.has(day))) : named;
    if (options.has('--contiguous') && start < stop)
      return wrong('`--contiguous` goes with a time that stops before it starts', options.find('--contiguous')?.span);
    const months = monthdaysMeaning(options);
    if (months && months.kind !== 'means') return months;
    const when =
      start < stop
        ? [...between(start, stop), ...onDays(days)]
        : overMidnight(start, stop, days, options.has('--contiguous'));
    const statements = [...datesBetween(begin, end), ...when, ...(months?.statements ?? [])];
    const zone = "the time is UTC, as the kernel's time zone is unless something set it (`hwclock --systz`)";
    return options.has('--kerneltz') ? { ...means(...statements), note: zone } : means(...statements);
  },
};
