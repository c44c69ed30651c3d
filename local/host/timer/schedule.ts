/** When a timer trigger fires: an NCRONTAB expression of six fields, or a time span between two runs. */
import { Cron } from 'croner';

export interface Schedule {
  /** The first time after `after`; both ms since 1970. */
  next(after: number): number;
}

const timeSpan = /^(?:(\d+)\.)?(\d{1,2}):(\d{2}):(\d{2})$/;

/**
 * Reads a schedule; `%NAME%` takes the app setting of that name. Times are UTC.
 * @throws when the text is neither an NCRONTAB expression nor a time span, or its setting is missing.
 */
export function parseSchedule(text: string, settings: NodeJS.ProcessEnv): Schedule {
  const resolved = text.replace(/%([^%]+)%/g, (_whole, name: string) => {
    const value = settings[name];
    if (value === undefined) throw new Error(`The schedule "${text}" needs the app setting "${name}".`);
    return value;
  });
  const span = timeSpan.exec(resolved.trim());
  if (span) return everySpan(span.slice(1).map((part) => Number(part ?? 0)));
  return cronSchedule(resolved.trim());
}

function everySpan([days = 0, hours = 0, minutes = 0, seconds = 0]: number[]): Schedule {
  const ms = (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000;
  if (ms === 0) throw new Error('A timer trigger needs a time span greater than zero.');
  return { next: (after) => after + ms };
}

function cronSchedule(text: string): Schedule {
  const fields = text.split(/\s+/).length;
  if (fields !== 5 && fields !== 6) throw new Error(`"${text}" is not an NCRONTAB expression of six fields.`);
  const cron = new Cron(text, { timezone: 'UTC', paused: true });
  return {
    next: (after) => {
      const next = cron.nextRun(new Date(after));
      if (!next) throw new Error(`The schedule "${text}" never comes due.`);
      return next.getTime();
    },
  };
}
