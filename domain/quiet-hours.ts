/** When a company wants nothing to be held: by the wall clock of its time zone, daylight saving time included. */
import type { QuietHours } from './sync-rules.ts';

interface WallClock {
  /** The wall clock read as if it were UTC, in milliseconds, whole minutes. */
  asUtcMs: number;
  weekday: QuietHours['days'][number];
  minuteOfDay: number;
}

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;
/** Every weekday comes within so many days, whatever the clocks do. */
const daysAhead = 8;
const weekdays = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'] as const;

/**
 * True when nothing is to be held at this instant (ISO): all day long on the weekdays named, on the others between `from`
 * and `to` by the wall clock, over midnight where `to` is the earlier of the two. From a time until the same is never.
 */
export function isQuiet(quietHours: QuietHours | null, instant: string): boolean {
  return quietHours !== null && isQuietAt(quietHours, Date.parse(instant));
}

/** The next instant (ISO) after this one at which quiet hours begin or end; undefined when they never do. */
export function nextBoundary(quietHours: QuietHours | null, instant: string): string | undefined {
  if (quietHours === null) return undefined;
  const start = Date.parse(instant);
  const isNow = isQuietAt(quietHours, start);
  const known: number[] = [];
  for (let day = 0; day <= daysAhead; day++) {
    known.push(...turns(quietHours, start, day).filter((ms) => ms > start));
    const boundary = known.sort((a, b) => a - b).find((ms) => isQuietAt(quietHours, ms) !== isNow);
    // Where the clocks are changed, the next day's times may come first.
    const isFirst = boundary !== undefined && (boundary < start + (day - 1) * dayMs || day === daysAhead);
    if (isFirst) return new Date(boundary).toISOString();
  }
  return undefined;
}

function isQuietAt({ timeZone, days, from, to }: QuietHours, ms: number): boolean {
  const { weekday, minuteOfDay } = wallClock(timeZone, ms);
  if (days.includes(weekday)) return true;
  if (from === undefined || to === undefined) return false;
  const [begins, ends] = [minutesOf(from), minutesOf(to)];
  return begins <= ends
    ? begins <= minuteOfDay && minuteOfDay < ends
    : minuteOfDay < ends || begins <= minuteOfDay;
}

/**
 * The instants at which it may turn on that day, counted from today: midnight, `from` and `to`, and where the clocks are
 * changed.
 */
function turns({ timeZone, from, to }: QuietHours, start: number, day: number): number[] {
  const minutes = [0, ...[from, to].filter((time) => time !== undefined).map(minutesOf)];
  const today = Math.floor(wallClock(timeZone, start).asUtcMs / dayMs) * dayMs;
  const around = start + day * dayMs;
  // A day may have two offsets; a time that the clocks skip or repeat has none or both.
  const offsets = new Set([-1, 0, 1].map((shift) => offsetMs(timeZone, around + shift * dayMs)));
  const walls = minutes.map((minute) => today + day * dayMs + minute * minuteMs);
  const instants = [...offsets].flatMap((offset) => walls.map((wall) => wall - offset));
  return [...instants, ...clockChange(timeZone, around, around + dayMs)];
}

/** The minute in which the clocks are changed between these instants, if they are. */
function clockChange(timeZone: string, from: number, to: number): number[] {
  let [before, after] = [Math.floor(from / minuteMs), Math.ceil(to / minuteMs)];
  const offset = offsetMs(timeZone, before * minuteMs);
  if (offset === offsetMs(timeZone, after * minuteMs)) return [];
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    if (offsetMs(timeZone, middle * minuteMs) === offset) before = middle;
    else after = middle;
  }
  return [after * minuteMs];
}

function offsetMs(timeZone: string, ms: number): number {
  return wallClock(timeZone, ms).asUtcMs - Math.floor(ms / minuteMs) * minuteMs;
}

function minutesOf(timeOfDay: string): number {
  const [hours = 0, minutes = 0] = timeOfDay.split(':').map(Number);
  return hours * 60 + minutes;
}

function wallClock(timeZone: string, ms: number): WallClock {
  const asUtcMs = Date.parse(`${formatter(timeZone).format(ms).replace(' ', 'T')}Z`);
  const asUtc = new Date(asUtcMs);
  return {
    asUtcMs,
    weekday: weekdays[asUtc.getUTCDay()] ?? 'sunday',
    minuteOfDay: asUtc.getUTCHours() * 60 + asUtc.getUTCMinutes(),
  };
}

/** One is slow to make, and there are only some hundred time zones. */
const formatters = new Map<string, Intl.DateTimeFormat>();

function formatter(timeZone: string): Intl.DateTimeFormat {
  const known = formatters.get(timeZone);
  if (known !== undefined) return known;
  // Sweden writes its dates as 2026-03-02 08:00.
  const made = new Intl.DateTimeFormat('sv-SE', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
  });
  formatters.set(timeZone, made);
  return made;
}
