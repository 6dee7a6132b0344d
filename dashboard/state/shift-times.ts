/** `06:00` of minutes after midnight, for a field of the browser. */
export const timeField = (minutes: number): string =>
  `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;

/** Minutes after midnight of {@link timeField}; `null` when it is none. */
export function minutesOf(field: string): number | null {
  const parts = /^([01]\d|2[0-3]):([0-5]\d)$/.exec(field);
  return parts ? Number(parts[1]) * 60 + Number(parts[2]) : null;
}

/** Fields as a plan, in order; `null` while one is empty. */
export function planOf(fields: readonly string[]): number[] | null {
  const starts = fields.map(minutesOf);
  return starts.every((start) => start !== null) ? starts.sort((a, b) => a - b) : null;
}
