import { Button, Checkbox } from '@mantine/core';
import { LIMIT_SIDES, type LimitSide } from '../../../domain/joint-condition.ts';
import type { QuantityKey } from '../../../domain/quantity.ts';
import { SEVERITIES, type Severity } from '../../../domain/rule.ts';
import { useCity } from '../../client/use-city.tsx';
import { useLanguage } from '../../i18n/use-language.ts';
import {
  CONDITION_KINDS,
  hasGrid,
  JOINS,
  type LevelDraft,
  type LimitDraft,
  MEASURES,
  NEIGHBOUR_DIRECTIONS,
  NEIGHBOUR_MEASURES,
  NO_LIMIT,
  type PartDraft,
  RATE_DIRECTIONS,
  type RuleDraft,
  type StatisticDraft,
  takesMeasure,
  withKind,
  withoutPart,
  withPart,
  withQuantity,
} from '../../state/rule-draft.ts';
import type { Slot } from '../../state/rule-sentence.ts';
import { statesBeyond } from '../../state/rule-words.ts';
import { ActiveTimesFields } from './ActiveTimesFields.tsx';
import { ChoiceField, DurationField, Fields, NumberField } from './fields.tsx';

interface Edit {
  readonly draft: RuleDraft;
  readonly change: (next: RuleDraft) => void;
}

/** What stands in the popover of one piece of the sentence. */
export function SlotFields({ slot, draft, change }: Edit & { slot: Slot }) {
  const { t } = useLanguage();
  const edit = { draft, change };
  const set = (next: Partial<RuleDraft>) => change({ ...draft, ...next });
  const level = draft.levels[slot.level ?? -1];
  const setLevel = (next: Partial<LevelDraft>) =>
    set({ levels: draft.levels.map((each, i) => (i === slot.level ? { ...each, ...next } : each)) });
  switch (slot.name) {
    case 'condition':
      return <ConditionFields {...edit} />;
    case 'quantity':
      return <QuantityField value={draft.quantity} onChange={(quantity) => change(withQuantity(draft, quantity))} />;
    case 'measure':
      return draft.kind === 'frozen' ? (
        <WindowFields statistic={draft} change={set} />
      ) : (
        <StatisticFields statistic={draft} change={set} />
      );
    case 'limit': {
      if (level === undefined) return null;
      if (slot.part === undefined)
        return (
          <LimitFields
            limit={level}
            statistic={takesMeasure(draft.kind) ? draft : null}
            side={sideOf(draft)}
            quantity={draft.quantity}
            unit={limitUnit(draft)}
            change={setLevel}
          />
        );
      const part = draft.parts[slot.part];
      const limit = level.limits[slot.part] ?? NO_LIMIT;
      const limits = draft.parts.map((_, i) => level.limits[i] ?? NO_LIMIT);
      return (
        <LimitFields
          limit={limit}
          statistic={part ?? null}
          side={part?.side ?? 'above'}
          quantity={part?.quantity ?? ''}
          change={(next) =>
            setLevel({ limits: limits.map((each, i) => (i === slot.part ? { ...each, ...next } : each)) })
          }
        />
      );
    }
    case 'hold':
      return level === undefined ? null : (
        <DurationField
          label={t(draft.kind === 'no_data' ? 'ruleForm.silence' : 'ruleForm.hold')}
          description={t('ruleForm.holdHint')}
          minutes={level.holdMinutes}
          onChange={(holdMinutes) => setLevel({ holdMinutes })}
        />
      );
    case 'severity':
      return level === undefined ? null : (
        <SeverityFields {...edit} level={level} at={slot.level ?? 0} setLevel={setLevel} />
      );
    case 'points':
      return level === undefined ? null : (
        <NumberField
          label={t('ruleForm.points')}
          min={1}
          value={level.points}
          onChange={(points) => setLevel({ points })}
        />
      );
    case 'part':
      return <PartFields {...edit} at={slot.part ?? 0} />;
    case 'each':
      return <EachFields {...edit} />;
    case 'neighbours':
      return (
        <Fields>
          <NumberField
            label={t('ruleForm.minimumNeighbours')}
            min={1}
            value={draft.minimumNeighbours}
            onChange={(minimumNeighbours) => set({ minimumNeighbours })}
          />
          <NumberField
            label={t('ruleForm.within')}
            unit="km"
            min={0}
            value={draft.withinKm}
            onChange={(withinKm) => set({ withinKm })}
          />
        </Fields>
      );
    case 'hysteresis':
      return <HysteresisField {...edit} />;
    case 'clearHold':
      return (
        <DurationField
          label={t('ruleForm.clearHold')}
          description={t('ruleForm.clearHoldHint')}
          minutes={draft.clearHoldMinutes}
          onChange={(clearHoldMinutes) => set({ clearHoldMinutes })}
        />
      );
    case 'active':
      return <ActiveTimesFields draft={draft} change={set} />;
    case 'suspect':
      return (
        <Checkbox
          label={t('ruleForm.judgeSuspect')}
          checked={draft.judgeSuspect}
          onChange={(event) => set({ judgeSuspect: event.currentTarget.checked })}
        />
      );
    case 'ends':
      return (
        <Checkbox.Group
          label={t('ruleForm.ends')}
          value={[...draft.endsUnacknowledged]}
          onChange={(ends) => set({ endsUnacknowledged: ends as Severity[] })}
        >
          <div className="rule-fields">
            {SEVERITIES.map((severity) => (
              <Checkbox key={severity} value={severity} label={t(`severity.${severity}`)} />
            ))}
          </div>
        </Checkbox.Group>
      );
    case 'quiets':
      return (
        <Checkbox
          label={t('ruleForm.quietsBehind')}
          description={t('ruleForm.quietsBehindHint')}
          checked={draft.quietsBehind}
          onChange={(event) => set({ quietsBehind: event.currentTarget.checked })}
        />
      );
    case 'grid':
      return (
        <Fields>
          <DurationField
            label={t('ruleForm.step')}
            minutes={draft.stepMinutes}
            onChange={(stepMinutes) => set({ stepMinutes })}
          />
          <DurationField
            label={t('ruleForm.age')}
            description={t('ruleForm.ageHint')}
            minutes={draft.ageMinutes}
            onChange={(ageMinutes) => set({ ageMinutes })}
          />
          <DurationField
            label={t('ruleForm.settle')}
            minutes={draft.settleMinutes}
            onChange={(settleMinutes) => set({ settleMinutes })}
          />
        </Fields>
      );
    // Points are chosen beside the map.
    case 'scope':
      return null;
  }
}

const sideOf = ({ kind }: RuleDraft): LimitSide => (kind === 'outside' || kind === 'below' ? kind : 'above');
/** `undefined`: the quantity's own. */
const limitUnit = ({ kind, distanceMeasure }: RuleDraft): string | undefined =>
  kind === 'neighbours' && distanceMeasure === 'percent' ? '%' : undefined;

function useUnit(quantity: string): string {
  return useCity().quantities.get(quantity as QuantityKey)?.unitSymbol ?? '';
}

function useStateNames(quantity: string): readonly string[] | undefined {
  const { language } = useLanguage();
  const { quantities } = useCity();
  return quantities.get(quantity as QuantityKey)?.stateNames?.map((name) => name[language]);
}

/** A limit as the states that are at or beyond it, but for the one that all are. */
function StateField({
  names,
  side,
  limit,
  onChange,
}: {
  names: readonly string[];
  side: 'above' | 'below';
  limit: number | null;
  onChange: (limit: number) => void;
}) {
  const { t } = useLanguage();
  const options = names.flatMap((_, code) => {
    const those = statesBeyond(names, side, code);
    return those.length === names.length ? [] : [{ value: String(code), label: those.join(` ${t('ruleText.or')} `) }];
  });
  const chosen = limit === null ? '' : String(side === 'above' ? Math.ceil(limit) : Math.floor(limit));
  return (
    <ChoiceField
      label={t('ruleForm.state')}
      value={chosen}
      options={options}
      onChange={(code) => onChange(Number(code))}
    />
  );
}

function QuantityField({ value, onChange }: { value: string; onChange: (quantity: string) => void }) {
  const { t, language } = useLanguage();
  const { quantities } = useCity();
  const options = [...quantities.values()]
    .map((quantity) => ({
      value: quantity.key as string,
      label: `${quantity.name[language]}${quantity.unitSymbol === '' ? '' : ` (${quantity.unitSymbol})`}`,
    }))
    .sort((a, b) => a.label.localeCompare(b.label, language));
  return <ChoiceField label={t('alarms.quantity')} searchable value={value} options={options} onChange={onChange} />;
}

function ConditionFields({ draft, change }: Edit) {
  const { t } = useLanguage();
  const set = (next: Partial<RuleDraft>) => change({ ...draft, ...next });
  const { kind } = draft;
  return (
    <Fields>
      <ChoiceField
        label={t('rules.condition')}
        value={kind}
        options={CONDITION_KINDS.map((each) => ({ value: each, label: t(`rules.kind.${each}`) }))}
        onChange={(next) => change(withKind(draft, next))}
      />
      {kind === 'rate_of_change' ? (
        <>
          <ChoiceField
            label={t('ruleForm.direction')}
            value={draft.direction}
            options={RATE_DIRECTIONS.map((each) => ({ value: each, label: t(`ruleForm.directions.${each}`) }))}
            onChange={(direction) => set({ direction })}
          />
          <DurationField
            label={t('ruleForm.window')}
            minutes={draft.windowMinutes}
            onChange={(windowMinutes) => set({ windowMinutes })}
          />
        </>
      ) : null}
      {kind === 'frozen' ? (
        <>
          <ToleranceField draft={draft} change={change} />
          <WindowFields statistic={draft} change={set} />
        </>
      ) : null}
      {kind === 'combination' ? (
        <>
          <ChoiceField
            label={t('ruleForm.join')}
            value={draft.join}
            options={JOINS.map((each) => ({ value: each, label: t(`ruleForm.joins.${each}`) }))}
            onChange={(join) => set({ join })}
          />
          <Button
            variant="default"
            size="xs"
            disabled={draft.parts.length >= 6}
            onClick={() => change(withPart(draft))}
          >
            {t('ruleForm.addPart')}
          </Button>
        </>
      ) : null}
      {kind === 'area_count' ? <SideField value={draft.side} onChange={(side) => set({ side })} /> : null}
      {kind === 'neighbours' ? (
        <>
          <ChoiceField
            label={t('ruleForm.direction')}
            value={draft.neighbourDirection}
            options={NEIGHBOUR_DIRECTIONS.map((each) => ({ value: each, label: t(`ruleForm.directions.${each}`) }))}
            onChange={(neighbourDirection) => set({ neighbourDirection })}
          />
          <ChoiceField
            label={t('ruleForm.distance')}
            value={draft.distanceMeasure}
            options={NEIGHBOUR_MEASURES.map((each) => ({ value: each, label: t(`ruleForm.distances.${each}`) }))}
            onChange={(distanceMeasure) => set({ distanceMeasure })}
          />
        </>
      ) : null}
      {hasGrid(kind) ? <p className="small secondary">{t('ruleForm.jointHint')}</p> : null}
    </Fields>
  );
}

function SideField({ value, onChange }: { value: LimitSide; onChange: (side: LimitSide) => void }) {
  const { t } = useLanguage();
  return (
    <ChoiceField
      label={t('ruleForm.side')}
      value={value}
      options={LIMIT_SIDES.map((each) => ({ value: each, label: t(`rules.kind.${each}`) }))}
      onChange={onChange}
    />
  );
}

function ToleranceField({ draft, change }: Edit) {
  const { t } = useLanguage();
  const unit = useUnit(draft.quantity);
  return (
    <NumberField
      label={t('ruleForm.tolerance')}
      description={t('ruleForm.toleranceHint')}
      unit={unit}
      min={0}
      value={draft.tolerance}
      onChange={(tolerance) => change({ ...draft, tolerance })}
    />
  );
}

function HysteresisField({ draft, change }: Edit) {
  const { t } = useLanguage();
  const unit = useUnit(draft.quantity);
  return (
    <NumberField
      label={t('ruleForm.hysteresis')}
      description={t('ruleForm.hysteresisHint')}
      unit={limitUnit(draft) ?? unit}
      min={0}
      value={draft.hysteresis}
      onChange={(hysteresis) => change({ ...draft, hysteresis })}
    />
  );
}

function StatisticFields({
  statistic,
  change,
}: {
  statistic: StatisticDraft;
  change: (next: Partial<StatisticDraft>) => void;
}) {
  const { t } = useLanguage();
  return (
    <Fields>
      <ChoiceField
        label={t('ruleForm.measure')}
        value={statistic.measure}
        options={MEASURES.map((each) => ({ value: each, label: t(`ruleForm.measures.${each}`) }))}
        onChange={(measure) => change({ measure })}
      />
      {statistic.measure === 'percentile' ? (
        <NumberField
          label={t('ruleForm.percentile')}
          min={0}
          value={statistic.percentile}
          onChange={(percentile) => change({ percentile })}
        />
      ) : null}
      {statistic.measure === 'each' ? null : <WindowFields statistic={statistic} change={change} />}
    </Fields>
  );
}

function WindowFields({
  statistic,
  change,
}: {
  statistic: StatisticDraft;
  change: (next: Partial<StatisticDraft>) => void;
}) {
  const { t } = useLanguage();
  return (
    <Fields>
      <DurationField
        label={t('ruleForm.length')}
        minutes={statistic.windowMinutes}
        onChange={(windowMinutes) => change({ windowMinutes })}
      />
      <DurationField
        label={t('ruleForm.interval')}
        minutes={statistic.intervalMinutes}
        onChange={(intervalMinutes) => change({ intervalMinutes })}
      />
      <NumberField
        label={t('ruleForm.capture')}
        description={t('ruleForm.captureHint')}
        unit="%"
        min={0}
        value={statistic.capturePercent}
        onChange={(capturePercent) => change({ capturePercent })}
      />
    </Fields>
  );
}

function LimitFields({
  limit,
  statistic,
  side,
  quantity,
  unit,
  change,
}: {
  limit: LimitDraft;
  /** What the limit is of; `null`: of no value, but a change or a distance. */
  statistic: StatisticDraft | null;
  side: LimitSide;
  quantity: string;
  unit?: string | undefined;
  change: (next: Partial<LimitDraft>) => void;
}) {
  const { t } = useLanguage();
  const own = useUnit(quantity);
  const states = useStateNames(quantity);
  const shown = unit ?? own;
  if (states !== undefined && statistic?.measure === 'each' && side !== 'outside')
    return <StateField names={states} side={side} limit={limit.limit} onChange={(value) => change({ limit: value })} />;
  if (side !== 'outside')
    return (
      <NumberField
        label={t('ruleForm.limit')}
        unit={shown}
        value={limit.limit}
        onChange={(value) => change({ limit: value })}
      />
    );
  return (
    <Fields>
      <NumberField label={t('ruleForm.low')} unit={shown} value={limit.low} onChange={(low) => change({ low })} />
      <NumberField label={t('ruleForm.high')} unit={shown} value={limit.high} onChange={(high) => change({ high })} />
    </Fields>
  );
}

function EachFields({ draft, change }: Edit) {
  const { t } = useLanguage();
  const set = (next: Partial<RuleDraft>) => change({ ...draft, ...next });
  return (
    <Fields>
      <LimitFields
        limit={draft.each}
        statistic={draft}
        side={draft.side}
        quantity={draft.quantity}
        change={(next) => set({ each: { ...draft.each, ...next } })}
      />
      <HysteresisField draft={draft} change={change} />
      <NumberField
        label={t('ruleForm.heard')}
        description={t('ruleForm.heardHint')}
        unit="%"
        min={0}
        value={draft.heardPercent}
        onChange={(heardPercent) => set({ heardPercent })}
      />
    </Fields>
  );
}

function SeverityFields({
  draft,
  change,
  level,
  at,
  setLevel,
}: Edit & { level: LevelDraft; at: number; setLevel: (next: Partial<LevelDraft>) => void }) {
  const { t } = useLanguage();
  const isTaken = (severity: Severity) => draft.levels.some((other, i) => i !== at && other.severity === severity);
  return (
    <Fields>
      <ChoiceField
        label={t('alarms.column.severity')}
        value={level.severity}
        options={SEVERITIES.map((each) => ({ value: each, label: t(`severity.${each}`), disabled: isTaken(each) }))}
        onChange={(severity) => setLevel({ severity })}
      />
      {draft.levels.length > 1 ? (
        <Button
          variant="default"
          size="xs"
          onClick={() => change({ ...draft, levels: draft.levels.filter((_, i) => i !== at) })}
        >
          {t('ruleForm.removeLevel')}
        </Button>
      ) : null}
    </Fields>
  );
}

function PartFields({ draft, change, at }: Edit & { at: number }) {
  const { t } = useLanguage();
  const part = draft.parts[at];
  const unit = useUnit(part?.quantity ?? '');
  if (part === undefined) return null;
  const set = (next: Partial<PartDraft>) =>
    change({ ...draft, parts: draft.parts.map((each, i) => (i === at ? { ...each, ...next } : each)) });
  return (
    <Fields>
      <QuantityField value={part.quantity} onChange={(quantity) => set({ quantity })} />
      <SideField value={part.side} onChange={(side) => set({ side })} />
      <StatisticFields statistic={part} change={set} />
      <NumberField
        label={t('ruleForm.hysteresis')}
        description={t('ruleForm.hysteresisHint')}
        unit={unit}
        min={0}
        value={part.hysteresis}
        onChange={(hysteresis) => set({ hysteresis })}
      />
      {draft.parts.length > 2 ? (
        <Button variant="default" size="xs" onClick={() => change(withoutPart(draft, at))}>
          {t('ruleForm.removePart')}
        </Button>
      ) : null}
    </Fields>
  );
}
