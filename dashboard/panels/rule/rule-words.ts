import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { RuleWire } from '../../../api/contract/rules.ts';
import type { AgencyId, PointId } from '../../../domain/identifiers.ts';
import type { QuantityKey } from '../../../domain/quantity.ts';
import { isSelected } from '../../../domain/rule-selection.ts';
import { usePlatform } from '../../client/platform.tsx';
import { modelsQuery, sitesQuery } from '../../client/queries.ts';
import { useWholeCity } from '../../client/use-city.tsx';
import { useLanguage } from '../../i18n/use-language.ts';
import { draftOf, type RuleDraft, ruleOf } from '../../state/rule-draft.ts';
import {
  conditionBrief,
  conditionSentence,
  plainText,
  type SentenceWords,
  scopeText,
} from '../../state/rule-sentence.ts';
import { exactNumber } from '../../state/rule-words.ts';
import { useWardOutlines } from './use-ward-outlines.ts';

/** Names of sites, models and wards are fetched only where a rule lists some. */
export interface NamesNeeded {
  readonly sites: boolean;
  readonly models: boolean;
  readonly wards: boolean;
}
const NONE: NamesNeeded = { sites: false, models: false, wards: false };

/** What a sentence is told with, in the language of the page. */
export function useRuleWords(needed: NamesNeeded = NONE) {
  const { t, language } = useLanguage();
  const { settings } = usePlatform();
  const { quantities, agencyName, pointById } = useWholeCity();
  const sites = useQuery({ ...sitesQuery, enabled: needed.sites });
  const models = useQuery({ ...modelsQuery, enabled: needed.models });
  const wards = useWardOutlines(needed.wards ? settings.map.boundariesUrl : null);
  return useMemo(() => {
    const quantityOf = (key: string) => quantities.get(key as QuantityKey);
    const names = {
      points: (id: string) => pointById.get(id as PointId)?.name[language] ?? id,
      sites: (id: string) => sites.data?.find((site) => site.id === id)?.name[language] ?? id,
      models: (id: string) => models.data?.items.find((model) => model.id === id)?.name ?? id,
      wards: (code: string) => wards.find((ward) => ward.code === code)?.name ?? code,
    };
    const base: Omit<SentenceWords, 'scope'> = {
      t,
      language,
      quantityName: (key) => quantityOf(key)?.name[language] ?? '',
      unitOf: (key) => quantityOf(key)?.unitSymbol ?? '',
      decimalsOf: (key) => quantityOf(key)?.decimals ?? 0,
      stateNamesOf: (key) => quantityOf(key)?.stateNames?.map((name) => name[language]),
    };
    const valueText = (key: string, value: number): string => {
      const unit = base.unitOf(key);
      return `${exactNumber(value, language, base.decimalsOf(key))}${unit === '' ? '' : ` ${unit}`}`;
    };
    const scopeOf = (draft: RuleDraft, agencyId: AgencyId, count: number | null): string =>
      scopeText(draft, count, {
        t,
        agency: agencyName.get(agencyId)?.[language] ?? agencyId,
        point: names.points,
        site: names.sites,
        model: names.models,
        ward: names.wards,
      });
    return { names, valueText, ...base, scopeOf };
  }, [t, language, quantities, agencyName, pointById, sites.data, models.data, wards]);
}

/** The points of the city's map that a draft watches, counted here: for texts, not for judging. `null` while the draft can't be read. */
export function useLocalCount(): (draft: RuleDraft, agencyId: AgencyId) => number | null {
  const { points } = useWholeCity();
  return (draft, agencyId) => {
    const selection = ruleOf(draft)?.selection;
    if (selection === undefined) return null;
    return points.filter(
      (point) =>
        point.agencyId === agencyId &&
        point.series.some(({ quantity }) => quantity === draft.quantity) &&
        isSelected(selection, {
          pointId: point.id,
          siteId: point.siteId,
          agencyId: point.agencyId,
          tags: point.tags,
          location: point.location,
          wardCode: point.wardCode,
          models: point.devices.map(({ modelId }) => modelId),
        }),
    ).length;
  };
}

/** A rule's condition as one sentence. */
export function useRuleText(rules: readonly RuleWire[]): (rule: RuleWire) => string {
  const needed = {
    sites: rules.some(({ selection }) => selection.sites !== undefined),
    models: rules.some(({ selection }) => selection.models !== undefined),
    wards: rules.some(({ selection }) => selection.wards !== undefined),
  };
  const words = useRuleWords(needed);
  const countOf = useLocalCount();
  return (rule) => {
    const draft = draftOf(rule);
    const scope = words.scopeOf(draft, rule.agencyId, countOf(draft, rule.agencyId));
    return plainText(conditionSentence(draft, { ...words, scope }));
  };
}

/** What a rule raises an alarm at, in few words, for lists that tell its quantity and points elsewhere. */
export function useRuleBrief(): (rule: RuleWire) => string {
  const words = useRuleWords();
  return (rule) => conditionBrief(draftOf(rule), words);
}
