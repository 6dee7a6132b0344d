import { z } from 'zod';
import { type LocalDate, parseLocalDate } from '../../domain/indices/local-hours.ts';
import { unitConversion } from '../../domain/unit.ts';
import { type CatalogueKey, QUANTITY_CATALOGUE, quantityKey } from '../quantities.ts';

/**
 * How we know a number.
 * - `text`: read in the document.
 * - `derived`: worked out from official bulletins that name the level and the excess over it.
 * - `secondary`: told alike by others who cite the document.
 * - `convention`: the platform's own, no law.
 * - `unverified`: remembered; must not become a rule before a person has compared it with the document.
 */
export const EVIDENCE = ['text', 'derived', 'secondary', 'convention', 'unverified'] as const;
export type Evidence = (typeof EVIDENCE)[number];

export const localDate = z.string().transform((text, context): LocalDate => {
  const date = parseLocalDate(text);
  if (date === undefined) context.addIssue(`${text} is no date YYYY-MM-DD`);
  return date ?? z.NEVER;
});

/** Where a number is written. */
export const sourceSchema = z.strictObject({
  document: z.string().min(1),
  /** Clause, table or article, as the document counts them. */
  clause: z.string().min(1),
  /** `null`: not known. */
  issued: localDate.nullable(),
  evidence: z.enum(EVIDENCE),
});
export type Source = z.output<typeof sourceSchema>;

/** Days on which a number holds: from (inclusive; `null`: not known, long ago) until (exclusive; `null`: still). */
export const inForceSchema = z
  .strictObject({ from: localDate.nullable(), until: localDate.nullable() })
  .refine(({ from, until }) => from === null || until === null || from < until, 'ends before it begins');
export type InForce = z.output<typeof inForceSchema>;

export const legalLimitSchema = z
  .strictObject({
    quantity: z.custom<CatalogueKey>(
      (key) => typeof key === 'string' && QUANTITY_CATALOGUE.has(quantityKey(key as CatalogueKey)),
      'no quantity of the catalogue',
    ),
    bound: z.enum(['maximum', 'minimum']),
    value: z.number(),
    /** UCUM code, as the document has it; convertible to the quantity's. */
    unit: z.string(),
    /** Hours that the value is the mean of; `null`: as measured. */
    averagingHours: z.number().positive().nullable(),
    /** Whether the value itself is still `allowed`, or already `reached` (a flood alarm level). */
    edge: z.enum(['allowed', 'reached']),
    inForce: inForceSchema,
    source: sourceSchema,
  })
  .refine(({ quantity, unit }) => unitConversion(unit, unitOf(quantity)).ok, 'not in a unit of its quantity');
/** One limit of a law, a standard or a bulletin. */
export type LegalLimit = z.output<typeof legalLimitSchema>;
export type LegalLimitRow = z.input<typeof legalLimitSchema>;

/** Limits as written, checked. @throws {z.ZodError} for data that is wrong: the program must not start with it. */
export const legalLimits = (rows: readonly LegalLimitRow[]): readonly LegalLimit[] =>
  rows.map((row) => legalLimitSchema.parse(row));

export const isInForce = ({ from, until }: InForce, on: LocalDate): boolean =>
  (from === null || from <= on) && (until === null || on < until);

/** The limit's value in its quantity's unit. */
export function limitValue({ quantity, unit, value }: LegalLimit): number {
  const conversion = unitConversion(unit, unitOf(quantity));
  // The schema has seen to it.
  if (!conversion.ok) throw new Error(`${unit} is no unit of ${quantity}`);
  return value * conversion.value.factor + conversion.value.offset;
}

/** A float's last bits are not a digit of the limit. */
const SLACK = 1e-6;

/**
 * The first value that breaks the limit, in its quantity's unit and to the digits that people are shown: for a maximum of 45 µg/m³ shown
 * with one digit 45.1, for a minimum of 209 V 208.9. Where the limit itself is the breach, its value.
 */
export function firstBreach(limit: LegalLimit): number {
  const { decimals } = QUANTITY_CATALOGUE.get(quantityKey(limit.quantity))!;
  const steps = limitValue(limit) * 10 ** decimals;
  const rounded =
    limit.bound === 'maximum'
      ? limit.edge === 'allowed'
        ? Math.floor(steps + SLACK) + 1
        : Math.ceil(steps - SLACK)
      : limit.edge === 'allowed'
        ? Math.ceil(steps - SLACK) - 1
        : Math.floor(steps + SLACK);
  return rounded / 10 ** decimals;
}

const unitOf = (key: CatalogueKey): string => QUANTITY_CATALOGUE.get(quantityKey(key))!.unit;
