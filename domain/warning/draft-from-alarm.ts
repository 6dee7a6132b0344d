import type { Alarm } from '../alarm.ts';
import type { Location, Point } from '../asset.ts';
import type { WardCode } from '../identifiers.ts';
import { LANGUAGES, type Language, type Localized } from '../localized.ts';
import { type Domain, type Quantity, stateName, unitSymbolIn } from '../quantity.ts';
import type { Severity } from '../rule.ts';
import { after, type EpochMs, hours } from '../time.ts';
import type { CapCategory, CapCertainty, CapResponseType, CapSeverity, CapUrgency } from './cap.ts';
import type { WarningArea, WarningContent } from './warning.ts';

/** Around a measurement point, when the rule says no area: what a person then corrects on the map. */
export const AREA_AROUND_POINT_KM = 2;
/** A draft's end, from now: long enough for one tide or one afternoon, and a person may change it. */
export const DRAFT_LASTS = hours(6);

/**
 * An alarm's severity is how it matters to operators; how much it threatens people is for a person to say. The draft therefore stays
 * below `Extreme`, which CAP keeps for extraordinary threats to life.
 */
const SEVERITY: Readonly<Record<Severity, CapSeverity>> = {
  critical: 'Severe',
  major: 'Moderate',
  minor: 'Minor',
  notice: 'Minor',
};
const URGENCY: Readonly<Record<Severity, CapUrgency>> = {
  critical: 'Immediate',
  major: 'Immediate',
  minor: 'Expected',
  notice: 'Expected',
};
/** Floods are Met, pollution Env with Health for the advice (the reference's choice). */
const CATEGORIES: Readonly<Record<Domain, readonly CapCategory[]>> = {
  traffic: ['Transport'],
  water: ['Met'],
  power: ['Infra'],
  environment: ['Env', 'Health'],
};
const RESPONSES: Readonly<Record<Domain, readonly CapResponseType[]>> = {
  traffic: ['Avoid'],
  water: ['Prepare', 'Monitor'],
  power: ['Monitor'],
  environment: ['Avoid', 'Monitor'],
};

/** What a draft needs to know of an alarm besides the alarm. */
export interface AlarmFacts {
  readonly alarm: Alarm;
  readonly point: Pick<Point, 'name' | 'location' | 'wardCode' | 'domain'>;
  /** Of the rule; `null` when it is known no more. */
  readonly rule: { readonly name: Localized; readonly advice: Localized | null } | null;
  /** The area the rule was drawn over, if it was: corners in order. */
  readonly ruleOutline: readonly Location[] | null;
  readonly ruleWards: readonly WardCode[];
  readonly quantity: Pick<Quantity, 'name' | 'unitSymbol' | 'localUnitSymbol' | 'stateNames'> & {
    readonly key: string;
  };
}

const formatted = (value: number, language: Language): string =>
  new Intl.NumberFormat(language === 'vi' ? 'vi-VN' : 'en-GB', { maximumFractionDigits: 2 }).format(value);
const both = (text: (language: Language) => string): Localized =>
  Object.fromEntries(LANGUAGES.map((language) => [language, text(language)])) as Localized;

function areaOf({ point, ruleOutline, ruleWards }: AlarmFacts): WarningArea {
  const wards = ruleWards.length > 0 ? ruleWards : point.wardCode === null ? [] : [point.wardCode];
  if (ruleOutline !== null) return { description: point.name, outlines: [ruleOutline], circles: [], wards };
  return {
    description: both((language) =>
      language === 'vi'
        ? `Khu vực quanh ${point.name.vi}, bán kính ${AREA_AROUND_POINT_KM} km`
        : `Around ${point.name.en}, within ${AREA_AROUND_POINT_KM} km`,
    ),
    outlines: [],
    circles: [{ centre: point.location, radiusKm: AREA_AROUND_POINT_KM }],
    wards,
  };
}

/** A draft with what the platform knows of the alarm; the words about what people should do come from the rule's advice, if it has any. */
export function draftFromAlarm(facts: AlarmFacts, now: EpochMs): WarningContent {
  const { alarm, point, rule, quantity } = facts;
  const what = rule?.name ?? quantity.name;
  const worst = alarm.worstValue ?? alarm.lastValue ?? alarm.triggerValue;
  const isSeen = !alarm.onSuspectData;
  const certainty: CapCertainty = isSeen ? 'Observed' : 'Likely';
  const state = worst === null ? undefined : stateName(quantity, worst);
  const figure = (language: Language): string =>
    state?.[language] ??
    (worst === null ? '' : `${formatted(worst, language)} ${unitSymbolIn(quantity, language)}`.trim());
  const limit = (language: Language): string =>
    alarm.limit === null || state !== undefined
      ? ''
      : `${formatted(alarm.limit, language)} ${unitSymbolIn(quantity, language)}`.trim();
  return {
    event: what,
    headline: both((language) =>
      language === 'vi' ? `${what.vi} tại ${point.name.vi}` : `${what.en} at ${point.name.en}`,
    ),
    description: both((language) => {
      const [value, bound] = [figure(language), limit(language)];
      if (value === '') return '';
      if (state !== undefined) return `${quantity.name[language]}: ${value}.`;
      if (language === 'vi') return `${quantity.name.vi} đo được ${value}${bound === '' ? '' : `, ngưỡng ${bound}`}.`;
      return `${quantity.name.en} measured at ${value}${bound === '' ? '' : `, the limit is ${bound}`}.`;
    }),
    instruction: rule?.advice ?? { vi: '', en: '' },
    categories: CATEGORIES[point.domain],
    responseTypes: RESPONSES[point.domain],
    urgency: alarm.condition === 'cleared' ? 'Past' : URGENCY[alarm.severity],
    severity: SEVERITY[alarm.severity],
    certainty,
    onset: alarm.startedAt,
    expires: after(now, DRAFT_LASTS),
    area: areaOf(facts),
    contact: '',
    parameters: worst === null ? [] : [{ valueName: quantity.key, value: String(worst) }],
  };
}
