import { z } from 'zod';
import { DOMAINS } from '../../domain/quantity.ts';
import { SEVERITIES } from '../../domain/rule.ts';
import type { SavedViewId } from '../../domain/saved-view.ts';
import { agencyId, branded, instant, userId, version } from './wire.ts';

export const savedViewId = branded<SavedViewId>(z.string().min(1).max(128));

/** One word or text of an address. */
const text = (maximum: number) => z.string().min(1).max(maximum).exactOptional();
/** Words with spaces between them, as they stand in an address. */
const words = (allowed: readonly string[]) =>
  z
    .string()
    .min(1)
    .max(400)
    .refine((given) => given.split(' ').every((word) => allowed.includes(word)), 'refusal.viewWord')
    .exactOptional();
const TEXT = 200;

const onMap = {
  /** `longitude,latitude,zoom` */
  view: text(60),
  domains: words(DOMAINS),
  states: text(TEXT),
  agency: text(96),
  layer: text(64),
  layers: text(TEXT),
  /** Selected point. */
  point: text(96),
};

/**
 * What a view of each kind may hold: the words of its page's address, flat and bounded. A page that learns a new word adds it here; a word that is
 * not known is refused rather than kept unread.
 */
const CONTENT = {
  alarm_filter: z.strictObject({
    list: text(32),
    severities: words(SEVERITIES),
    domains: words(DOMAINS),
    agency: text(96),
    work: text(64),
    condition: text(32),
    since: text(32),
    text: text(TEXT),
    assignee: text(96),
    rule: text(96),
    site: text(96),
    ward: text(32),
    sort: text(64),
  }),
  map_view: z.strictObject(onMap),
  chart: z.strictObject({
    /** `point~quantity`, with spaces between them. */
    lines: z
      .string()
      .max(1_400)
      .regex(/^[\w.:-]{1,96}~\w{1,64}( [\w.:-]{1,96}~\w{1,64}){0,7}$/)
      .exactOptional(),
    period: text(16),
    from: text(40),
    to: text(40),
  }),
  replay_bookmark: z.strictObject({
    ...onMap,
    /** The moment, ISO 8601. */
    at: z.string().min(1).max(40),
    speed: text(16),
  }),
} as const;

const name = z.string().trim().min(1).max(80);
const draftOf = <K extends keyof typeof CONTENT>(kind: K) =>
  z.strictObject({ kind: z.literal(kind), name, content: CONTENT[kind], sharedWith: agencyId.nullable() });

export const savedViewDraft = z
  .discriminatedUnion('kind', [
    draftOf('alarm_filter'),
    draftOf('map_view'),
    draftOf('chart'),
    draftOf('replay_bookmark'),
  ])
  .meta({
    id: 'SavedViewDraft',
    description: 'The words of a page’s address under a name; `sharedWith`: whose people may open it too',
  });
export type SavedViewDraft = z.infer<typeof savedViewDraft>;

export const savedView = z
  .object({
    id: savedViewId,
    kind: z.enum(['alarm_filter', 'map_view', 'chart', 'replay_bookmark']),
    owner: userId,
    ownerName: z.string().nullable(),
    name: z.string(),
    content: z.record(z.string(), z.string()),
    sharedWith: agencyId.nullable(),
    createdAt: instant,
    updatedAt: instant,
    version,
  })
  .meta({ id: 'SavedView' });
export type SavedViewWire = z.infer<typeof savedView>;
