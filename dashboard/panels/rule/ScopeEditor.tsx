import { Button, MultiSelect, Select, TagsInput, Textarea } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import type { Location } from '../../../domain/asset.ts';
import type { AgencyId } from '../../../domain/identifiers.ts';
import type { PointSelection, Position } from '../../../domain/rule.ts';
import { useAgencyChoice } from '../../client/agency-choice.ts';
import { usePlatform } from '../../client/platform.tsx';
import { modelsQuery, sitesQuery } from '../../client/queries.ts';
import { matchingPointsQuery } from '../../client/rule-drafts.ts';
import { useWholeCity } from '../../client/use-city.tsx';
import { useProblemText } from '../../components/States.tsx';
import { useLanguage } from '../../i18n/use-language.ts';
import { formatCount } from '../../state/formatting.ts';
import { contentOf, type RuleDraft } from '../../state/rule-draft.ts';
import { type Area, cornersOf, cornersText } from '../../state/warning-draft.ts';
import { AreaMap } from '../warning/AreaMap.tsx';
import { useWardOutlines } from './use-ward-outlines.ts';

const CORNERS_MOST = 500;
const PAUSE_MS = 250;
const NAMES_SHOWN = 60;

const NO_AREA: Area = { description: { vi: '', en: '' }, outlines: [], circles: [], wards: [] };
const located = (polygon: readonly Position[]): readonly Location[] =>
  polygon.map(([longitude, latitude]) => ({ longitude, latitude }));
const positioned = (corners: readonly Location[]): readonly Position[] =>
  corners.map(({ longitude, latitude }): Position => [longitude, latitude]);

/** What the draft's selection matches; asked for while it is edited, a moment after each edit. */
export function useMatching(draft: RuleDraft, agencyId: AgencyId, isAllowed: boolean) {
  const whole = contentOf(draft)['selection'] as PointSelection;
  // Two corners are no area yet: it is looked for when there is a third.
  const { polygon, ...rest } = whole;
  const selection = polygon !== undefined && polygon.length < 3 ? rest : whole;
  const [asked] = useDebouncedValue(JSON.stringify([agencyId, draft.quantity, selection]), PAUSE_MS);
  const [agency, quantity, wanted] = useMemo(() => JSON.parse(asked) as [AgencyId, string, PointSelection], [asked]);
  return useQuery({ ...matchingPointsQuery(agency, quantity, wanted), enabled: isAllowed });
}

/** Which points the rule watches: by list, site, ward, model or tag, or by an area drawn on the map. What matches is on the map, and counted. */
export function ScopeEditor({
  draft,
  agencyId,
  matching,
  change,
  changeAgency,
}: {
  draft: RuleDraft;
  agencyId: AgencyId;
  matching: ReturnType<typeof useMatching>;
  change?: ((next: RuleDraft) => void) | undefined;
  /** Absent: the rule is its agency's for good. */
  changeAgency?: ((agencyId: AgencyId) => void) | undefined;
}) {
  const { t, language } = useLanguage();
  const { points } = useWholeCity();
  const problemText = useProblemText();
  const [isDrawing, setDrawing] = useState(false);
  const [before, setBefore] = useState<readonly (readonly Position[])[]>([]);
  const setPolygon = (polygon: readonly Position[]) => {
    setBefore([...before.slice(-99), draft.polygon]);
    change?.({ ...draft, polygon });
  };
  const area = useMemo(
    (): Area => ({ ...NO_AREA, outlines: draft.polygon.length === 0 ? [] : [[...located(draft.polygon)]] }),
    [draft.polygon],
  );
  const marks = useMemo((): GeoJSON.FeatureCollection => {
    const matched = new Set(matching.data?.items.map(({ id }) => id));
    return {
      type: 'FeatureCollection',
      features: points
        .filter((point) => point.agencyId === agencyId)
        .filter(({ series }) => draft.quantity === '' || series.some(({ quantity }) => quantity === draft.quantity))
        .map(({ id, location: { longitude, latitude } }) => ({
          type: 'Feature',
          properties: { matched: matched.has(id) },
          geometry: { type: 'Point', coordinates: [longitude, latitude] },
        })),
    };
  }, [points, agencyId, draft.quantity, matching.data]);
  const names = matching.data?.items ?? [];
  return (
    <section className="form" aria-label={t('ruleForm.scope.title')}>
      <AreaMap
        label={t('ruleForm.scope.map')}
        area={area}
        tone="accent"
        marks={marks}
        isDrawing={isDrawing}
        onPlace={({ longitude, latitude }) => {
          if (isDrawing) setPolygon([...draft.polygon, [longitude, latitude]]);
        }}
        {...(change === undefined
          ? {}
          : { onChange: ({ outlines: [corners] }: Area) => setPolygon(positioned(corners ?? [])) })}
      />
      <p role="status" className="rule-count">
        {matching.error
          ? problemText(matching.error)
          : matching.data === undefined
            ? t('ruleForm.scope.counting')
            : t('ruleForm.scope.matching', {
                count: matching.data.count,
                points: formatCount(matching.data.count, language),
              })}
      </p>
      {change === undefined ? null : (
        <>
          <div className="actions">
            <Button size="xs" variant={isDrawing ? 'filled' : 'default'} onClick={() => setDrawing(!isDrawing)}>
              {t(isDrawing ? 'ruleForm.scope.done' : 'ruleForm.scope.draw')}
            </Button>
            <Button
              size="xs"
              variant="default"
              disabled={before.length === 0}
              onClick={() => {
                change({ ...draft, polygon: before.at(-1) ?? [] });
                setBefore(before.slice(0, -1));
              }}
            >
              {t('ruleForm.scope.undo')}
            </Button>
            <Button size="xs" variant="default" disabled={draft.polygon.length === 0} onClick={() => setPolygon([])}>
              {t('ruleForm.scope.clear')}
            </Button>
          </div>
          <p className="small secondary">
            {t(
              isDrawing
                ? 'ruleForm.scope.drawing'
                : draft.polygon.length > 0 && draft.polygon.length < 3
                  ? 'ruleForm.scope.tooFew'
                  : 'ruleForm.scope.hint',
            )}
          </p>
          <ScopeFields draft={draft} agencyId={agencyId} change={change} changeAgency={changeAgency} />
          <CornersField polygon={draft.polygon} onChange={setPolygon} />
        </>
      )}
      {names.length > 0 ? (
        <details>
          <summary>{t('ruleForm.scope.names')}</summary>
          <ul className="rule-names">
            {names.slice(0, NAMES_SHOWN).map(({ id, name }) => (
              <li key={id}>{name[language]}</li>
            ))}
            {names.length > NAMES_SHOWN ? (
              <li className="secondary">{t('ruleForm.scope.more', { count: names.length - NAMES_SHOWN })}</li>
            ) : null}
          </ul>
        </details>
      ) : null}
    </section>
  );
}

function ScopeFields({
  draft,
  agencyId,
  change,
  changeAgency,
}: {
  draft: RuleDraft;
  agencyId: AgencyId;
  change: (next: RuleDraft) => void;
  changeAgency?: ((agencyId: AgencyId) => void) | undefined;
}) {
  const { t, language } = useLanguage();
  const { settings } = usePlatform();
  const { points } = useWholeCity();
  const { choose, agencies } = useAgencyChoice('rules.write');
  const sites = useQuery(sitesQuery);
  const models = useQuery(modelsQuery);
  const outlined = useWardOutlines(settings.map.boundariesUrl);
  const own = points.filter((point) => point.agencyId === agencyId);
  const measured = own.filter(
    ({ series }) => draft.quantity === '' || series.some(({ quantity }) => quantity === draft.quantity),
  );
  const codes = new Set(own.flatMap(({ wardCode }) => (wardCode === null ? [] : [wardCode as string])));
  const served = new Set(own.flatMap(({ devices }) => devices.map(({ modelId }) => modelId as string)));
  const list = (
    field: 'points' | 'sites' | 'models' | 'wards',
    data: readonly { readonly value: string; readonly label: string }[],
  ) => (
    <MultiSelect
      label={t(`ruleForm.scope.${field}`)}
      searchable
      clearable
      clearButtonProps={{ 'aria-label': t('common.clear') }}
      limit={50}
      nothingFoundMessage={t('search.nothing')}
      // What is chosen stays choosable, though it be somebody else's by now.
      data={[
        ...data,
        ...draft[field].filter((id) => !data.some(({ value }) => value === id)).map((id) => ({ value: id, label: id })),
      ]}
      value={[...draft[field]]}
      onChange={(next) => change({ ...draft, [field]: next })}
    />
  );
  return (
    <div className="rule-scope-fields">
      {changeAgency !== undefined && agencies.length > 1 ? (
        <Select
          label={t('alarms.agency')}
          data={[...agencies]}
          value={agencyId}
          allowDeselect={false}
          onChange={(next) => {
            choose(next);
            changeAgency((next ?? agencyId) as AgencyId);
          }}
        />
      ) : null}
      {list(
        'points',
        measured.map(({ id, name }) => ({ value: id as string, label: name[language] })),
      )}
      {list(
        'sites',
        (sites.data ?? [])
          .filter((site) => site.agencyId === agencyId)
          .map(({ id, name }) => ({ value: id as string, label: name[language] })),
      )}
      {list(
        'wards',
        outlined.length > 0
          ? outlined.map(({ code, name }) => ({ value: code, label: name }))
          : [...codes].map((code) => ({ value: code, label: code })),
      )}
      {list(
        'models',
        (models.data?.items ?? [])
          .filter(({ id }) => served.has(id))
          .map(({ id, name }) => ({ value: id as string, label: name })),
      )}
      <TagsInput
        label={t('ruleForm.scope.tags')}
        data={[...new Set(own.flatMap(({ tags }) => tags))].sort()}
        value={[...draft.tags]}
        onChange={(tags) => change({ ...draft, tags })}
      />
    </div>
  );
}

/** Corners as text: for those who have coordinates, and for those who can't point. */
function CornersField({
  polygon,
  onChange,
}: {
  polygon: readonly Position[];
  onChange: (polygon: readonly Position[]) => void;
}) {
  const { t } = useLanguage();
  const [typed, setTyped] = useState<string | null>(null);
  const isWrong = typed !== null && cornersOf(typed) === null;
  return (
    <Textarea
      label={t('ruleForm.scope.corners', { count: polygon.length })}
      description={t('warnings.area.cornersHint')}
      autosize
      minRows={2}
      maxRows={6}
      value={typed ?? cornersText(located(polygon))}
      error={isWrong ? t('warnings.area.cornersWrong') : null}
      onChange={(event) => {
        const text = event.currentTarget.value;
        setTyped(text);
        const corners = cornersOf(text);
        if (corners !== null && corners.length <= CORNERS_MOST) onChange(positioned(corners));
      }}
      onBlur={() => {
        if (!isWrong) setTyped(null);
      }}
    />
  );
}
