import { Button, Modal, NumberInput, Select } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { DeviceModelWire, DeviceWire } from '../../../api/contract/assets.ts';
import type { ClaimWindowWire } from '../../../api/contract/device-life.ts';
import type { DeviceId } from '../../../domain/identifiers.ts';
import {
  LABEL_FORMATS,
  LABEL_LAYOUTS,
  type LabelFormat,
  labelsPerSheet,
  sheetsFor,
} from '../../../domain/label-layout.ts';
import { LANGUAGES, type Language } from '../../../domain/localized.ts';
import { saveFile } from '../../client/download.ts';
import { callForBytes } from '../../client/http.ts';
import { useServerNow } from '../../client/platform.tsx';
import { claimWindowsQuery, colleaguesQuery, labelPrintsQuery } from '../../client/queries.ts';
import { DateField } from '../../components/DateField.tsx';
import { useProblemText } from '../../components/States.tsx';
import { useLanguage } from '../../i18n/use-language.ts';
import { formatCount, formatDateTime } from '../../state/formatting.ts';
import { claimTimes, dayOf, labelState, labelStillWorks } from '../../state/label-printing.ts';
import { SheetPreview } from './SheetPreview.tsx';

/** Labels of one order; the server takes no more. */
const LABELS_AT_ONCE = 500;
const OPEN_FOR_MS = 90 * 86_400_000;

/** How the chosen devices' labels are printed, what that does to labels there are, and what was printed before. */
export function PrintLabels({
  devices,
  modelOf,
  windowOf,
  onPrinted,
}: {
  devices: readonly DeviceWire[];
  modelOf: ReadonlyMap<string, Pick<DeviceModelWire, 'maker' | 'name'>>;
  windowOf: ReadonlyMap<DeviceId, ClaimWindowWire>;
  onPrinted: (ids: readonly DeviceId[]) => void;
}) {
  const { t, language } = useLanguage();
  const queries = useQueryClient();
  const problemText = useProblemText();
  const now = useServerNow();
  const [format, setFormat] = useState<LabelFormat>('a4-3x7');
  const [start, setStart] = useState(0);
  const [firstDay, setFirstDay] = useState(() => dayOf(now));
  const [lastDay, setLastDay] = useState(() => dayOf(now + OPEN_FOR_MS));
  const [labelLanguage, setLabelLanguage] = useState<Language>('vi');
  const [isActual, setIsActual] = useState(false);
  const [isAsking, setIsAsking] = useState(false);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);

  const layout = LABEL_LAYOUTS[format];
  const skip = Math.min(start, labelsPerSheet(layout) - 1);
  const printed = devices.slice(0, LABELS_AT_ONCE);
  const times = claimTimes(firstDay, lastDay, now);
  const inStock = printed.filter(({ state }) => state === 'in_stock');
  const dying = inStock.filter(({ id }) => labelStillWorks(labelState(windowOf.get(id), now))).length;
  const withoutCode = printed.length - inStock.length;
  const counted = (count: number) => ({ count, shown: formatCount(count, language) });
  const previewed = printed.slice(0, labelsPerSheet(layout)).map(({ id, modelId, serialNumber, state }) => {
    const model = modelOf.get(modelId);
    // As it is printed: what stands on the housing, in the maker's words.
    const make = model ? `${model.maker} ${model.name}` : modelId;
    return { id, model: make, serial: serialNumber, hasCode: state === 'in_stock' };
  });

  async function print(): Promise<void> {
    if (times === null) return;
    setIsAsking(false);
    setBusy(true);
    setProblem(null);
    const deviceIds = printed.map(({ id }) => id);
    try {
      const body = { deviceIds, format, skip, language: labelLanguage, ...times };
      const bytes = await callForBytes('POST /device-labels', { body: body as never });
      saveFile(bytes as Uint8Array<ArrayBuffer>, 'device-labels.pdf', 'application/pdf');
      notifications.show({ message: t('labels.printed', counted(deviceIds.length)) });
      await Promise.all(
        [claimWindowsQuery.queryKey, labelPrintsQuery.queryKey].map((queryKey) =>
          queries.invalidateQueries({ queryKey }),
        ),
      );
      onPrinted(deviceIds);
    } catch (error) {
      setProblem(problemText(error));
    } finally {
      setBusy(false);
    }
  }

  return (
    <aside className="panel labels-panel" aria-label={t('labels.title')}>
      <div className="panel-body form">
        <Select
          label={t('labels.sheet')}
          data={LABEL_FORMATS.map((each) => ({ value: each, label: t(`labels.format.${each}`) }))}
          value={format}
          allowDeselect={false}
          onChange={(value) => setFormat(LABEL_FORMATS.find((each) => each === value) ?? 'a4-3x7')}
        />
        {labelsPerSheet(layout) > 1 ? (
          <NumberInput
            label={t('labels.start')}
            description={t('labels.startHint')}
            min={1}
            max={labelsPerSheet(layout)}
            clampBehavior="strict"
            allowDecimal={false}
            value={skip + 1}
            onChange={(value) => setStart(Math.max(0, Number(value) - 1))}
          />
        ) : null}
        <SheetPreview layout={layout} labels={previewed} skip={skip} onStart={setStart} />
        <button type="button" className="text-button" onClick={() => setIsActual(true)}>
          {t('labels.actualSize')}
        </button>
        <div className="form-row">
          <DateField kind="day" label={t('labels.from')} value={firstDay} onChange={(next) => setFirstDay(next)} />
          <DateField kind="day" label={t('labels.to')} value={lastDay} onChange={(next) => setLastDay(next)} />
        </div>
        <p className="secondary small">{t('labels.windowHint')}</p>
        {times === null ? (
          <p className="form-problem" role="alert">
            {t('labels.windowWrong')}
          </p>
        ) : null}
        <Select
          label={t('labels.language')}
          data={[
            { value: 'vi', label: t('account.languageVi') },
            { value: 'en', label: t('account.languageEn') },
          ]}
          value={labelLanguage}
          allowDeselect={false}
          onChange={(value) => setLabelLanguage(LANGUAGES.find((each) => each === value) ?? 'vi')}
        />
        {devices.length > LABELS_AT_ONCE ? (
          <p role="note">{t('labels.tooMany', { limit: formatCount(LABELS_AT_ONCE, language) })}</p>
        ) : null}
        {dying > 0 ? (
          <p className="label-warning" role="note">
            {t('labels.kills', counted(dying))}
          </p>
        ) : null}
        {withoutCode > 0 ? (
          <p className="secondary small" role="note">
            {t('labels.withoutCode', counted(withoutCode))}
          </p>
        ) : null}
        {problem ? (
          <p className="form-problem" role="alert">
            {problem}
          </p>
        ) : null}
        <Button
          loading={busy}
          disabled={printed.length === 0 || times === null}
          onClick={() => (dying > 0 ? setIsAsking(true) : void print())}
        >
          {t('labels.print')}
        </Button>
        {printed.length > 0 ? (
          <p className="secondary small">
            {t('labels.sheets', {
              count: sheetsFor(layout, printed.length, skip),
              labels: formatCount(printed.length, language),
              sheets: formatCount(sheetsFor(layout, printed.length, skip), language),
            })}
          </p>
        ) : null}
        <PrintHistory />
      </div>
      <Modal
        opened={isActual}
        onClose={() => setIsActual(false)}
        size="auto"
        title={t('labels.preview')}
        closeButtonProps={{ 'aria-label': t('common.close') }}
      >
        <p className="secondary small">{t('labels.actualSizeHint')}</p>
        <SheetPreview layout={layout} labels={previewed} skip={skip} actual />
      </Modal>
      <Modal
        opened={isAsking}
        onClose={() => setIsAsking(false)}
        title={t('labels.confirmTitle')}
        closeButtonProps={{ 'aria-label': t('common.close') }}
      >
        <div className="form">
          <p>{t('labels.kills', counted(dying))}</p>
          <Button color="red" onClick={() => void print()}>
            {t('labels.confirm')}
          </Button>
        </div>
      </Modal>
    </aside>
  );
}

function PrintHistory() {
  const { t, language } = useLanguage();
  const prints = useQuery(labelPrintsQuery);
  const colleagues = useQuery(colleaguesQuery);
  const nameOf = (id: string | null) => colleagues.data?.items.find((each) => each.id === id)?.displayName ?? id ?? '';
  const items = prints.data?.items ?? [];
  const counted = (count: number) => ({ count, shown: formatCount(count, language) });
  return (
    <section>
      <h2 className="section-title">{t('labels.history')}</h2>
      {items.length === 0 ? <p className="secondary small">{prints.isPending ? '' : t('labels.noHistory')}</p> : null}
      <ul className="history">
        {items.map((print) => (
          <li key={print.id}>
            <p>
              {t('labels.count', counted(print.deviceIds.length))} · {t('labels.codes', counted(print.codes))}
            </p>
            <p className="secondary small truncate">{print.deviceIds.join(', ')}</p>
            <p className="secondary small">
              {formatDateTime(print.printedAt, language)} · {nameOf(print.printedBy)}
            </p>
          </li>
        ))}
      </ul>
    </section>
  );
}
