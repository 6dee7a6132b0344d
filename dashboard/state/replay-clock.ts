import { type EpochMs, epochMs } from '../../domain/time.ts';

/** City time per screen time. */
export const REPLAY_SPEEDS = [1, 10, 60, 300, 600, 1_800, 3_600] as const;
export type ReplaySpeed = (typeof REPLAY_SPEEDS)[number];

/** As often as live frames come, but never for less than a second of the city. */
const FRAMES_PER_SECOND = 4;
const SHORTEST_STEP_MS = 1_000;

/** City time of one frame. */
export const stepMsOf = (speed: ReplaySpeed): number => Math.max(SHORTEST_STEP_MS, (speed * 1_000) / FRAMES_PER_SECOND);
/** Screen time of one frame. */
export const frameEveryMs = (speed: ReplaySpeed): number => stepMsOf(speed) / speed;

/** The next faster or slower speed; the same at the ends. */
export function nextSpeed(speed: ReplaySpeed, by: 1 | -1): ReplaySpeed {
  return REPLAY_SPEEDS[REPLAY_SPEEDS.indexOf(speed) + by] ?? speed;
}
export const speedOf = (text: string | number | undefined): ReplaySpeed =>
  REPLAY_SPEEDS.find((speed) => String(speed) === String(text)) ?? 60;

/** Frames of one question: ten seconds' worth, asked for when less than six are left. */
const ASKED_FRAMES = 40;
const ASK_BELOW_FRAMES = 24;

/** The next frames to ask for: from `bufferedTo` on, once few enough are left to be shown; `null` while there are enough. */
export function nextAsk(
  shownTo: number,
  bufferedTo: number,
  speed: ReplaySpeed,
): { readonly from: EpochMs; readonly to: EpochMs; readonly stepMs: number } | null {
  const stepMs = stepMsOf(speed);
  if ((bufferedTo - shownTo) / stepMs >= ASK_BELOW_FRAMES) return null;
  return { from: epochMs(bufferedTo), to: epochMs(bufferedTo + ASKED_FRAMES * stepMs), stepMs };
}

/** The moment in an address: ISO 8601 with offset, or epoch ms; `null` for anything else. */
export function readMoment(text: string | undefined): EpochMs | null {
  if (text === undefined) return null;
  const value = /^\d{9,16}$/.test(text) ? Number(text) : Date.parse(text);
  return Number.isFinite(value) ? epochMs(value) : null;
}
/** In whole seconds, UTC, so that links are short. */
export const writeMoment = (at: number): string =>
  new Date(Math.floor(at / 1_000) * 1_000).toISOString().replace('.000Z', 'Z');

/** Lengths of time the scrubber shows, shortest first. */
export const SCRUBBER_SPANS = [
  { key: 'h1', spanMs: 3_600_000 },
  { key: 'h6', spanMs: 6 * 3_600_000 },
  { key: 'h24', spanMs: 86_400_000 },
  { key: 'd7', spanMs: 7 * 86_400_000 },
  { key: 'd30', spanMs: 30 * 86_400_000 },
] as const;
export type ScrubberSpan = (typeof SCRUBBER_SPANS)[number]['key'];

/** Where the scrubber moves to lies on marks of this share of its length, so that it stands still while the moment runs along it. */
const PARTS = 8;

/** What the scrubber shows: the moment in its middle, or now at its end; never beyond now. `held` stays while the moment is well inside. */
export function scrubberRange(
  at: number,
  spanMs: number,
  now: number,
  held: { readonly from: number; readonly to: number } | null,
): { readonly from: number; readonly to: number } {
  const margin = spanMs / PARTS / 2;
  if (held !== null && held.to - held.from === spanMs && at >= held.from + margin && at <= held.to - margin)
    return held;
  const part = spanMs / PARTS;
  const to = Math.min(Math.ceil((at + spanMs / 2) / part) * part, Math.ceil(now / 60_000) * 60_000);
  return { from: to - spanMs, to };
}
