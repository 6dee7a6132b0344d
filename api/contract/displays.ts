import { z } from 'zod';
import {
  DISPLAY_THEMES,
  DISPLAY_VIEWS_MAX,
  type DisplayId,
  type DisplayView,
  VIEW_SECONDS,
} from '../../domain/display.ts';
import { MAP_LAYERS } from '../../domain/map-lines.ts';
import { agencyId, branded, instant, language, location, pointId, quantityKey, userId, version } from './wire.ts';

export const displayId = branded<DisplayId>(z.string().min(1).max(128));
const name = z.string().trim().min(1).max(120);

const seconds = z.number().int().min(VIEW_SECONDS.min).max(VIEW_SECONDS.max);
const area = z.strictObject({ name, ...location.shape, zoom: z.number().min(0).max(22) });
const view = z
  .discriminatedUnion('kind', [
    z.strictObject({
      kind: z.literal('map'),
      seconds,
      area: area.nullable().meta({ description: 'null: the whole city' }),
      layers: z.array(z.enum(MAP_LAYERS)).max(MAP_LAYERS.length).readonly(),
    }),
    z.strictObject({ kind: z.literal('alarms'), seconds }),
    z.strictObject({ kind: z.literal('counters'), seconds }),
    z.strictObject({ kind: z.literal('air'), seconds }),
    z.strictObject({
      kind: z.literal('chart'),
      seconds,
      pointId,
      quantity: quantityKey,
      hours: z.number().int().min(1).max(168),
    }),
  ])
  .meta({ id: 'DisplayView', description: 'One picture of a wall screen’s rotation' });
view satisfies z.ZodType<DisplayView>;

const what = {
  name,
  agencies: z.array(agencyId).min(1).max(50),
  language,
  theme: z.enum(DISPLAY_THEMES),
  views: z.array(view).min(1).max(DISPLAY_VIEWS_MAX),
};
export const displayCreate = z.strictObject({ agencyId, ...what });
export const displayEdit = z.strictObject(what);

export const display = z
  .object({
    id: displayId,
    agencyId,
    name: z.string(),
    agencies: z.array(agencyId).readonly(),
    language,
    theme: z.enum(DISPLAY_THEMES),
    views: z.array(view).readonly(),
    createdBy: userId.nullable(),
    createdAt: instant,
    linkedAt: instant.nullable().meta({ description: 'When a screen last took up its login; null: none has' }),
    revokedAt: instant.nullable(),
    version,
    seen: z
      .object({ at: instant, address: z.string(), build: z.string() })
      .nullable()
      .meta({ description: 'When, from where and with which build the screen last asked' }),
    linkExpiresAt: instant.nullable(),
  })
  .meta({ id: 'Display', description: 'A wall screen: it may read as a viewer of its agencies, and never write' });
export type DisplayWire = z.infer<typeof display>;

/** The code is told once; only its hash is kept. */
export const displayLink = z
  .object({
    display,
    code: z.string(),
    link: z.string().meta({ description: 'Opened once on the wall’s computer' }),
    expiresAt: instant,
    version,
  })
  .meta({ id: 'DisplayLink' });
export type DisplayLinkWire = z.infer<typeof displayLink>;

export const displaySignIn = z.strictObject({ code: z.string().trim().min(1).max(64) });

/** What a wall screen asks for every few seconds. */
export const ownDisplay = z
  .object({
    id: displayId,
    name: z.string(),
    agencies: z.array(agencyId).readonly(),
    language,
    theme: z.enum(DISPLAY_THEMES),
    views: z.array(view).readonly(),
    version,
    at: instant.meta({ description: 'The platform’s clock' }),
    build: z.string().meta({ description: 'Of the dashboard that is served now; empty: not known' }),
  })
  .meta({ id: 'OwnDisplay' });
export type OwnDisplayWire = z.infer<typeof ownDisplay>;

/** Sent with every request of a wall screen, with the build of its page: the display's login is used, and no person's. */
export const DISPLAY_HEADER = 'X-Display';
