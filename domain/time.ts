import type { Brand } from './brand.ts';

/** An instant: milliseconds since 1970-01-01T00:00:00Z, integer. */
export type EpochMs = Brand<number, 'EpochMs'>;
/** A length of time in milliseconds, ≥ 0. */
export type DurationMs = Brand<number, 'DurationMs'>;

/** The current instant. Passed in, never read from a global, so that every judgement can be repeated. */
export type Clock = () => EpochMs;

export const epochMs = (n: number): EpochMs => n as EpochMs;
export const milliseconds = (n: number): DurationMs => n as DurationMs;
export const seconds = (n: number): DurationMs => (n * 1000) as DurationMs;
export const minutes = (n: number): DurationMs => (n * 60_000) as DurationMs;
export const hours = (n: number): DurationMs => (n * 3_600_000) as DurationMs;
export const days = (n: number): DurationMs => (n * 86_400_000) as DurationMs;

/** `instant` moved later by `by`. */
export const after = (instant: EpochMs, by: DurationMs): EpochMs => (instant + by) as EpochMs;
/** `instant` moved earlier by `by`. */
export const before = (instant: EpochMs, by: DurationMs): EpochMs => (instant - by) as EpochMs;
