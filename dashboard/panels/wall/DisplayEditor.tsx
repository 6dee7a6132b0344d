import { Button, Modal, MultiSelect, NumberInput, SegmentedControl, Select, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { DisplayWire } from '../../../api/contract/displays.ts';
import {
  DISPLAY_THEMES,
  DISPLAY_VIEW_KINDS,
  DISPLAY_VIEWS_MAX,
  type DisplayView,
  VIEW_SECONDS,
} from '../../../domain/display.ts';
import type { AgencyId, PointId } from '../../../domain/identifiers.ts';
import { LANGUAGES } from '../../../domain/localized.ts';
import { MAP_LAYERS } from '../../../domain/map-lines.ts';
import type { QuantityKey } from '../../../domain/quantity.ts';
import { usePlatform } from '../../client/platform.tsx';
import { agenciesQuery } from '../../client/queries.ts';
import { savedViewsQuery } from '../../client/saved-views.ts';
import { agenciesWith } from '../../client/session.ts';
import { useWholeCity } from '../../client/use-city.tsx';
import { useLanguage } from '../../i18n/use-language.ts';
import { type DisplayDraft, missingIn, moved, newDraft, viewOfKind } from '../../state/display-draft.ts';
import { readView } from '../../state/map-address.ts';
import { readLayers } from '../../state/map-layers.ts';

/** Name, scope and rotation of a wall screen, new or known. */
export function DisplayEditor({
  display,
  busy,
  onSave,
  onClose,
}: {
  display: DisplayWire | null;
  busy: boolean;
  /** `agencyId`: who looks after it; of a known one it stays. */
  onSave: (draft: DisplayDraft, agencyId: AgencyId) => void;
  onClose: () => void;
}) {
  const { t, language } = useLanguage();
  const { session } = usePlatform();
  const all = useQuery(agenciesQuery);
  const agencies = agenciesWith(session, 'agency.administer', all.data?.items ?? []);
  const choices = agencies.map(({ id, name }) => ({ value: id as string, label: name[language] }));
  const [draft, setDraft] = useState<DisplayDraft>(
    () => display ?? newDraft(agencies.length === 1 && agencies[0] ? [agencies[0].id] : [], language),
  );
  const change = (part: Partial<DisplayDraft>) => setDraft((known) => ({ ...known, ...part }));
  const setView = (index: number, view: DisplayView) =>
    change({ views: draft.views.map((each, i) => (i === index ? view : each)) });
  const missing = missingIn(draft);
  const owner = display?.agencyId ?? draft.agencies[0];
  return (
    <Modal
      opened
      onClose={onClose}
      size="lg"
      title={t(display === null ? 'displays.add' : 'displays.edit')}
      closeButtonProps={{ 'aria-label': t('common.close') }}
    >
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          const { name, agencies: shown, language: spoken, theme, views } = draft;
          if (missing === null && owner !== undefined)
            onSave({ name: name.trim(), agencies: shown, language: spoken, theme, views }, owner);
        }}
      >
        <TextInput
          label={t('displays.name')}
          placeholder={t('displays.nameExample')}
          maxLength={120}
          data-autofocus
          value={draft.name}
          onChange={(event) => change({ name: event.currentTarget.value })}
        />
        <MultiSelect
          label={t('displays.agencies')}
          description={t('displays.agenciesHint')}
          data={choices}
          value={[...draft.agencies]}
          onChange={(next) => change({ agencies: next as AgencyId[] })}
          clearButtonProps={{ 'aria-label': t('common.clear') }}
        />
        <div className="form-row">
          <SegmentedControl
            aria-label={t('displays.language')}
            data={LANGUAGES.map((each) => ({
              value: each,
              label: t(each === 'vi' ? 'account.languageVi' : 'account.languageEn'),
            }))}
            value={draft.language}
            onChange={(next) => change({ language: next === 'en' ? 'en' : 'vi' })}
          />
          <SegmentedControl
            aria-label={t('displays.theme')}
            data={DISPLAY_THEMES.map((each) => ({ value: each, label: t(`displays.${each}`) }))}
            value={draft.theme}
            onChange={(next) => change({ theme: next === 'light' ? 'light' : 'dark' })}
          />
        </div>
        <fieldset className="bare display-views">
          <legend>{t('displays.views')}</legend>
          {draft.views.map((view, i) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: the pictures are their places
            <div key={i} className="display-view">
              <div className="form-row">
                <Select
                  label={t('displays.picture', { number: i + 1 })}
                  data={DISPLAY_VIEW_KINDS.map((kind) => ({ value: kind, label: t(`wall.view.${kind}`) }))}
                  value={view.kind}
                  allowDeselect={false}
                  onChange={(next) => {
                    const kind = DISPLAY_VIEW_KINDS.find((each) => each === next);
                    if (kind) setView(i, viewOfKind(kind, view.seconds));
                  }}
                />
                <NumberInput
                  label={t('displays.seconds')}
                  min={VIEW_SECONDS.min}
                  max={VIEW_SECONDS.max}
                  allowDecimal={false}
                  value={view.seconds}
                  onChange={(next) => setView(i, { ...view, seconds: Number(next) })}
                />
              </div>
              {view.kind === 'map' ? <MapFields view={view} onChange={(next) => setView(i, next)} /> : null}
              {view.kind === 'chart' ? <ChartFields view={view} onChange={(next) => setView(i, next)} /> : null}
              <div className="display-actions">
                <Button
                  variant="default"
                  disabled={i === 0}
                  onClick={() => change({ views: [...moved(draft.views, i, -1)] })}
                >
                  {t('displays.up')}
                </Button>
                <Button
                  variant="default"
                  disabled={i === draft.views.length - 1}
                  onClick={() => change({ views: [...moved(draft.views, i, 1)] })}
                >
                  {t('displays.down')}
                </Button>
                <Button
                  variant="default"
                  disabled={draft.views.length === 1}
                  onClick={() => change({ views: draft.views.filter((_, at) => at !== i) })}
                >
                  {t('displays.remove')}
                </Button>
              </div>
            </div>
          ))}
          <Button
            variant="default"
            disabled={draft.views.length >= DISPLAY_VIEWS_MAX}
            onClick={() => change({ views: [...draft.views, viewOfKind('alarms', 20)] })}
          >
            {t('displays.addPicture')}
          </Button>
        </fieldset>
        {missing === null ? null : <p className="small secondary">{t(`displays.missing.${missing}`)}</p>}
        <Button type="submit" loading={busy} disabled={missing !== null}>
          {t('common.save')}
        </Button>
      </form>
    </Modal>
  );
}

const WHOLE = 'whole';
/** The whole city, or a look at the map that the administrator has kept under a name, with the layers kept with it; and the layers. */
function MapFields({
  view,
  onChange,
}: {
  view: Extract<DisplayView, { readonly kind: 'map' }>;
  onChange: (next: DisplayView) => void;
}) {
  const { t } = useLanguage();
  const saved = useQuery(savedViewsQuery('map_view'));
  const kept = (saved.data ?? []).flatMap(({ name, content }) => {
    const at = readView(content['view']);
    return at === null ? [] : [{ area: { name, ...at }, layers: readLayers(content['layers']) }];
  });
  const { area, layers } = view;
  // Of what was kept since, or deleted, the screen has its own copy.
  const all = area === null || kept.some((one) => one.area.name === area.name) ? kept : [{ area, layers }, ...kept];
  return (
    <>
      <Select
        label={t('displays.area')}
        description={t('displays.areaHint')}
        data={[
          { value: WHOLE, label: t('wall.wholeCity') },
          ...[...new Set(all.map((one) => one.area.name))].map((name) => ({ value: `area ${name}`, label: name })),
        ]}
        value={area === null ? WHOLE : `area ${area.name}`}
        allowDeselect={false}
        onChange={(next) => onChange({ ...view, area: null, ...all.find((one) => `area ${one.area.name}` === next) })}
      />
      <MultiSelect
        label={t('displays.layers')}
        placeholder={layers.length === 0 ? t('displays.noLayers') : ''}
        data={MAP_LAYERS.map((layer) => ({ value: layer, label: t(`layers.name.${layer}`) }))}
        value={[...layers]}
        onChange={(next) => onChange({ ...view, layers: readLayers(next.join(' ')) })}
        clearButtonProps={{ 'aria-label': t('common.clear') }}
      />
    </>
  );
}

function ChartFields({
  view,
  onChange,
}: {
  view: Extract<DisplayView, { readonly kind: 'chart' }>;
  onChange: (next: DisplayView) => void;
}) {
  const { t, language } = useLanguage();
  const { points, quantities } = useWholeCity();
  const point = points.find(({ id }) => id === view.pointId);
  return (
    <div className="form-row">
      <Select
        searchable
        label={t('displays.point')}
        limit={50}
        data={points.map(({ id, name }) => ({ value: id as string, label: name[language] }))}
        value={view.pointId === '' ? null : view.pointId}
        onChange={(next) => {
          const chosen = points.find(({ id }) => id === next);
          const quantity = chosen?.series[0]?.quantity ?? ('' as QuantityKey);
          onChange({ ...view, pointId: (next ?? '') as PointId, quantity });
        }}
      />
      <Select
        label={t('displays.quantity')}
        data={(point?.series ?? []).map(({ quantity }) => ({
          value: quantity as string,
          label: quantities.get(quantity)?.name[language] ?? quantity,
        }))}
        value={view.quantity === '' ? null : view.quantity}
        allowDeselect={false}
        onChange={(next) => onChange({ ...view, quantity: (next ?? '') as QuantityKey })}
      />
      <NumberInput
        label={t('displays.hours')}
        min={1}
        max={168}
        allowDecimal={false}
        value={view.hours}
        onChange={(next) => onChange({ ...view, hours: Math.min(168, Math.max(1, Number(next))) })}
      />
    </div>
  );
}
