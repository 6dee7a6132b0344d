import type { JsonObject } from '../../domain/device-control.ts';

/** The JSON object somebody typed; `{}` for nothing typed, `null` when it is none. */
export function jsonObjectIn(text: string): JsonObject | null {
  if (text.trim() === '') return {};
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : null;
  } catch {
    return null;
  }
}
