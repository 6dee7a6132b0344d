import { z } from 'zod';
import { SITE_KINDS } from '../../domain/asset.ts';
import { LINE_CLASSES, LINE_LAYERS, type LineClass } from '../../domain/map-lines.ts';
import { agencyId, localized, quantityKey, seriesId, siteId } from './wire.ts';

const lineLayer = z.enum(LINE_LAYERS);
const lineClass = z.enum([...new Set(Object.values(LINE_CLASSES).flat())] as [LineClass, ...LineClass[]]);

const lineScale = z
  .object({
    key: z.string(),
    layer: lineLayer,
    of: z.enum(['percent', 'value']).meta({ description: 'Of what is whole there, or the value in its own unit' }),
    steps: z
      .array(
        z.object({
          lineClass,
          from: z.number().nullable().meta({ description: 'null: everything below the next' }),
          includesFrom: z.boolean(),
        }),
      )
      .readonly(),
    unit: z.string().meta({ description: 'Symbol of the unit of `from`' }),
    source: z.string(),
    evidence: z
      .string()
      .meta({ description: 'How well the figures are known: verified, secondary, unverified, convention' }),
  })
  .meta({ id: 'LineScale', description: 'How values become the classes that colour lines; ascending' });
export type LineScaleWire = z.infer<typeof lineScale>;

const mapLine = z
  .object({
    id: siteId.meta({ description: 'The street, or the site that the line leads to' }),
    layer: lineLayer,
    kind: z.enum(SITE_KINDS),
    name: localized,
    agencyId,
    from: siteId.nullable().meta({ description: 'The site that feeds it' }),
    path: z
      .array(z.tuple([z.number(), z.number()]).readonly())
      .min(1)
      .readonly()
      .meta({
        description: 'Longitude and latitude, from where it is fed to its end; one place where nothing more is known',
      }),
    isCourse: z.boolean().meta({ description: 'false: straight from site to site' }),
    point: z
      .number()
      .int()
      .nullable()
      .meta({ description: 'Number of the point that tells of it, as in GET /map/places' }),
    measures: z
      .array(
        z.object({
          series: seriesId,
          quantity: quantityKey,
          scale: z.string(),
          whole: z.number().nullable().meta({ description: 'What 100 % is' }),
          staleAfterMs: z.number(),
        }),
      )
      .readonly(),
  })
  .meta({ id: 'MapLine' });
export type MapLineWire = z.infer<typeof mapLine>;

export const mapLines = z.object({
  scales: z.array(lineScale).readonly(),
  lines: z.array(mapLine).readonly(),
  /** Lines beyond what one answer tells: of the last ones of their networks, the meters. */
  leftOut: z.number().int(),
  /** Streets that are measured, but whose course isn't on record: not on the map. */
  withoutCourse: z.number().int(),
});
export type MapLines = z.infer<typeof mapLines>;
