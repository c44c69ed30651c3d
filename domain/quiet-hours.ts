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
  const boundary = turns(quietHours, start)
    .filter((ms) => ms > start)
    .sort((a, b) => a - b)
    .find((ms) => isQuietAt(quietHours, ms) !== isNow);
  return boundary === undefined ? undefined : new Date(boundary).toISOString();
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

/** All instants at which it may turn: midnights, `from` and `to` of the days ahead, and where the clocks are changed. */
function turns({ timeZone, from, to }: QuietHours, start: number): number[] {
  const minutes = [0, ...[from, to].filter((time) => time !== undefined).map(minutesOf)];
  const today = Math.floor(wallClock(timeZone, start).asUtcMs / dayMs) * dayMs;
  return Array.from({ length: daysAhead + 1 }, (_, day) => day).flatMap((day) => {
    const around = start + day * dayMs;
    // A day may have two offsets; a time that the clocks skip or repeat has none or both.
    const offsets = new Set([-1, 0, 1].map((shift) => offsetMs(timeZone, around + shift * dayMs)));
    const walls = minutes.map((minute) => today + day * dayMs + minute * minuteMs);
    const instants = [...offsets].flatMap((offset) => walls.map((wall) => wall - offset));
    return [...instants, ...clockChange(timeZone, around, around + dayMs)];
  });
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
  const parts = new Map(
    formatter(timeZone)
      .formatToParts(ms)
      .map(({ type, value }) => [type, Number(value)]),
  );
  const part = (type: Intl.DateTimeFormatPartTypes): number => parts.get(type) ?? 0;
  const [hour, minute] = [part('hour'), part('minute')];
  const asUtcMs = Date.UTC(part('year'), part('month') - 1, part('day'), hour, minute);
  return {
    asUtcMs,
    weekday: weekdays[new Date(asUtcMs).getUTCDay()] ?? 'sunday',
    minuteOfDay: hour * 60 + minute,
  };
}

/** One is slow to make, and there are only some hundred time zones. */
const formatters = new Map<string, Intl.DateTimeFormat>();

function formatter(timeZone: string): Intl.DateTimeFormat {
  const known = formatters.get(timeZone);
  if (known !== undefined) return known;
  const made = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
  });
  formatters.set(timeZone, made);
  return made;
}
