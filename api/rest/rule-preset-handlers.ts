import { isUsable, type RulePreset } from '../../config/presets/preset.ts';
import { ruleDraft, windowedRuleDraft } from '../../config/presets/rule-draft.ts';
import { rulePresetsOn } from '../../config/presets/rule-presets.ts';
import { accessOf } from '../../domain/access.ts';
import type { AgencyId, PointId } from '../../domain/identifiers.ts';
import { dateOf, hourOf, type LocalDate, parseLocalDate } from '../../domain/indices/local-hours.ts';
import type { Language } from '../../domain/localized.ts';
import type { QuantityKey } from '../../domain/quantity.ts';
import { type DurationMs, hours, milliseconds } from '../../domain/time.ts';
import { localTimeIn } from '../../domain/time-zone.ts';
import type { RulePresetWire } from '../contract/rule-presets.ts';
import { ApiError, inputRefused } from '../errors.ts';
import type { Handlers } from './handler.ts';
import type { HandlerPorts } from './handler-ports.ts';

/** Where no device says how often it reports. */
const INTERVAL_UNKNOWN = hours(1);

/** Presets of rules as they are in `config/presets/`, and drafts made from them. */
export function rulePresetHandlers(
  ports: HandlerPorts,
): Handlers<'GET /rule-presets' | 'POST /rule-presets/{presetKey}/draft'> {
  const { index, settings, clock } = ports;
  const offset = localTimeIn(settings.timeZone);

  const dayOf = (text: string | undefined, language: Language): LocalDate => {
    if (text === undefined) return dateOf(hourOf(clock(), offset), offset);
    const date = parseLocalDate(text);
    if (date === undefined) throw inputRefused('date', 'refusal.dateUnknown', language);
    return date;
  };
  /** How often the agency's devices report the quantity: the least often, so that no window asks for more than there can be. */
  const intervalAt = (agencyId: AgencyId, quantity: QuantityKey): DurationMs => {
    let longest = 0;
    for (const entry of index.points.values()) {
      if (entry.point.agencyId === agencyId) longest = Math.max(longest, index.intervalOf(quantity, entry) ?? 0);
    }
    return longest > 0 ? milliseconds(longest) : INTERVAL_UNKNOWN;
  };

  return {
    async 'GET /rule-presets'({ query, language }) {
      return { items: rulePresetsOn(dayOf(query.date, language)).map(presetWire) };
    },

    async 'POST /rule-presets/{presetKey}/draft'({ params, body, actor, language }) {
      const preset = rulePresetsOn(dayOf(body.date, language)).find(({ key }) => key === params.presetKey);
      if (preset === undefined) throw new ApiError('NOT_FOUND', { id: params.presetKey });
      const { agencyId, confirmed, interval } = body;
      const { writeAgencies } = accessOf(actor);
      if (writeAgencies !== 'all' && !writeAgencies.includes(agencyId))
        throw new ApiError('NOT_FOUND', { id: agencyId });
      if (!isUsable(preset)) throw inputRefused('presetKey', 'refusal.presetNotUsable', language);
      const draft =
        preset.needs === 'window'
          ? windowedRuleDraft(
              preset,
              { agencyId, confirmed },
              interval === undefined ? intervalAt(agencyId, preset.quantity) : milliseconds(interval),
            )
          : ruleDraft(preset, { agencyId, confirmed });
      if (!draft.ok) throw inputRefused('confirmed', 'refusal.levelsUnconfirmed', language);
      return draft.value;
    },
  };
}

function presetWire(preset: RulePreset): RulePresetWire {
  const { key, domain, quantity, name, advice, caution, breach, hysteresis, clearHold, selection, inForce } = preset;
  return {
    key,
    domain,
    quantity,
    name,
    advice,
    caution,
    usable: isUsable(preset),
    kind: breach.kind,
    within: breach.kind === 'falling' ? breach.within : null,
    levels: [...breach.levels],
    hysteresis,
    clearHold,
    weekly: preset.weekly ?? [],
    quietsBehind: preset.quietsBehind ?? false,
    window: preset.needs === 'nothing' ? null : preset.window,
    points: (selection.points ?? []) as readonly string[] as readonly PointId[],
    tags: selection.tags ?? [],
    inForce,
  };
}
