/**
 * Quality of a reading: one byte. The high nibble is the kind, the low nibble the reason, so that
 * "usable" is one comparison on the hot path and one integer column in every store.
 */
export const QUALITY = {
  GOOD: 0x00,
  SUSPECT_CLOCK_AHEAD: 0x11,
  SUSPECT_IMPLAUSIBLE: 0x12,
  SUSPECT_RATE: 0x13,
  SUSPECT_STUCK: 0x14,
  SUSPECT_NEIGHBOURS: 0x15,
  /** Marked by a person, or by the device about itself. */
  SUSPECT_DECLARED: 0x16,
  CALIBRATING: 0x20,
  INVALID_OUT_OF_RANGE: 0x31,
  INVALID_DEVICE_FAULT: 0x32,
  /** Marked by a person. */
  INVALID_DECLARED: 0x33,
  /** Worked out by the platform from readings that have since been found wrong: there is no such value any more. */
  INVALID_WITHDRAWN: 0x34,
} as const;

export type QualityName = keyof typeof QUALITY;
export type Quality = (typeof QUALITY)[QualityName];
export const QUALITY_KINDS = ['good', 'suspect', 'calibrating', 'invalid'] as const;
export type QualityKind = (typeof QUALITY_KINDS)[number];

/** Verdicts a person may give. */
export const DECLARABLE_QUALITY = ['GOOD', 'SUSPECT_DECLARED', 'CALIBRATING', 'INVALID_DECLARED'] as const;

/** First code that must not be used for judging or averaging: calibrating and invalid readings are at or above it. */
export const UNUSABLE_FROM = 0x20;

export const qualityKind = (quality: number): QualityKind => QUALITY_KINDS[quality >> 4] ?? 'invalid';

const NAMES = new Map<number, QualityName>(
  (Object.entries(QUALITY) as [QualityName, number][]).map(([name, code]) => [code, name]),
);
/** Stable name of a quality code, for APIs and exports; unknown codes read as `INVALID_DECLARED`. */
export const qualityName = (quality: number): QualityName => NAMES.get(quality) ?? 'INVALID_DECLARED';

/** The worse of two codes: the higher kind wins; within one kind the first given stays. */
export const worse = (a: Quality, b: Quality): Quality => (b >> 4 > a >> 4 ? b : a);
