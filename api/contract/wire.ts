import { z } from 'zod';
import type {
  AgencyId,
  AlarmId,
  ApiKeyId,
  CredentialId,
  DeviceId,
  DeviceModelId,
  PointId,
  QuarantineId,
  RuleId,
  SeriesId,
  SiteId,
  UserId,
  WardCode,
} from '../../domain/identifiers.ts';
import { DEVICE_ID_PATTERN } from '../../domain/identifiers.ts';
import type { IncidentId } from '../../domain/incident.ts';
import { LANGUAGES } from '../../domain/localized.ts';
import type { QuantityKey } from '../../domain/quantity.ts';
import { DOMAINS } from '../../domain/quantity.ts';
import type { SuppressionWindowId } from '../../domain/suppression-window.ts';
import type { EpochMs } from '../../domain/time.ts';

/**
 * The words all wire types are made of. Instants are epoch milliseconds, locations WGS 84 degrees,
 * lengths of time milliseconds with `Ms` in the name unless the domain type says `DurationMs`.
 */

/** Gives a schema of a primitive the domain's brand: checked at run time as the primitive, kept apart by the type checker. */
export const branded = <B extends string | number>(schema: z.ZodType<string> | z.ZodType<number>): z.ZodType<B, B> =>
  schema as unknown as z.ZodType<B, B>;

/** Latest instant a JavaScript date can hold; beyond it nothing is a time. */
const LATEST_INSTANT_MS = 8_640_000_000_000_000;

/** Ids people may choose: lower-case words that read well in a URL. */
const chosenId = (): z.ZodString =>
  z
    .string()
    .min(1)
    .max(96)
    .regex(/^[A-Za-z0-9][A-Za-z0-9._:-]*$/);

export const agencyId = branded<AgencyId>(chosenId());
export const siteId = branded<SiteId>(chosenId());
export const pointId = branded<PointId>(chosenId());
export const deviceModelId = branded<DeviceModelId>(chosenId());
export const ruleId = branded<RuleId>(chosenId());
export const userId = branded<UserId>(chosenId());
export const apiKeyId = branded<ApiKeyId>(chosenId());
export const credentialId = branded<CredentialId>(chosenId());
export const deviceId = branded<DeviceId>(z.string().regex(DEVICE_ID_PATTERN));
export const alarmId = branded<AlarmId>(z.string().min(1).max(256));
export const incidentId = branded<IncidentId>(z.string().min(1).max(512));
export const suppressionWindowId = branded<SuppressionWindowId>(z.string().min(1).max(128));
export const quarantineId = branded<QuarantineId>(z.string().min(1).max(128));
export const wardCode = branded<WardCode>(z.string().min(1).max(32));
export const seriesId = branded<SeriesId>(z.number().int().min(1).max(2_147_483_647));
export const quantityKey = branded<QuantityKey>(
  z
    .string()
    .max(64)
    .regex(/^[a-z][a-z0-9_]*$/),
);
export const instant = branded<EpochMs>(
  z.number().int().min(-LATEST_INSTANT_MS).max(LATEST_INSTANT_MS).meta({ description: 'Epoch milliseconds' }),
);

export const domainName = z.enum(DOMAINS);
export const language = z.enum(LANGUAGES);
export const localized = z
  .object({ vi: z.string().min(1).max(500), en: z.string().min(1).max(500) })
  .meta({ id: 'Localized', description: 'One text in both languages' });
export const location = z
  .object({ longitude: z.number().min(-180).max(180), latitude: z.number().min(-90).max(90) })
  .meta({ id: 'Location', description: 'WGS 84 degrees' });
export const textKey = z
  .object({
    key: z.string(),
    params: z.record(z.string(), z.union([z.string(), z.number()])).exactOptional(),
  })
  .meta({ id: 'TextKey', description: 'Catalogue key and parameters; rendered in the reader’s language' });
export const closedRange = z
  .object({ min: z.number(), max: z.number() })
  .refine((range) => range.min <= range.max, 'refusal.rangeReversed')
  .meta({ id: 'ClosedRange' });
export const tag = z
  .string()
  .min(1)
  .max(64)
  .regex(/^[^\s,]+$/u);
export const tags = z.array(tag).max(50);
export const version = z.number().int().min(1);
export const note = z.string().trim().min(1).max(2_000);

/** A query parameter that is a number on the wire's text. */
export const queryInstant = z.coerce.number().pipe(instant);
export const queryFlag = z.enum(['true', 'false']).transform((text) => text === 'true');
/** `a,b,c`, or the parameter repeated. */
export const queryList = <T extends z.ZodType<unknown, string>>(item: T, maximum: number) =>
  z
    .union([z.string(), z.array(z.string())])
    .transform((given) => (Array.isArray(given) ? given : [given]).flatMap((text) => text.split(',')))
    .pipe(z.array(item).min(1).max(maximum));
export const querySeries = (maximum: number) =>
  queryList(
    z
      .string()
      .regex(/^[0-9]{1,10}$/)
      .transform(Number)
      .pipe(seriesId),
    maximum,
  );

export const PAGE_LIMIT_DEFAULT = 100;
export const PAGE_LIMIT_MAX = 1_000;
/** `?limit&after`: `after` is the `next` of the page before. */
export const pageQuery = {
  limit: z.coerce.number().int().min(1).max(PAGE_LIMIT_MAX).default(PAGE_LIMIT_DEFAULT),
  after: z.string().min(1).max(512).exactOptional(),
};
export const pageOf = <T extends z.ZodType>(item: T) =>
  z.object({
    items: z.array(item).readonly(),
    next: z.string().nullable().meta({ description: 'Cursor of the page after; null on the last' }),
  });
/** Lists that are small by nature come whole, in the same frame as a page. */
export const listOf = <T extends z.ZodType>(item: T) => z.object({ items: z.array(item).readonly() });

export interface Page<T> {
  readonly items: readonly T[];
  readonly next: string | null;
}
