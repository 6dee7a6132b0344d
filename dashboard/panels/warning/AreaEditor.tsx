import { Button, NumberInput, Select, Textarea } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Location } from '../../../domain/asset.ts';
import type { WardCode } from '../../../domain/identifiers.ts';
import { WARNING_CORNERS_MAX, WARNING_RADIUS_KM_MAX } from '../../../domain/warning/warning-content.ts';
import { usePlatform } from '../../client/platform.tsx';
import { IconTrash } from '../../components/icons.ts';
import { useLanguage } from '../../i18n/use-language.ts';
import { type Area, cornersOf, cornersText, simplifiedOutline, wardOutlines } from '../../state/warning-draft.ts';
import { AreaMap } from './AreaMap.tsx';

/** A new circle is as wide as a neighbourhood. */
const NEW_RADIUS_KM = 2;

/** Where a warning is for: drawn, typed, or taken from a ward. */
export function AreaEditor({ area, onChange }: { area: Area; onChange: (next: Area) => void }) {
  const { t } = useLanguage();
  const [tool, setTool] = useState<'outline' | 'circle' | null>(null);

  function place(at: Location): void {
    if (tool === 'circle') {
      onChange({ ...area, circles: [...area.circles, { centre: at, radiusKm: NEW_RADIUS_KM }] });
      setTool(null);
      return;
    }
    if (tool !== 'outline') return;
    const last = area.outlines.length - 1;
    onChange({
      ...area,
      outlines: area.outlines.map((corners, i) => (i === last ? [...corners, at] : corners)),
    });
  }
  function startOutline(): void {
    onChange({ ...area, outlines: [...area.outlines, []] });
    setTool('outline');
  }
  function endOutline(): void {
    // An outline nobody drew a corner of is none.
    onChange({ ...area, outlines: area.outlines.filter((corners) => corners.length > 0) });
    setTool(null);
  }

  return (
    <section className="form" aria-label={t('warnings.area.title')}>
      <AreaMap
        label={t('warnings.area.map')}
        area={area}
        isDrawing={tool !== null}
        onPlace={place}
        onChange={onChange}
      />
      <div className="actions">
        {tool === 'outline' ? (
          <Button onClick={endOutline}>{t('warnings.area.done')}</Button>
        ) : (
          <Button variant="default" disabled={tool !== null} onClick={startOutline}>
            {t('warnings.area.draw')}
          </Button>
        )}
        <Button
          variant="default"
          disabled={tool === 'outline'}
          onClick={() => setTool(tool === 'circle' ? null : 'circle')}
        >
          {t(tool === 'circle' ? 'common.cancel' : 'warnings.area.addCircle')}
        </Button>
      </div>
      <p className="small secondary" role="status">
        {t(tool === null ? 'warnings.area.hint' : `warnings.area.drawing.${tool}`)}
      </p>
      <WardPick area={area} onChange={onChange} />
      <div className="area-shapes">
        {area.outlines.map((corners, index) => (
          <OutlineFields
            // biome-ignore lint/suspicious/noArrayIndexKey: outlines have no other name than their number
            key={index}
            number={index + 1}
            corners={corners}
            onChange={(next) =>
              onChange({ ...area, outlines: area.outlines.map((each, i) => (i === index ? next : each)) })
            }
            onRemove={() => {
              onChange({ ...area, outlines: area.outlines.filter((_, i) => i !== index) });
              setTool(null);
            }}
          />
        ))}
        {area.circles.map((circle, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: circles have no other name than their number
          <div className="area-shape" key={index}>
            <NumberInput
              label={t('warnings.area.circle', { number: index + 1 })}
              suffix=" km"
              min={0.1}
              max={WARNING_RADIUS_KM_MAX}
              step={0.5}
              decimalScale={2}
              value={circle.radiusKm}
              onChange={(value) => {
                const radiusKm = Number(value);
                if (!(radiusKm > 0)) return;
                onChange({
                  ...area,
                  circles: area.circles.map((each, i) => (i === index ? { ...each, radiusKm } : each)),
                });
              }}
            />
            <Button
              variant="default"
              aria-label={t('warnings.area.removeCircle', { number: index + 1 })}
              onClick={() => onChange({ ...area, circles: area.circles.filter((_, i) => i !== index) })}
            >
              <IconTrash size={16} aria-hidden="true" />
            </Button>
          </div>
        ))}
      </div>
    </section>
  );
}

/** Corners as text: for those who have coordinates, and for those who can't drag. */
function OutlineFields({
  number,
  corners,
  onChange,
  onRemove,
}: {
  number: number;
  corners: readonly Location[];
  onChange: (next: Location[]) => void;
  onRemove: () => void;
}) {
  const { t } = useLanguage();
  const [typed, setTyped] = useState<string | null>(null);
  const written = cornersText(corners);
  const isWrong = typed !== null && cornersOf(typed) === null;
  return (
    <div className="area-shape">
      <Textarea
        label={t('warnings.area.outline', { number, count: corners.length })}
        description={t('warnings.area.cornersHint')}
        autosize
        minRows={2}
        maxRows={6}
        value={typed ?? written}
        error={isWrong ? t('warnings.area.cornersWrong') : null}
        onChange={(event) => {
          const text = event.currentTarget.value;
          setTyped(text);
          const read = cornersOf(text);
          if (read !== null && read.length <= WARNING_CORNERS_MAX) onChange([...read]);
        }}
        onBlur={() => {
          if (!isWrong) setTyped(null);
        }}
      />
      <Button variant="default" aria-label={t('warnings.area.removeOutline', { number })} onClick={onRemove}>
        <IconTrash size={16} aria-hidden="true" />
      </Button>
    </div>
  );
}

/** Adds a ward's own outline, where the site has outlines of its wards. */
function WardPick({ area, onChange }: { area: Area; onChange: (next: Area) => void }) {
  const { t } = useLanguage();
  const { settings } = usePlatform();
  const url = settings.map.boundariesUrl;
  const outlines = useQuery({
    queryKey: ['ward-outlines', url],
    enabled: url !== null,
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: async ({ signal }) => (await (await fetch(url ?? '', { signal })).json()) as GeoJSON.FeatureCollection,
  });
  if (url === null || !outlines.data) return null;
  const wards = outlines.data.features.flatMap(({ properties }) => {
    const code: unknown = properties?.['code'];
    return code === undefined || code === null
      ? []
      : [{ value: String(code), label: String(properties?.['name'] ?? code) }];
  });
  return (
    <Select
      label={t('warnings.area.ward')}
      placeholder={t('warnings.area.wardHint')}
      searchable
      nothingFoundMessage={t('search.nothing')}
      data={[...new Map(wards.map((ward) => [ward.value, ward])).values()]}
      value={null}
      onChange={(code) => {
        if (code === null || !outlines.data) return;
        const added = wardOutlines(outlines.data, code).map((ring) => [
          ...simplifiedOutline(ring, WARNING_CORNERS_MAX / 2),
        ]);
        onChange({
          ...area,
          outlines: [...area.outlines, ...added],
          wards: [...new Set([...area.wards, code as WardCode])],
        });
      }}
    />
  );
}
