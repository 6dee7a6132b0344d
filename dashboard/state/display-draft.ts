import type { DisplayWire } from '../../api/contract/displays.ts';
import { DISPLAY_VIEWS_MAX, type DisplayView, VIEW_SECONDS } from '../../domain/display.ts';
import type { PointId } from '../../domain/identifiers.ts';
import type { QuantityKey } from '../../domain/quantity.ts';

/** What an administrator says of a wall screen. */
export type DisplayDraft = Pick<DisplayWire, 'name' | 'agencies' | 'language' | 'theme' | 'views'>;

/** Map, alarms, counters: what every room begins with. */
export const newDraft = (agencies: DisplayDraft['agencies'], language: DisplayDraft['language']): DisplayDraft => ({
  name: '',
  agencies,
  language,
  theme: 'dark',
  views: [
    { kind: 'map', seconds: 30, area: null, layers: [] },
    { kind: 'alarms', seconds: 20 },
    { kind: 'counters', seconds: 10 },
  ],
});

/** A picture of another kind, shown as long as the one before it was. */
export function viewOfKind(kind: DisplayView['kind'], seconds: number): DisplayView {
  switch (kind) {
    case 'map':
      return { kind, seconds, area: null, layers: [] };
    case 'chart':
      return { kind, seconds, pointId: '' as PointId, quantity: '' as QuantityKey, hours: 24 };
    case 'alarms':
    case 'counters':
    case 'air':
      return { kind, seconds };
  }
}

/** What is still missing of a draft; `null`: nothing. */
export function missingIn({
  name,
  agencies,
  views,
}: DisplayDraft): 'name' | 'agencies' | 'views' | 'seconds' | 'chart' | null {
  if (name.trim() === '') return 'name';
  if (agencies.length === 0) return 'agencies';
  if (views.length === 0 || views.length > DISPLAY_VIEWS_MAX) return 'views';
  const { min, max } = VIEW_SECONDS;
  if (views.some(({ seconds }) => !Number.isInteger(seconds) || seconds < min || seconds > max)) return 'seconds';
  return views.some((view) => view.kind === 'chart' && (view.pointId === '' || view.quantity === '')) ? 'chart' : null;
}

/** The picture at `index` one place up or down; the same list where there is no such place. */
export function moved<T>(list: readonly T[], index: number, by: -1 | 1): readonly T[] {
  const [here, there] = [list[index], list[index + by]];
  if (here === undefined || there === undefined) return list;
  return list.map((each, i) => (i === index ? there : i === index + by ? here : each));
}
