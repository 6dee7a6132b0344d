import { type PublishedIndex, publishedIndices } from '../../config/indices/published.ts';
import { type Actor, accessOf } from '../../domain/access.ts';
import { categoryOf } from '../../domain/indices/index-category.ts';
import { inputsOf } from '../../domain/indices/index-definition.ts';
import { dayReport, hourReport, type IndexReport } from '../../domain/indices/index-report.ts';
import { indexStationOf } from '../../domain/indices/index-station.ts';
import {
  endOfDay,
  hoursNeeded,
  lastHourOver,
  type MeansByQuantity,
  SETTLING_TIME,
} from '../../domain/indices/index-values.ts';
import { dateOf, type HourEnd, hoursBefore, type LocalDate } from '../../domain/indices/local-hours.ts';
import { storedHours } from '../../domain/indices/stored-hours.ts';
import { before } from '../../domain/time.ts';
import { localTimeIn } from '../../domain/time-zone.ts';
import { maySee } from '../../domain/visibility.ts';
import type { IndexReportWire, PointIndexWire } from '../contract/indices.ts';
import { ApiError } from '../errors.ts';
import type { Handlers } from './handler.ts';
import type { HandlerPorts } from './handler-ports.ts';

/** Verdicts count in an index for everyone who may see the readings it is made of. */
const INDEX_READER: Actor = { kind: 'system', name: 'indices' };

/** The indices of points, worked out anew by the same way as those that are kept: with all that they were made from. */
export function indexHandlers(ports: HandlerPorts): Handlers<'GET /indices' | 'GET /points/{pointId}/indices'> {
  const { registry, store, index: city, queries, settings, clock } = ports;
  const offset = localTimeIn(settings.timeZone);
  const published = publishedIndices(offset);
  const stored = {
    store,
    verdictsOn: (...[series, from, to]: Parameters<Parameters<typeof storedHours>[0]['verdictsOn']>) =>
      registry.as(INDEX_READER).qualitySpans.list({ series, from, to }),
  };

  return {
    async 'GET /indices'() {
      return {
        items: published.map((each) => ({
          key: each.key,
          kind: each.kind,
          name: each.name,
          source: each.source,
          hourly: each.kind === 'noise' ? null : each.hourly,
          daily: each.kind === 'water' ? null : each.daily,
          inputs: [...new Set(inputsOf(each))],
          categories: each.categories,
        })),
      };
    },

    async 'GET /points/{pointId}/indices'({ params, query, actor }) {
      const entry = city.points.get(params.pointId);
      if (entry === undefined || !maySee(accessOf(actor), entry.point))
        throw new ApiError('NOT_FOUND', { id: params.pointId });
      const station = indexStationOf(entry.point, published, (quantity) => city.intervalOf(quantity, entry));
      if (station === undefined) return { point: params.pointId, items: [] };
      const hour = lastHourOver(query.at ?? before(clock(), SETTLING_TIME), offset);
      const own = published.filter((each) => station.definitions.includes(each));
      const wanted = own.map((each) => ({ each, date: lastDayOver(each, hour) }));
      const needed = wanted.flatMap(
        ({ each, date }) => hoursNeeded(each, { hours: [hour], dates: date === null ? [] : [date] }) ?? [],
      );
      const from = Math.min(...needed.map((span) => span.from)) as HourEnd;
      const to = Math.max(...needed.map((span) => span.to)) as HourEnd;
      const found = await queries.run(() => storedHours(stored, [...station.sources.values()], from, to));
      const means: MeansByQuantity = new Map(
        [...station.sources].map(([quantity, { series }]) => [quantity, found.get(series) ?? new Map()]),
      );
      const items = wanted.map(
        ({ each, date }): PointIndexWire => ({
          index: each.key,
          hourly: reportWire(each, hourReport(each, means, hour)),
          daily: reportWire(each, date === null ? null : dayReport(each, means, date)),
        }),
      );
      return { point: params.pointId, items };
    },
  };

  /** The last day of the index that is over at the end of `hour`; `null` where it has no days. */
  function lastDayOver(each: PublishedIndex, hour: HourEnd): LocalDate | null {
    if (each.kind === 'water') return null;
    for (let back = 0; ; back += 24) {
      const date = dateOf(hoursBefore(hour, back), offset);
      if (endOfDay(each, date) <= hour) return date;
    }
  }
}

const reportWire = ({ categories }: PublishedIndex, report: IndexReport | null): IndexReportWire | null =>
  report === null
    ? null
    : ({
        ...report,
        category: report.value === null || categories.length === 0 ? null : categoryOf(categories, report.value).key,
      } as IndexReportWire);
