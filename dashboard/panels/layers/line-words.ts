import type { MapLineWire } from '../../../api/contract/map-lines.ts';
import type { LineClass } from '../../../domain/map-lines.ts';
import { useCity } from '../../client/use-city.tsx';
import { useValueText } from '../../components/Reading.tsx';
import { useLanguage } from '../../i18n/use-language.ts';
import { formatNumber } from '../../state/formatting.ts';
import type { LineState } from '../../state/line-states.ts';

/** Classes that need no word on the map: they are as it should be. */
const QUIET: ReadonlySet<LineClass> = new Set(['energised', 'supplied', 'dry']);
/** A depth is told in centimetres, as people speak of it. */
const CENTIMETRES = 100;

/** What a line is, in words and figures. */
export function useLineWords() {
  const { t, language } = useLanguage();
  const { quantities } = useCity();
  const valueText = useValueText();
  const classText = (lineClass: LineClass | null): string =>
    lineClass === null ? t('layers.unknown') : t(`layers.class.${lineClass}`);
  /** The reading that decided, with what it is a share of. */
  const readingText = (state: LineState | undefined): string => {
    const reading = state?.reading;
    if (!reading)
      return t(
        `layers.because.${state?.because === 'upstream' || state?.because === 'incident' ? state.because : 'nothing'}`,
      );
    const { value, quantity, percent } = reading;
    if (quantity === 'flood_depth')
      return t('layers.centimetres', { number: formatNumber(value * CENTIMETRES, 0, language) });
    const text = valueText(value, quantities.get(quantity));
    return percent === null ? text : `${text} · ${formatNumber(percent, 0, language)} %`;
  };
  /** What is written along it on the map; `undefined`: nothing. */
  const mapText = ({ layer }: MapLineWire, state: LineState | undefined): string | undefined => {
    const lineClass = state?.lineClass ?? null;
    if (lineClass === null || QUIET.has(lineClass)) return undefined;
    if (layer === 'roads') return lineClass;
    return layer === 'floods' ? readingText(state) : classText(lineClass);
  };
  return { classText, readingText, mapText };
}
