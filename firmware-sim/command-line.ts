import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { Language } from '../domain/localized.ts';
import type { EpochMs } from '../domain/time.ts';

/** The arguments cannot be used; the message is for the person who typed them. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `90s`, `10m`, `2h`, `3d`, `500ms` in milliseconds. */
export function parseDurationMs(text: string, option: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text);
  if (match === null) throw new UsageError(`${option}: "${text}" (90s, 10m, 2h, 3d)`);
  return Number(match[1]) * (UNIT_MS[match[2] ?? ''] ?? 1);
}

/** `now`, `+10m`, `-2h`, or an ISO 8601 instant with its offset. */
export function parseInstant(text: string, now: EpochMs, option: string): EpochMs {
  if (text === 'now') return now;
  if (/^[+-]/.test(text)) {
    const distance = parseDurationMs(text.slice(1), option);
    return (text.startsWith('-') ? now - distance : now + distance) as EpochMs;
  }
  const instant = /T.*(?:Z|[+-]\d\d:?\d\d)$/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(instant)) throw new UsageError(`${option}: "${text}" (now, +10m, -2h, 2026-07-14T06:00:00+07:00)`);
  return instant as EpochMs;
}

/** A number with bounds, both inclusive. */
export function parseNumber(text: string, option: string, min: number, max: number): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value < min || value > max)
    throw new UsageError(`${option}: "${text}" (${min} … ${max})`);
  return value;
}

export function parseLanguage(text: string | undefined, environment: string | undefined): Language {
  if (text === 'vi' || text === 'en') return text;
  if (text !== undefined) throw new UsageError(`--lang: "${text}" (vi, en)`);
  return environment?.startsWith('vi') === true ? 'vi' : 'en';
}

const TokensByDevice = z.record(z.string(), z.string().min(1));
/**
 * Tokens from a file: a JSON object `{"device id": "token"}`, or lines `device id,token` (blank lines and lines starting with # are skipped).
 * @throws {UsageError} naming the line that can't be read.
 */
export function readTokens(file: string): ReadonlyMap<string, string> {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new UsageError(`--credentials: ${cause instanceof Error ? cause.message : String(cause)}`);
  }
  if (text.trimStart().startsWith('{')) {
    const parsed = TokensByDevice.safeParse(safeJson(text));
    if (!parsed.success) throw new UsageError(`--credentials: ${file}: ${z.prettifyError(parsed.error)}`);
    return new Map(Object.entries(parsed.data));
  }
  const tokens = new Map<string, string>();
  text.split(/\r?\n/).forEach((line, index) => {
    if (line.trim() === '' || line.startsWith('#')) return;
    const [id, token, ...rest] = line.split(',').map((part) => part.trim());
    if (!id || !token || rest.length > 0) throw new UsageError(`--credentials: ${file}:${index + 1}: device,token`);
    tokens.set(id, token);
  });
  return tokens;
}

function safeJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
