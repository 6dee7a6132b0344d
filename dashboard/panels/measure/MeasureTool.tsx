import { Button } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import { IconX } from '../../components/icons.ts';
import { useLanguage } from '../../i18n/use-language.ts';
import type { CityMap } from '../../map/city-map.ts';
import { createMeasureOverlay } from '../../map/measure-overlay.ts';
import {
  areaOf,
  closed,
  formatArea,
  formatLength,
  lengthOf,
  mayClose,
  NOTHING_MEASURED,
  withoutLast,
  withPlace,
} from '../../state/measuring.ts';
import '../../styles/map-tools.css';

/** As they stand on keyboards. */
const KEYS = { add: 'Enter', undo: '⌫', end: 'Esc' } as const;

/**
 * Measures along places pressed on the map, or, by keyboard, set at the cross in its middle: Enter sets one, Backspace takes the last one back, Escape
 * ends it.
 */
export function MeasureTool({ map, onClose }: { map: CityMap; onClose: () => void }) {
  const { t, language } = useLanguage();
  const [measured, setMeasured] = useState(NOTHING_MEASURED);
  const [overlay] = useState(() =>
    createMeasureOverlay({
      onPlace: (place) => setMeasured((before) => withPlace(before, place)),
      onClose: () => setMeasured(closed),
    }),
  );
  useEffect(() => map.extend(overlay.extension), [map, overlay]);
  useEffect(() => overlay.show(measured), [overlay, measured]);
  const panel = useRef<HTMLElement>(null);
  const close = useRef(onClose);
  close.current = onClose;
  useEffect(() => {
    // The keyboard stays with the map: its arrows move the cross.
    map.focus();
    const onKeyDown = (event: KeyboardEvent) => {
      const at = event.target as HTMLElement;
      const isOnMap = at.tagName === 'CANVAS';
      if (!isOnMap && !panel.current?.contains(at) && at !== document.body) return;
      if (event.key === 'Escape') close.current();
      else if (event.key === 'Backspace') setMeasured(withoutLast);
      else if (event.key === 'Enter' && isOnMap) setMeasured((before) => withPlace(before, map.centre()));
      else return;
      event.preventDefault();
      event.stopPropagation();
    };
    document.addEventListener('keydown', onKeyDown, true);
    return () => document.removeEventListener('keydown', onKeyDown, true);
  }, [map]);
  const area = areaOf(measured);
  const { length } = measured.places;
  return (
    <>
      <span className="measure-cross" aria-hidden="true" />
      <section ref={panel} className="measure" aria-label={t('measure.title')}>
        <header>
          <h2>{t('measure.title')}</h2>
          <button type="button" className="icon-button" aria-label={t('measure.end')} onClick={onClose}>
            <IconX size={16} aria-hidden="true" />
          </button>
        </header>
        <output aria-live="polite">
          {length === 0 ? (
            t('measure.begin')
          ) : (
            <>
              <span>
                {t(area === null ? 'measure.length' : 'measure.round')}{' '}
                <strong>{formatLength(lengthOf(measured), language)}</strong>
              </span>
              {area === null ? null : (
                <span>
                  {t('measure.area')} <strong>{formatArea(area, language)}</strong>
                </span>
              )}
              <span className="secondary small">{t('measure.places', { count: length })}</span>
            </>
          )}
        </output>
        <div className="measure-steps">
          <Button size="xs" variant="default" onClick={() => setMeasured(withPlace(measured, map.centre()))}>
            {t('measure.addCentre')}
          </Button>
          <Button size="xs" variant="default" disabled={length === 0} onClick={() => setMeasured(withoutLast)}>
            {t('measure.undo')}
          </Button>
          <Button size="xs" variant="default" disabled={!mayClose(measured)} onClick={() => setMeasured(closed)}>
            {t('measure.close')}
          </Button>
        </div>
        <p className="secondary small measure-keys">
          <kbd>{KEYS.add}</kbd> {t('measure.keyAdd')} · <kbd>{KEYS.undo}</kbd> {t('measure.keyUndo')} ·{' '}
          <kbd>{KEYS.end}</kbd> {t('measure.keyEnd')}
        </p>
      </section>
    </>
  );
}
