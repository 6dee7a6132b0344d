import type { LocalDate } from '../../domain/indices/local-hours.ts';
import { isInForce } from '../legal-limits/legal-limit.ts';
import { AIR_PRESETS } from './air.ts';
import { NOISE_PRESETS } from './noise.ts';
import { POWER_PRESETS } from './power.ts';
import { isUsable, type RulePreset, type UsablePreset } from './preset.ts';
import { STORM_PRESETS } from './storm.ts';
import { SURFACE_WATER_PRESETS } from './surface-water.ts';
import { TRAFFIC_PRESETS } from './traffic.ts';
import { WATER_SUPPLY_PRESETS } from './water-supply.ts';

/** All presets, of all times. A key may come twice, for limits that follow one another. */
export const RULE_PRESETS: readonly RulePreset[] = [
  ...AIR_PRESETS,
  ...NOISE_PRESETS,
  ...SURFACE_WATER_PRESETS,
  ...WATER_SUPPLY_PRESETS,
  ...POWER_PRESETS,
  ...STORM_PRESETS,
  ...TRAFFIC_PRESETS,
];

/** The presets whose limits hold on a day; each key once. */
export const rulePresetsOn = (date: LocalDate): readonly RulePreset[] =>
  RULE_PRESETS.filter(({ inForce }) => isInForce(inForce, date));

/** Those of them that rules can judge. */
export const usablePresetsOn = (date: LocalDate): readonly UsablePreset[] => rulePresetsOn(date).filter(isUsable);
