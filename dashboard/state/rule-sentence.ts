import type { TFunction } from 'i18next';
import type { LimitSide } from '../../domain/joint-condition.ts';
import type { Language } from '../../domain/localized.ts';
import { severityRank } from '../../domain/rule.ts';
import {
  hasGrid,
  hasHysteresis,
  isOfOneSite,
  type LevelDraft,
  type LimitDraft,
  NO_LIMIT,
  type RuleDraft,
  type StatisticDraft,
  takesMeasure,
} from './rule-draft.ts';
import { durationAdjective, exactDuration, exactNumber, hoursText, seasonText, statesBeyond } from './rule-words.ts';

/** What of a rule a piece of its sentence says, and so what is edited there. */
export const SLOTS = [
  'condition',
  'quantity',
  'measure',
  'scope',
  'limit',
  'hold',
  'severity',
  'points',
  'part',
  'each',
  'neighbours',
  'hysteresis',
  'clearHold',
  'active',
  'suspect',
  'ends',
  'quiets',
  'grid',
] as const;
export type SlotName = (typeof SLOTS)[number];
export interface Slot {
  readonly name: SlotName;
  /** Index of the level it belongs to. */
  readonly level?: number;
  /** Index of the part of a combination. */
  readonly part?: number;
}
/** A name for the slot that no other slot of the sentence has. */
export const slotKey = ({ name, level, part }: Slot): string => [name, level ?? '', part ?? ''].join('.');

export interface Piece {
  readonly text: string;
  /** `null`: only words between. */
  readonly slot: Slot | null;
}
export type Sentence = readonly Piece[];

/** What the sentence can't know by itself. */
export interface SentenceWords {
  readonly t: TFunction;
  readonly language: Language;
  /** Empty for one that isn't known. */
  readonly quantityName: (key: string) => string;
  readonly unitOf: (key: string) => string;
  /** Digits after the decimal sign, at least. */
  readonly decimalsOf: (key: string) => number;
  /** What its codes 0, 1, … are called; `undefined`: a number that says itself. */
  readonly stateNamesOf: (key: string) => readonly string[] | undefined;
  /** Which points, in words: {@link scopeText}. */
  readonly scope: string;
}

/** What stands where nothing has been filled in. */
export const GAP = '…';

/** Around the number of a slot, inside a text that a catalogue has put in order. Of no script, and typed by nobody. */
const OPEN = '\uE000';
const CLOSE = '\uE001';

/** Texts with slots in them, in whatever order the language wants. */
class Weaver {
  readonly #slots: Piece[] = [];

  slot(slot: Slot, text: string): string {
    this.#slots.push({ slot, text });
    return `${OPEN}${this.#slots.length - 1}${CLOSE}`;
  }
  woven(text: string): Sentence {
    return text.split(/(\uE000\d+\uE001)/).flatMap((piece): Piece[] => {
      if (piece === '') return [];
      if (!piece.startsWith(OPEN)) return [{ text: piece, slot: null }];
      const slot = this.#slots[Number(piece.slice(1, -1))];
      return slot === undefined ? [] : [slot];
    });
  }
}

/** The sentence without its seams. */
export const plainText = (sentence: Sentence): string => sentence.map(({ text }) => text).join('');

/** When the rule raises what: one sentence with a clause for each level, the mildest first. */
export function conditionSentence(draft: RuleDraft, words: SentenceWords): Sentence {
  return new RuleTeller(draft, words).condition();
}
/** What it raises an alarm at, without its quantity and points, the worst level first: for lists that have columns for those. */
export function conditionBrief(draft: RuleDraft, words: Omit<SentenceWords, 'scope'>): string {
  return new RuleTeller(draft, { ...words, scope: '' }).brief();
}
/** When it clears and applies, and how readings count: a sentence each. */
export function furtherSentences(draft: RuleDraft, words: SentenceWords): readonly Sentence[] {
  return new RuleTeller(draft, words).further();
}

const SIGNS = { above: '≥', below: '≤' } as const;

class RuleTeller {
  readonly #draft: RuleDraft;
  readonly #words: SentenceWords;
  readonly #weaver = new Weaver();

  constructor(draft: RuleDraft, words: SentenceWords) {
    this.#draft = draft;
    this.#words = words;
  }

  condition(): Sentence {
    const { t } = this.#words;
    const levels = this.#draft.levels
      .map((level, at) => [level, at] as const)
      .sort(([a], [b]) => severityRank(b.severity) - severityRank(a.severity))
      .map(([level, at], place) => this.#level(level, at, place > 0));
    return this.#weaver.woven(
      t(this.#draft.kind === 'area_count' ? 'ruleText.sentenceAmong' : 'ruleText.sentence', {
        lead: this.#lead(),
        levels: levels.join('; '),
      }),
    );
  }

  brief(): string {
    const levels = [...this.#draft.levels].sort((a, b) => severityRank(a.severity) - severityRank(b.severity));
    return levels
      .map((level) => {
        const { holdMinutes } = level;
        const hold = holdMinutes === 0 ? '' : ` ${this.#holdText(holdMinutes, this.#draft.kind)}`;
        return `${this.#briefLevel(level)}${hold}`;
      })
      .join('; ');
  }

  #briefLevel(level: LevelDraft): string {
    const { t } = this.#words;
    const draft = this.#draft;
    const { kind } = draft;
    switch (kind) {
      case 'above':
      case 'below':
      case 'outside':
        return this.#briefLimit(draft, level, kind, draft.quantity);
      case 'rate_of_change':
        return `${this.#rateText()} ${this.#valueText(level.limit, draft.quantity)}`;
      case 'frozen':
        return this.#frozenText();
      case 'no_data':
        return t('ruleText.silence');
      case 'combination':
        return draft.parts
          .map(({ quantity, side, ...statistic }, part) => {
            const limit = this.#briefLimit(statistic, level.limits[part] ?? NO_LIMIT, side, quantity);
            return `${this.#words.quantityName(quantity)} ${limit}`;
          })
          .join(` ${draft.join === 'all' ? t('ruleText.and') : t('ruleText.or')} `);
      case 'area_count':
        return t('ruleText.brief.among', {
          limit: this.#briefLimit(draft, draft.each, draft.side, draft.quantity),
          points: t('ruleText.points', { number: this.#numberText(level.points) }),
        });
      case 'neighbours':
        return t('ruleText.brief.neighbours', {
          relation: t(`ruleText.distance.${draft.neighbourDirection}`),
          limit: this.#distanceText(level.limit),
        });
    }
  }
  #briefLimit(statistic: StatisticDraft, limit: LimitDraft, side: LimitSide, quantity: string): string {
    const { relation, limit: text } = this.#breach(statistic, limit, side, quantity);
    if (relation === 'is') return text;
    const breach =
      relation === 'outside' ? this.#words.t('ruleText.brief.outside', { band: text }) : `${SIGNS[relation]} ${text}`;
    return statistic.measure === 'each' ? breach : `${this.#measureText(statistic)} ${breach}`;
  }

  further(): readonly Sentence[] {
    const { t } = this.#words;
    const draft = this.#draft;
    const slot = (name: SlotName, text: string) => this.#weaver.slot({ name }, text);
    const clearHold = slot('clearHold', this.#holdText(draft.clearHoldMinutes));
    const texts = [
      hasHysteresis(draft.kind)
        ? t('ruleText.clears', { hysteresis: slot('hysteresis', this.#hysteresisText()), clearHold })
        : t('ruleText.clearsOtherwise', { clearHold }),
      t('ruleText.applies', { active: slot('active', this.#activeText()) }),
      ...(draft.kind === 'frozen' || (takesMeasure(draft.kind) && draft.measure !== 'each')
        ? [t('ruleText.captures', { capture: slot('measure', this.#captureText(draft)) })]
        : []),
      t('ruleText.suspect', {
        suspect: slot('suspect', t(draft.judgeSuspect ? 'ruleText.suspectJudged' : 'ruleText.suspectLeftOut')),
      }),
      t('ruleText.ends', { ends: slot('ends', this.#endsText()) }),
      ...(isOfOneSite(draft.kind)
        ? [
            t('ruleText.quiets', {
              quiets: slot('quiets', t(draft.quietsBehind ? 'ruleText.quietsBehind' : 'ruleText.quietsNothing')),
            }),
          ]
        : []),
      ...(hasGrid(draft.kind) ? [t('ruleText.grid', { grid: slot('grid', this.#gridText()) })] : []),
    ];
    return texts.map((text) => this.#weaver.woven(text));
  }

  #lead(): string {
    const { t, quantityName, scope: scopeWords } = this.#words;
    const draft = this.#draft;
    const slot = (name: SlotName, text: string) => this.#weaver.slot({ name }, text);
    const quantity = slot('quantity', quantityName(draft.quantity) || t('ruleText.someQuantity'));
    const scope = slot('scope', scopeWords);
    const each = this.#breach(draft, draft.each, draft.side, draft.quantity);
    switch (draft.kind) {
      case 'above':
      case 'below':
      case 'outside':
        return t('ruleText.lead.series', { measure: slot('measure', this.#measureText(draft)), quantity, scope });
      case 'rate_of_change':
        return t('ruleText.lead.rate_of_change', { quantity, scope });
      case 'frozen':
        return t('ruleText.lead.frozen', { quantity, scope, frozen: slot('condition', this.#frozenText()) });
      case 'no_data':
        return t('ruleText.lead.no_data', { quantity, scope, silence: slot('condition', t('ruleText.silence')) });
      case 'combination':
        return t('ruleText.lead.combination', {
          scope,
          join: slot('condition', t(`ruleText.join.${draft.join}`, { count: draft.parts.length })),
        });
      case 'area_count':
        return t('ruleText.lead.area_count', {
          scope,
          quantity,
          measure: slot('measure', this.#measureText(draft)),
          relation: slot('condition', t(`ruleText.relation.${each.relation}`)),
          limit: slot('each', each.limit),
        });
      case 'neighbours':
        return t('ruleText.lead.neighbours', {
          scope,
          quantity,
          relation: slot('condition', t(`ruleText.distance.${draft.neighbourDirection}`)),
          neighbours: slot(
            'neighbours',
            t('ruleText.neighbours', {
              count: draft.minimumNeighbours ?? 0,
              distance: this.#numberText(draft.withinKm),
            }),
          ),
        });
    }
  }

  #level(level: LevelDraft, at: number, isNext: boolean): string {
    const { t } = this.#words;
    const draft = this.#draft;
    const slot = (name: SlotName, text: string) => this.#weaver.slot({ name, level: at }, text);
    const { kind } = draft;
    const severity = slot('severity', t(`ruleText.severity.${level.severity}`));
    const raised = { severity, hold: slot('hold', this.#holdText(level.holdMinutes, kind)) };
    const told = (what: string) => t('ruleText.level', { what, ...raised });
    const breached = (relation: string, limit: string) =>
      t(isNext ? 'ruleText.breachNext' : 'ruleText.breach', {
        relation: slot('condition', relation),
        limit: slot('limit', limit),
      });
    switch (kind) {
      case 'above':
      case 'below':
      case 'outside': {
        const { relation, limit } = this.#breach(draft, level, kind, draft.quantity);
        return told(breached(t(`ruleText.relation.${relation}`), limit));
      }
      case 'rate_of_change':
        return told(breached(this.#rateText(), this.#valueText(level.limit, draft.quantity)));
      case 'frozen':
      case 'no_data':
        return t('ruleText.levelSilent', raised);
      case 'combination': {
        const joint = draft.join === 'all' ? t('ruleText.and') : t('ruleText.or');
        const parts = draft.parts.map(({ quantity, side, ...statistic }, part) => {
          const name = this.#words.quantityName(quantity) || t('ruleText.someQuantity');
          const { relation, limit } = this.#breach(statistic, level.limits[part] ?? NO_LIMIT, side, quantity);
          const what = t(`ruleText.part.${relation}`, { measure: this.#measureText(statistic), quantity: name });
          return t('ruleText.partLimit', {
            part: this.#weaver.slot({ name: 'part', level: at, part }, what),
            limit: this.#weaver.slot({ name: 'limit', level: at, part }, limit),
          });
        });
        return told(parts.length === 0 ? GAP : parts.join(` ${joint} `));
      }
      case 'area_count': {
        const points = slot('points', t('ruleText.points', { number: this.#numberText(level.points) }));
        return told(isNext ? t('ruleText.atPointsNext', { points }) : points);
      }
      case 'neighbours': {
        return told(t('ruleText.byAtLeast', { limit: slot('limit', this.#distanceText(level.limit)) }));
      }
    }
  }

  #numberText(value: number | null): string {
    return value === null ? GAP : exactNumber(value, this.#words.language);
  }
  #valueText(value: number | null, quantity: string): string {
    const { language, unitOf, decimalsOf } = this.#words;
    if (value === null) return GAP;
    const unit = unitOf(quantity);
    return `${exactNumber(value, language, decimalsOf(quantity))}${unit === '' ? '' : ` ${unit}`}`;
  }
  /** How far from the neighbours. */
  #distanceText(distance: number | null): string {
    const { distanceMeasure, quantity } = this.#draft;
    return distanceMeasure === 'percent' ? `${this.#numberText(distance)} %` : this.#valueText(distance, quantity);
  }
  #durationText(minutes: number | null): string {
    return minutes === null ? GAP : exactDuration(minutes, this.#words.language);
  }

  #measureText({ measure, percentile, windowMinutes }: StatisticDraft): string {
    const { t, language } = this.#words;
    const window =
      windowMinutes === null ? GAP : (measure === 'mean' ? durationAdjective : exactDuration)(windowMinutes, language);
    return t(`ruleText.measure.${measure}`, { window, percentile: this.#numberText(percentile) });
  }
  #captureText({ capturePercent, intervalMinutes }: StatisticDraft): string {
    return this.#words.t('ruleText.capture', {
      percent: this.#numberText(capturePercent),
      interval: this.#durationText(intervalMinutes),
    });
  }
  /** What breaks a limit: to be one of some states where they have names, else a side of it. Of a mean of states only the number says something. */
  #breach(
    { measure }: StatisticDraft,
    limit: LimitDraft,
    side: LimitSide,
    quantity: string,
  ): { readonly relation: LimitSide | 'is'; readonly limit: string } {
    const names = measure === 'each' ? this.#words.stateNamesOf(quantity) : undefined;
    const states =
      names === undefined || side === 'outside' || limit.limit === null ? [] : statesBeyond(names, side, limit.limit);
    return states.length > 0
      ? { relation: 'is', limit: states.join(` ${this.#words.t('ruleText.or')} `) }
      : { relation: side, limit: this.#limitText(limit, side, quantity) };
  }
  #limitText({ limit, low, high }: LimitDraft, side: LimitSide, quantity: string): string {
    if (side !== 'outside') return this.#valueText(limit, quantity);
    return this.#words.t('ruleText.band', {
      low: low === null ? GAP : exactNumber(low, this.#words.language, this.#words.decimalsOf(quantity)),
      high: this.#valueText(high, quantity),
    });
  }
  /** Stillness already lasts its window, so that its hold is added to that. */
  #holdText(minutes: number | null, kind: RuleDraft['kind'] = 'above'): string {
    const { t } = this.#words;
    if (minutes === 0) return t(kind === 'frozen' ? 'ruleText.holdNoMore' : 'ruleText.holdOnce');
    const duration = this.#durationText(minutes);
    return t(kind === 'frozen' ? 'ruleText.holdMore' : 'ruleText.hold', { duration });
  }
  #rateText(): string {
    const { direction, windowMinutes } = this.#draft;
    return this.#words.t(`ruleText.rate.${direction}`, { window: this.#durationText(windowMinutes) });
  }
  #frozenText(): string {
    const { tolerance, windowMinutes, quantity } = this.#draft;
    const window = this.#durationText(windowMinutes);
    return tolerance === 0
      ? this.#words.t('ruleText.stands', { window })
      : this.#words.t('ruleText.moves', { tolerance: this.#valueText(tolerance, quantity), window });
  }
  #hysteresisText(): string {
    const { hysteresis, quantity, kind, distanceMeasure } = this.#draft;
    const { t } = this.#words;
    if (hysteresis === 0) return t('ruleText.theLimit');
    const isPercent = kind === 'neighbours' && distanceMeasure === 'percent';
    const by = isPercent ? `${this.#numberText(hysteresis)} %` : this.#valueText(hysteresis, quantity);
    return t('ruleText.theLimitBy', { by });
  }
  #activeText(): string {
    const { t, language } = this.#words;
    const { weekly, seasons } = this.#draft;
    const hours = weekly.map((each) => hoursText(each, language)).join('; ');
    const dates = seasons.map((each) => seasonText(each, language)).join('; ');
    if (weekly.length === 0 && seasons.length === 0) return t('ruleText.always');
    if (weekly.length === 0) return t('ruleText.inSeasons', { dates });
    return seasons.length === 0 ? t('ruleText.atHours', { hours }) : t('ruleText.atHoursInSeasons', { hours, dates });
  }
  #endsText(): string {
    const { t } = this.#words;
    const { endsUnacknowledged } = this.#draft;
    if (endsUnacknowledged.length === 0) return t('ruleText.endsNone');
    const severities = endsUnacknowledged.map((severity) => t(`ruleText.severity.${severity}`)).join(', ');
    return t('ruleText.endsSome', { severities });
  }
  #gridText(): string {
    const { stepMinutes, ageMinutes, settleMinutes } = this.#draft;
    return this.#words.t('ruleText.gridTimes', {
      step: this.#durationText(stepMinutes),
      age: this.#durationText(ageMinutes),
      settle: this.#durationText(settleMinutes),
    });
  }
}

/** Names of what a selection lists, in the reader's language. */
export interface ScopeNames {
  readonly t: TFunction;
  readonly agency: string;
  readonly point: (id: string) => string;
  readonly site: (id: string) => string;
  readonly model: (id: string) => string;
  readonly ward: (code: string) => string;
}
/** Names that are said before the rest is only counted. */
const NAMED_MOST = 2;

type ScopeDraft = Pick<RuleDraft, 'kind' | 'points' | 'sites' | 'tags' | 'models' | 'wards' | 'polygon'>;

/** Which points a rule watches: `any of 14 points in the drawn area`. `count`: how many it matches; `null` while that is not known. */
export function scopeText(draft: ScopeDraft, count: number | null, names: ScopeNames): string {
  const { t } = names;
  const [only] = draft.points;
  if (draft.points.length === 1 && only !== undefined && draft.kind !== 'area_count') return names.point(only);
  const named = (list: readonly string[], name: (id: string) => string): string => {
    const said = list.slice(0, NAMED_MOST).map(name).join(', ');
    return list.length > NAMED_MOST ? t('ruleText.andMore', { said, count: list.length - NAMED_MOST }) : said;
  };
  const where = [
    ...(draft.sites.length > 0 ? [t('ruleText.atSites', { sites: named(draft.sites, names.site) })] : []),
    ...(draft.wards.length > 0 ? [t('ruleText.inWards', { wards: named(draft.wards, names.ward) })] : []),
    ...(draft.polygon.length > 0 ? [t('ruleText.inArea')] : []),
    ...(draft.models.length > 0 ? [t('ruleText.ofModels', { models: named(draft.models, names.model) })] : []),
    ...(draft.tags.length > 0 ? [t('ruleText.tagged', { tags: draft.tags.join(', ') })] : []),
  ];
  const owned = draft.points.length > 0 || where.length > 0 ? '' : t('ruleText.ofAgency', { agency: names.agency });
  const points =
    count === null
      ? t('ruleText.somePoints')
      : draft.kind === 'area_count'
        ? t('ruleText.countedPoints', { count })
        : t('ruleText.anyPoint', { count });
  return [points, ...where, owned].filter((each) => each !== '').join(' ');
}
