import type { AlarmWire } from '../../api/contract/alarms.ts';
import type { AgencyId, AlarmId, PointId, RuleId, SeriesId, SiteId } from '../../domain/identifiers.ts';
import type { QuantityKey } from '../../domain/quantity.ts';
import { type EpochMs, epochMs } from '../../domain/time.ts';

/** For tests: an open critical alarm on a water level, with what the test is about laid over it. */
export function anAlarm(
  over: Omit<Partial<AlarmWire>, 'id' | 'pointId'> & { id?: string; pointId?: string } = {},
): AlarmWire {
  const { id = 'rule:1:1000', pointId = 'point-1', ...rest } = over;
  const startedAt: EpochMs = rest.startedAt ?? epochMs(1_000);
  return {
    id: id as AlarmId,
    agencyId: 'water' as AgencyId,
    ruleId: 'rule' as RuleId,
    ruleVersion: 1,
    series: 1 as SeriesId,
    pointId: pointId as PointId,
    quantity: 'water_level' as QuantityKey,
    origin: 'live',
    condition: 'active',
    work: 'new',
    severity: 'critical',
    worstSeverity: 'critical',
    startedAt,
    activatedAt: startedAt,
    activationCount: 1,
    clearedAt: null,
    endedAt: null,
    silentSince: null,
    triggerValue: 3.2,
    worstValue: 3.4,
    lastValue: 3.4,
    limit: 3,
    onSuspectData: false,
    suppression: null,
    assignee: null,
    revision: null,
    recordedAt: startedAt,
    version: 1,
    rule: { name: { vi: 'Mực nước cao', en: 'High water level' }, advice: null },
    point: {
      name: { vi: 'Mực nước Cầu Rào', en: 'Cau Rao water level' },
      siteId: 'site-1' as SiteId,
      domain: 'water',
      location: { longitude: 106.68, latitude: 20.83 },
    },
    ...rest,
  };
}
