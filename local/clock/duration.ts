/** ISO 8601 durations of fixed length. */

const pattern = /^P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d{1,3})?)S)?)?$/;
const unitMs = [604_800_000, 86_400_000, 3_600_000, 60_000, 1000] as const;

/** The duration in ms; nothing when `text` is no duration in weeks, days, hours, minutes and seconds. */
export function parseDuration(text: string): number | undefined {
  const parts = pattern.exec(text)?.slice(1);
  if (!parts || parts.every((part) => part === undefined) || text.endsWith('T')) return undefined;
  return parts.reduce(
    (total, part, index) => total + Math.round(Number(part ?? 0) * (unitMs[index] ?? 0)),
    0,
  );
}
