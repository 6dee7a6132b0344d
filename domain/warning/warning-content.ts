import { LANGUAGES, type Language, type Localized } from '../localized.ts';
import type { EpochMs } from '../time.ts';
import { crossesItself, OUTLINE_CORNERS_MIN } from './outline.ts';
import type { WarningContent } from './warning.ts';

/** Bounds of one warning; the longest still reads on a phone. */
export const WARNING_HEADLINE_MAX = 160;
export const WARNING_TEXT_MAX = 4_000;
export const WARNING_OUTLINES_MAX = 20;
export const WARNING_CORNERS_MAX = 500;
export const WARNING_CIRCLES_MAX = 20;
/** A circle wider than this is no place any more. */
export const WARNING_RADIUS_KM_MAX = 200;

/** What a message must have before it can be published. */
export const CONTENT_PROBLEM_CODES = [
  'TEXT_MISSING',
  'CATEGORY_MISSING',
  'AREA_MISSING',
  'OUTLINE_CORNERS',
  'OUTLINE_CROSSES',
  'EXPIRES_MISSING',
  'EXPIRES_PAST',
  'EXPIRES_BEFORE_ONSET',
] as const;
export type ContentProblemCode = (typeof CONTENT_PROBLEM_CODES)[number];

export interface ContentProblem {
  /** e.g. `headline.en`, `area.outlines.0`. */
  readonly path: string;
  readonly code: ContentProblemCode;
}

const missing = (path: string, text: Localized): ContentProblem[] =>
  LANGUAGES.filter((language: Language) => text[language].trim() === '').map((language) => ({
    path: `${path}.${language}`,
    code: 'TEXT_MISSING',
  }));

/** What still keeps the content from being published at `now`; empty when nothing does. */
export function contentProblems(content: WarningContent, now: EpochMs): readonly ContentProblem[] {
  const { area, onset, expires } = content;
  return [
    ...(['event', 'headline', 'description', 'instruction'] as const).flatMap((part) => missing(part, content[part])),
    ...missing('area.description', area.description),
    ...(content.categories.length === 0 ? [{ path: 'categories', code: 'CATEGORY_MISSING' } as const] : []),
    ...(area.outlines.length + area.circles.length === 0 ? [{ path: 'area', code: 'AREA_MISSING' } as const] : []),
    ...area.outlines.flatMap((corners, index): ContentProblem[] => {
      const path = `area.outlines.${index}`;
      if (corners.length < OUTLINE_CORNERS_MIN) return [{ path, code: 'OUTLINE_CORNERS' }];
      return crossesItself(corners) ? [{ path, code: 'OUTLINE_CROSSES' }] : [];
    }),
    ...expiryProblems(onset, expires, now),
  ];
}

function expiryProblems(onset: EpochMs | null, expires: EpochMs | null, now: EpochMs): ContentProblem[] {
  const path = 'expires';
  if (expires === null) return [{ path, code: 'EXPIRES_MISSING' }];
  if (expires <= now) return [{ path, code: 'EXPIRES_PAST' }];
  return onset !== null && expires <= onset ? [{ path, code: 'EXPIRES_BEFORE_ONSET' }] : [];
}
