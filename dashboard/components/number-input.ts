/** What a number field of the form gives, as a number; `null` while it is empty or half typed. */
export const numberOrNull = (value: string | number): number | null =>
  typeof value === 'number' && Number.isFinite(value) ? value : null;
