import { z } from 'zod';
import { CLOCK_TIME, type WeeklyHours } from '../../domain/active-times.ts';
import { DOMAINS, type QuantityKey } from '../../domain/quantity.ts';
import { ROLLING_STATISTICS, SEVERITIES } from '../../domain/rule.ts';
import { minutes } from '../../domain/time.ts';
import { EVIDENCE, inForceSchema, sourceSchema } from '../legal-limits/legal-limit.ts';
import { QUANTITY_CATALOGUE } from '../quantities.ts';

const text = z.string().refine((s) => s.trim() === s && s.normalize('NFC') === s && s !== '', 'empty or not NFC');
const localized = z.strictObject({ vi: text, en: text });
const duration = z.number().min(0).transform(minutes);
const share = z.number().min(0).max(1);
const hourOfDay = z.number().int().min(0).max(23);
const weeklyHours = z.strictObject({
  days: z
    .array(z.literal([1, 2, 3, 4, 5, 6, 7]))
    .min(1)
    .readonly(),
  from: z.string().regex(CLOCK_TIME),
  to: z.string().regex(CLOCK_TIME),
}) satisfies z.ZodType<WeeklyHours>;

const sources = z.array(sourceSchema).min(1).readonly();
const levelBase = {
  severity: z.enum(SEVERITIES),
  /** Minutes that the breach must last. */
  hold: duration,
  sources,
  /** The weakest of the sources: a level that is `unverified` waits for a person. */
  evidence: z.enum(EVIDENCE),
};
const limitLevel = z.strictObject({ ...levelBase, limit: z.number() });
const bandLevel = z.strictObject({ ...levelBase, low: z.number(), high: z.number() });
const levelsOf = <T extends z.ZodType>(level: T) => z.array(level).min(1).max(SEVERITIES.length).readonly();

/** What makes the level in the quantity's unit and, as rules have it, breached at the limit itself. */
const breach = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('above'), levels: levelsOf(limitLevel) }),
  z.strictObject({ kind: z.literal('below'), levels: levelsOf(limitLevel) }),
  z.strictObject({ kind: z.literal('outside'), levels: levelsOf(bandLevel) }),
  /** Lower by the limit than the oldest reading of the last `within` minutes. */
  z.strictObject({ kind: z.literal('falling'), within: duration, levels: levelsOf(limitLevel) }),
]);
export type PresetBreach = z.output<typeof breach>;
export type PresetLevel = PresetBreach['levels'][number];

const windowBase = { length: duration, minimumCapture: share };
/** A statistic that rules can judge in place of the reading, but for how often readings come: that is the devices' to say. */
const rollingWindow = z.discriminatedUnion('statistic', [
  z.strictObject({ ...windowBase, statistic: z.enum(ROLLING_STATISTICS).exclude(['percentile']) }),
  z.strictObject({ ...windowBase, statistic: z.literal('percentile'), percentile: z.number().gt(0).max(100) }),
]);
/** A mean of sound levels: by energy, which rules don't know. */
const energyWindow = z.strictObject({ ...windowBase, statistic: z.literal('energy_mean') });

const base = {
  key: z.string().regex(/^[a-z0-9]+([._-][a-z0-9_]+)*$/),
  domain: z.enum(DOMAINS),
  quantity: z.custom<QuantityKey>((key) => QUANTITY_CATALOGUE.has(key as QuantityKey), 'no quantity of the catalogue'),
  name: localized,
  /** What to do, shown with the alarm. */
  advice: localized,
  /** What the officer should know before using it; `null`: nothing. */
  caution: localized.nullable(),
  breach,
  hysteresis: z.number().min(0),
  /** Minutes inside the limit before an alarm clears. */
  clearHold: duration,
  /** Suggested points; ids and tags of the city. */
  selection: z.strictObject({
    points: z.array(z.string()).min(1).readonly().exactOptional(),
    tags: z.array(z.string()).min(1).readonly().exactOptional(),
  }),
  inForce: inForceSchema,
  /** Local hours of the week in which it applies; absent: all hours. */
  weekly: z.array(weeklyHours).min(1).readonly().exactOptional(),
  /** Its alarm at a site says that the site is down: silence of what is behind it is kept quiet. */
  quietsBehind: z.literal(true).exactOptional(),
};

export const rulePresetSchema = z.discriminatedUnion('needs', [
  /** Judges each reading. */
  z.strictObject({ ...base, needs: z.literal('nothing') }),
  /** Judges a statistic of a window, whose readings come at an interval that the draft must be told. */
  z
    .strictObject({ ...base, needs: z.literal('window'), window: rollingWindow })
    .refine(({ breach: { kind } }) => kind !== 'falling', 'a fall is of readings, not of a window'),
  /** Can't be a rule yet: judged otherwise than as it stands it would be wrong. */
  z.strictObject({
    ...base,
    needs: z.literal('energy_window_and_active_hours'),
    window: energyWindow,
    /** Local hours of the clock, [from, to), over midnight where to < from. */
    activeHours: z.strictObject({ from: hourOfDay, to: hourOfDay }),
  }),
]);

/** A legal limit, or several, ready to become a rule that people can change. */
export type RulePreset = z.output<typeof rulePresetSchema>;
export type RulePresetRow = z.input<typeof rulePresetSchema>;
export type PlainPreset = Extract<RulePreset, { needs: 'nothing' }>;
export type WindowedPreset = Extract<RulePreset, { needs: 'window' }>;
/** What rules can judge. */
export type UsablePreset = PlainPreset | WindowedPreset;

export const isUsable = (preset: RulePreset): preset is UsablePreset =>
  preset.needs === 'nothing' || preset.needs === 'window';
