import type { AlarmHealthWire } from '../../../api/contract/alarm-health.ts';
import { HEALTH_TARGETS } from '../../../domain/alarm-health-targets.ts';
import { SEVERITIES } from '../../../domain/rule.ts';
import { useLanguage } from '../../i18n/use-language.ts';
import { figuresOf, type HealthFigure } from '../../state/alarm-health-view.ts';
import { csvOf } from '../../state/csv.ts';

/** A share is written in percent, a length of time in seconds: numbers that a spreadsheet can go on with. */
const plain = ({ value, unit }: Pick<HealthFigure, 'value' | 'unit'>): number | null => {
  if (value === null) return null;
  const scaled = unit === 'share' ? value * 100 : unit === 'duration' ? value / 1000 : value;
  return Math.round(scaled * 1000) / 1000;
};
const UNITS: Readonly<Record<HealthFigure['unit'], string>> = { number: '1', count: '1', share: '%', duration: 's' };
const instantText = (at: number): string => new Date(at).toISOString();

/** Everything the page says, as one table: what, where, value, unit, target, definition. Times are in UTC. */
export function useHealthCsv(): (health: AlarmHealthWire) => string {
  const { t, language } = useLanguage();
  return (health) => {
    type Row = readonly (string | number | null)[];
    const row = (
      section: string,
      item: string,
      value: number | null,
      unit: string,
      rest: {
        readonly from?: number;
        readonly to?: number | null;
        readonly target?: string;
        readonly text?: string;
      } = {},
    ): Row => [
      section,
      item,
      rest.from === undefined ? null : instantText(rest.from),
      rest.to === undefined || rest.to === null ? null : instantText(rest.to),
      value,
      unit,
      rest.target ?? null,
      rest.text ?? null,
    ];
    const span = { from: health.from, to: health.to };
    const sourceName = (source: {
      readonly pointName: AlarmHealthWire['badActors'][number]['pointName'];
      readonly ruleName: AlarmHealthWire['badActors'][number]['ruleName'];
      readonly pointId: string;
      readonly ruleId: string;
    }): string => `${source.pointName?.[language] ?? source.pointId} · ${source.ruleName?.[language] ?? source.ruleId}`;
    return csvOf([
      [
        t('health.csvColumn.section'),
        t('health.csvColumn.item'),
        t('health.csvColumn.from'),
        t('health.csvColumn.to'),
        t('health.csvColumn.value'),
        t('health.csvColumn.unit'),
        t('health.csvColumn.target'),
        t('health.csvColumn.definition'),
      ],
      row(t('health.figures'), t('health.operators'), health.operators, '1', span),
      row(t('health.figures'), t('health.column.activations'), health.activations, '1', span),
      ...figuresOf(health).map((figure) =>
        row(t('health.figures'), t(`health.figure.${figure.name}`), plain(figure), UNITS[figure.unit], {
          ...span,
          target: t(`health.target.${figure.name}`),
          text: t(`health.definition.${figure.name}`),
        }),
      ),
      ...SEVERITIES.map((severity) =>
        row(t('health.severities'), t(`severity.${severity}`), health.bySeverity[severity] ?? 0, '1', {
          ...span,
          target: `${HEALTH_TARGETS.severityShares[severity] * 100} %`,
        }),
      ),
      ...health.floods.items.map((flood) =>
        row(t('health.floods'), t('health.column.activations'), flood.activations, '1', {
          from: flood.from,
          to: flood.to,
        }),
      ),
      ...health.badActors.map((source) =>
        row(t('health.badActors'), sourceName(source), source.activations, '1', span),
      ),
      ...health.chattering.items.map((source) =>
        row(t('health.chattering'), sourceName(source), source.chatters, '1', span),
      ),
      ...health.fleeting.items.map((source) =>
        row(t('health.fleeting'), sourceName(source), source.fleeting, '1', span),
      ),
      ...health.standing.items.map((alarm) =>
        row(t('health.standing'), sourceName(alarm), Math.round((health.to - alarm.at) / 1000), 's', {
          from: alarm.at,
        }),
      ),
      ...health.bars.items
        .filter(({ count }) => count > 0)
        .map(({ at, count }) =>
          row(t('health.overTime'), t('health.column.activations'), count, '1', {
            from: at,
            to: Math.min(at + health.bars.stepMs, health.to),
          }),
        ),
    ]);
  };
}
