import { useMemo, useState } from 'react';
import type { MapLineWire } from '../../../api/contract/map-lines.ts';
import type { Location } from '../../../domain/asset.ts';
import { isLineLayer, LINE_CLASSES, type LineLayer, type MapLayer } from '../../../domain/map-lines.ts';
import { useMapLines } from '../../client/map-lines.ts';
import { useServerNow } from '../../client/platform.tsx';
import { IconX } from '../../components/icons.ts';
import { ListLoading } from '../../components/Loading.tsx';
import { Empty, Failure } from '../../components/States.tsx';
import { VirtualGrid } from '../../components/VirtualGrid.tsx';
import { useLanguage } from '../../i18n/use-language.ts';
import type { MapBounds } from '../../map/city-map.ts';
import { lineLooks, unknownLook } from '../../map/line-style.ts';
import type { MapTheme } from '../../map/overlay-layers.ts';
import { formatAge } from '../../state/formatting.ts';
import { classRank } from '../../state/line-states.ts';
import { useLineWords } from './line-words.ts';
import '../../styles/layers.css';

/** The lines of the layers as a list, worst first: for those who use a keyboard or a screen reader, and for looking one up. */
export function LayersTable({
  theme,
  layers,
  bounds,
  agency,
  onOpen,
  onClose,
}: {
  theme: MapTheme;
  layers: readonly MapLayer[];
  bounds: MapBounds | null;
  agency: string | null;
  onOpen: (pointNumber: number | null, at: Location) => void;
  onClose: () => void;
}) {
  const { t, language } = useLanguage();
  const lineLayers = useMemo(() => layers.filter(isLineLayer), [layers]);
  const { lines, states, isLoading, error, retry } = useMapLines(lineLayers, bounds);
  const [chosen, setChosen] = useState<LineLayer | null>(null);
  const now = useServerNow();
  const { classText, readingText } = useLineWords();
  const one = chosen !== null && lineLayers.includes(chosen) ? chosen : null;
  const rows = useMemo(() => {
    const { compare } = new Intl.Collator(language);
    // Unknown comes after what is wrong, before what is as it should be.
    const weight = ({ id, layer }: MapLineWire): number => {
      const rank = classRank(layer, states.get(id)?.lineClass ?? null);
      return rank < 0 ? 0.01 : rank / (LINE_CLASSES[layer].length - 1);
    };
    return lines
      .filter((line) => (agency === null || line.agencyId === agency) && (one === null || line.layer === one))
      .sort((a, b) => weight(b) - weight(a) || compare(a.name[language], b.name[language]));
  }, [lines, states, one, agency, language]);
  const looks = lineLooks(theme);
  return (
    <>
      <header className="panel-header">
        <div className="panel-header-text">
          <h2 className="panel-title">{t('layers.tableTitle')}</h2>
          <p className="secondary small">{t('layers.tableCount', { count: rows.length })}</p>
        </div>
        <button type="button" className="icon-button" aria-label={t('common.close')} onClick={onClose}>
          <IconX size={18} aria-hidden="true" />
        </button>
      </header>
      {lineLayers.length > 1 ? (
        <fieldset className="bare layers-table-choice" aria-label={t('layers.which')}>
          {[null, ...lineLayers].map((layer) => (
            <button
              key={layer ?? 'all'}
              type="button"
              className="chip"
              aria-pressed={one === layer}
              onClick={() => setChosen(layer)}
            >
              {layer === null ? t('layers.all') : t(`layers.name.${layer}`)}
            </button>
          ))}
        </fieldset>
      ) : null}
      {isLoading ? (
        <ListLoading what={t('layers.loading')} rows={12} />
      ) : error ? (
        <Failure error={error} retry={retry} />
      ) : rows.length === 0 ? (
        <Empty title={t('layers.tableEmpty')} hint={t('layers.tableEmptyHint')} />
      ) : (
        <VirtualGrid
          label={t('layers.tableTitle')}
          items={rows}
          keyOf={({ id }) => id}
          rowHeight={48}
          phoneRowHeight={56}
          withHeader={false}
          onOpen={({ point, path }) => {
            const [longitude, latitude] = path[path.length >> 1] ?? [0, 0];
            onOpen(point, { longitude, latitude });
          }}
          columns={[
            {
              key: 'line',
              header: t('layers.line'),
              width: 'minmax(0, 1fr)',
              cell: (line) => {
                const state = states.get(line.id);
                const lineClass = state?.lineClass ?? null;
                const look = (lineClass === null ? undefined : looks[line.layer][lineClass]) ?? unknownLook(theme);
                return (
                  <span className="view-row">
                    <svg width="22" height="22" aria-hidden="true">
                      <line
                        x1="2"
                        x2="20"
                        y1="11"
                        y2="11"
                        stroke={look.colour}
                        strokeWidth={Math.max(3, look.width)}
                        strokeDasharray={lineClass === null ? '4 3' : undefined}
                      />
                    </svg>
                    <span className="view-row-text">
                      <span className="truncate">{line.name[language]}</span>
                      <span className="small truncate">
                        {classText(lineClass)}
                        <span className="secondary">
                          {' · '}
                          {readingText(state)}
                          {state?.reading ? ` · ${formatAge(now - state.reading.at, language)}` : ''}
                        </span>
                      </span>
                    </span>
                  </span>
                );
              },
            },
          ]}
        />
      )}
    </>
  );
}
