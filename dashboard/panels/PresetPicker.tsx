import { Button, Checkbox, Modal, Select } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useMemo, useState } from 'react';
import type { MapPoint } from '../../api/contract/map.ts';
import type { PresetLevelWire, RulePresetWire } from '../../api/contract/rule-presets.ts';
import type { AgencyId, RuleId } from '../../domain/identifiers.ts';
import type { Severity } from '../../domain/rule.ts';
import { useAgencyChoice } from '../client/agency-choice.ts';
import { call } from '../client/http.ts';
import { rulePresetsQuery } from '../client/queries.ts';
import { useCity, useWholeCity } from '../client/use-city.tsx';
import { ListLoading } from '../components/Loading.tsx';
import { useValueText } from '../components/Reading.tsx';
import { SearchField } from '../components/SearchField.tsx';
import { Empty, Failure, useProblemText } from '../components/States.tsx';
import { useLanguage } from '../i18n/use-language.ts';
import { formatDuration } from '../state/formatting.ts';
import { hoursText } from '../state/rule-words.ts';
import { foldText, matchRank } from '../state/text-search.ts';
import { StateMark } from '../symbols/Symbols.tsx';
import '../styles/indices.css';

/** Called with the draft that was made of a preset. */
type OnDraft = (ruleId: RuleId, presetKey: string) => void;

/** Limits in force today, each number with its source: one press makes a draft of a rule, to be changed and switched on. */
export function PresetPicker({ onClose, onDraft }: { onClose: () => void; onDraft: OnDraft }) {
  const { t, language } = useLanguage();
  const { points, quantities } = useWholeCity();
  const presets = useQuery(rulePresetsQuery);
  const {
    agency: owner,
    choose,
    agencies,
  } = useAgencyChoice('rules.write', {
    likeliest: (ids) => agencyThatMeasuresMost(ids, points, presets.data?.items ?? []),
  });
  const [text, setText] = useState('');

  const measured = useMemo(
    () =>
      new Set(
        points.filter(({ agencyId }) => agencyId === owner).flatMap(({ series }) => series.map((s) => s.quantity)),
      ),
    [points, owner],
  );
  const wanted = foldText(text.trim());
  // What the agency measures comes first; the rest is there all the same.
  const shown = (presets.data?.items ?? [])
    .filter(
      ({ name, quantity }) =>
        wanted === '' ||
        matchRank(foldText(`${name[language]} ${quantities.get(quantity)?.name[language] ?? ''}`), wanted) !== null,
    )
    .sort((a, b) => Number(measured.has(b.quantity)) - Number(measured.has(a.quantity)));

  return (
    <Modal
      opened
      onClose={onClose}
      size="xl"
      title={t('presets.title')}
      closeButtonProps={{ 'aria-label': t('common.close') }}
    >
      <div className="preset-list">
        {agencies.length > 1 ? (
          <Select
            label={t('alarms.agency')}
            data={[...agencies]}
            value={owner}
            onChange={choose}
            allowDeselect={false}
          />
        ) : null}
        <SearchField value={text} label={t('presets.search')} onChange={setText} />
        {presets.isPending ? (
          <ListLoading what={t('presets.loading')} />
        ) : presets.error ? (
          <Failure error={presets.error} retry={() => void presets.refetch()} />
        ) : shown.length === 0 ? (
          <Empty title={t('presets.none')} hint={t('alarms.emptyFilterHint')} />
        ) : (
          shown.map((preset) => <Preset key={preset.key} preset={preset} owner={owner} onDraft={onDraft} />)
        )}
      </div>
    </Modal>
  );
}

/** Whom most limits concern: of several agencies the one that most likely is meant. */
function agencyThatMeasuresMost(
  agencies: readonly AgencyId[],
  points: readonly MapPoint[],
  presets: readonly RulePresetWire[],
): AgencyId | null {
  const measuredBy = (id: AgencyId): number => {
    const measured = new Set(
      points.filter(({ agencyId }) => agencyId === id).flatMap(({ series }) => series.map((s) => s.quantity)),
    );
    return presets.filter(({ quantity }) => measured.has(quantity)).length;
  };
  return [...agencies].sort((a, b) => measuredBy(b) - measuredBy(a))[0] ?? null;
}

function Preset({ preset, owner, onDraft }: { preset: RulePresetWire; owner: AgencyId | null; onDraft: OnDraft }) {
  const { t, language } = useLanguage();
  const problemText = useProblemText();
  const [confirmed, setConfirmed] = useState<readonly Severity[]>([]);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  async function make(agencyId: AgencyId): Promise<void> {
    setBusy(true);
    setProblem(null);
    try {
      const { agencyId: owned, ...content } = await call('POST /rule-presets/{presetKey}/draft', {
        params: { presetKey: preset.key },
        body: { agencyId, confirmed: [...confirmed] },
      });
      const draft = await call('POST /rule-drafts', { body: { agencyId: owned, content } });
      onDraft(draft.ruleId, preset.key);
    } catch (error) {
      setProblem(problemText(error));
    } finally {
      setBusy(false);
    }
  }
  const { window } = preset;
  return (
    <article className="preset" aria-label={preset.name[language]}>
      <div>
        <h3>{preset.name[language]}</h3>
        {window ? (
          <p className="secondary small">
            {t(`presets.window.${window.statistic}`, { length: formatDuration(window.length, language) })}
          </p>
        ) : null}
      </div>
      {preset.usable ? (
        <Button size="xs" loading={busy} disabled={owner === null} onClick={() => owner && void make(owner)}>
          {t('presets.make')}
        </Button>
      ) : (
        <span className="secondary small">{t('presets.notUsable')}</span>
      )}
      <Levels
        preset={preset}
        action={(level) =>
          level.evidence === 'unverified' && preset.usable ? (
            <Checkbox
              size="xs"
              label={t('presets.confirm')}
              checked={confirmed.includes(level.severity)}
              onChange={(event) =>
                setConfirmed(
                  event.currentTarget.checked
                    ? [...confirmed, level.severity]
                    : confirmed.filter((each) => each !== level.severity),
                )
              }
            />
          ) : null
        }
      />
      {preset.weekly.length > 0 ? (
        <p className="secondary small preset-caution">
          {t('ruleText.applies', {
            active: t('ruleText.atHours', {
              hours: preset.weekly.map((each) => hoursText(each, language)).join('; '),
            }),
          })}
        </p>
      ) : null}
      {preset.quietsBehind ? <p className="secondary small preset-caution">{t('presets.quietsBehind')}</p> : null}
      {preset.caution ? <p className="secondary small preset-caution">{preset.caution[language]}</p> : null}
      {problem ? (
        <p className="form-problem preset-caution" role="alert">
          {problem}
        </p>
      ) : null}
    </article>
  );
}

/** Each limit with the clause it is written in, and how surely we know it. */
function Levels({ preset, action }: { preset: RulePresetWire; action?: (level: PresetLevelWire) => ReactNode }) {
  const { t, language } = useLanguage();
  const { quantities } = useCity();
  const valueText = useValueText();
  const quantity = quantities.get(preset.quantity);
  const limitText = (level: PresetLevelWire): string =>
    preset.within !== null && 'limit' in level
      ? t('presets.falling', {
          limit: valueText(level.limit, quantity),
          length: formatDuration(preset.within, language),
        })
      : 'limit' in level
        ? `${preset.kind === 'below' ? '≤' : '≥'} ${valueText(level.limit, quantity)}`
        : `≤ ${valueText(level.low, quantity)} / ≥ ${valueText(level.high, quantity)}`;
  return (
    <ul className="preset-levels">
      {preset.levels.map((level) => (
        <li key={level.severity}>
          <StateMark state={level.severity} size={14} />
          <span>{limitText(level)}</span>
          <span className="secondary small">
            {level.sources.map(({ document, clause }) => `${document}, ${clause}`).join('; ')} ·{' '}
            {t(`presets.evidence.${level.evidence}`)}
            {action?.(level)}
          </span>
        </li>
      ))}
    </ul>
  );
}

/** Stands over the rule made from the preset, so that what is changed is changed knowingly. */
export function PresetSources({ preset }: { preset: RulePresetWire }) {
  const { t, language } = useLanguage();
  return (
    <section className="preset-source" aria-label={t('presets.sources')}>
      <p>{t('presets.from', { name: preset.name[language] })}</p>
      <Levels preset={preset} />
      {preset.caution ? <p className="secondary small">{preset.caution[language]}</p> : null}
    </section>
  );
}
