import { Button, Checkbox, Modal, Select, Textarea } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useState } from 'react';
import type { MapPoint } from '../../../api/contract/map.ts';
import type { SeriesId } from '../../../domain/identifiers.ts';
import { epochMs } from '../../../domain/time.ts';
import { useVerdicts, type VerdictDraft } from '../../client/quality.ts';
import { useCity } from '../../client/use-city.tsx';
import { DateField } from '../../components/DateField.tsx';
import { useLanguage } from '../../i18n/use-language.ts';
import { dateField, instantOf } from '../../state/city-dates.ts';

const CHOICES = ['INVALID_DECLARED', 'SUSPECT_DECLARED', 'CALIBRATING', 'GOOD'] as const;

/** Judges a stretch of readings of one or several series of a point; or puts another verdict in the place of one. */
export function VerdictDialog({
  point,
  draft: begun,
  onClose,
}: {
  point: MapPoint;
  draft: VerdictDraft;
  onClose: () => void;
}) {
  const { t, language } = useLanguage();
  const { quantities } = useCity();
  const { busy, give, withdraw } = useVerdicts();
  const [draft, setDraft] = useState(begun);
  const [lastTo, setLastTo] = useState(begun.to);
  const change = (part: Partial<VerdictDraft>) => setDraft((before) => ({ ...before, ...part }));
  const isReversed = draft.to !== null && draft.from >= draft.to;
  const canSend = draft.reason.trim() !== '' && draft.series.length > 0 && !isReversed;

  async function send(): Promise<void> {
    const given = await give({ ...draft, reason: draft.reason.trim() });
    if (given === null) return;
    onClose();
    const id = `verdict-${given[0]?.id}`;
    notifications.show({
      id,
      autoClose: 15_000,
      message: (
        <>
          {t('qualitySpans.given')}{' '}
          {draft.replaces === null ? (
            <button
              type="button"
              className="text-button"
              onClick={() => {
                notifications.hide(id);
                void withdraw(given.map((span) => span.id));
              }}
            >
              {t('qualitySpans.undo')}
            </button>
          ) : null}
        </>
      ),
    });
  }

  return (
    <Modal
      opened
      onClose={onClose}
      title={t(draft.replaces === null ? 'qualitySpans.markTitle' : 'qualitySpans.replaceTitle')}
      closeButtonProps={{ 'aria-label': t('common.close') }}
    >
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          if (canSend) void send();
        }}
      >
        <Select
          label={t('qualitySpans.verdict')}
          description={t(`qualitySpans.meaning.${draft.quality}`)}
          data={CHOICES.map((value) => ({ value, label: t(`qualitySpans.choice.${value}`) }))}
          value={draft.quality}
          onChange={(value) => value && change({ quality: value as VerdictDraft['quality'] })}
          allowDeselect={false}
        />
        {draft.replaces === null ? (
          <Checkbox.Group
            label={t('qualitySpans.series')}
            value={draft.series.map(String)}
            onChange={(values) => change({ series: values.map((value) => Number(value) as SeriesId) })}
          >
            <div className="quality-series">
              {point.series
                .filter(({ computed }) => !computed)
                .map(({ id, quantity }) => (
                  <Checkbox key={id} value={String(id)} label={quantities.get(quantity)?.name[language] ?? quantity} />
                ))}
            </div>
          </Checkbox.Group>
        ) : null}
        <DateField
          kind="moment"
          label={t('qualitySpans.from')}
          value={dateField(epochMs(draft.from))}
          onChange={(next) => change({ from: instantOf(next) ?? draft.from })}
        />
        <DateField
          kind="moment"
          label={t('qualitySpans.to')}
          disabled={draft.to === null}
          error={isReversed ? t('qualitySpans.reversed') : null}
          value={draft.to === null ? '' : dateField(epochMs(draft.to))}
          onChange={(next) => change({ to: instantOf(next) ?? draft.to })}
        />
        <Checkbox
          label={t('qualitySpans.lasting')}
          checked={draft.to === null}
          onChange={(event) => {
            if (event.currentTarget.checked) {
              setLastTo(draft.to);
              change({ to: null });
            } else change({ to: lastTo ?? Date.now() });
          }}
        />
        <Textarea
          label={t('qualitySpans.reason')}
          placeholder={t('qualitySpans.reasonExample')}
          autosize
          minRows={2}
          maxLength={500}
          data-autofocus
          value={draft.reason}
          onChange={(event) => change({ reason: event.currentTarget.value })}
        />
        <p className="secondary small">{t('qualitySpans.rawStay')}</p>
        <Button type="submit" loading={busy} disabled={!canSend}>
          {t(draft.replaces === null ? 'qualitySpans.mark' : 'qualitySpans.replace')}
        </Button>
      </form>
    </Modal>
  );
}
