import { type DurationMs, minutes, seconds } from '../../../domain/time.ts';

export interface FindingsSettings {
  /** How often findings are written, and neighbours compared. */
  readonly lookEvery: DurationMs;
  /** A value stands still only when it was read so often. */
  readonly stuckReadings: number;
  /** A newest reading older than this says nothing about its neighbours. */
  readonly freshFor: DurationMs;
  /** Neighbours that must be there. */
  readonly neighboursNeeded: number;
  /** The nearest that are kept in view; those among them that have reported lately can be asked. */
  readonly neighboursWatched: number;
  /** The nearest that are asked. */
  readonly neighboursAsked: number;
  /** Disagreement, or agreement again, must last for this many looks. */
  readonly looksInARow: number;
  /** Findings written in one look; the others wait for the next. */
  readonly writtenPerLook: number;
}

export const DEFAULT_FINDINGS_SETTINGS: FindingsSettings = {
  lookEvery: seconds(60),
  stuckReadings: 12,
  freshFor: minutes(20),
  neighboursNeeded: 3,
  neighboursWatched: 24,
  neighboursAsked: 5,
  looksInARow: 10,
  writtenPerLook: 50,
};
