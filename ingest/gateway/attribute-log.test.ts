import { expect, it } from 'vitest';
import type { DeviceId } from '../../domain/identifiers.ts';
import { RegistryUnavailableError } from '../../domain/ports/registry.ts';
import { epochMs, hours } from '../../domain/time.ts';
import { createIngestMetrics } from '../metrics.ts';
import { createAttributeLog } from './attribute-log.ts';

const [air, meter] = ['air-1', 'meter-1'] as unknown as readonly [DeviceId, DeviceId];

/** A log over a registry that is away until it is said to be back, and never takes what is called `poison`. */
function openLog(waitingAtMost: number) {
  const metrics = createIngestMetrics();
  const registry = { isAway: true, written: [] as string[] };
  const kept: string[] = [];
  let now = 0;
  const log = createAttributeLog({
    log: {
      async recordAttributes(device, attributes, at) {
        if (registry.isAway) throw new RegistryUnavailableError('away');
        if ('poison' in attributes) throw new Error('never');
        registry.written.push(`${device} ${JSON.stringify(attributes)} ${at}`);
      },
    },
    onKept: (device, names) => kept.push(`${device} ${names.join()}`),
    metrics,
    clock: () => epochMs(++now),
    onError: () => {},
    retryAfter: hours(1),
    waitingAtMost,
  });
  return { log, metrics, registry, kept };
}

it('keeps the latest of each name while the registry is away, and refuses more values than may wait', async () => {
  const { log, metrics, registry, kept } = openLog(3);
  await log.keep(air, { firmware: '1.0', rssi_dbm: -70 });
  await log.keep(air, { rssi_dbm: -80 });
  await log.keep(meter, { firmware: '2.0' });
  await expect(log.keep(meter, { battery_percent: 5 })).rejects.toThrow(RegistryUnavailableError);
  expect(metrics.value('hd_attributes_refused_total')).toBe(1);
  await log.flush();
  expect(kept).toEqual([]);
  registry.isAway = false;
  await log.flush();
  expect(registry.written).toEqual([
    'air-1 {"firmware":"1.0"} 1',
    'air-1 {"rssi_dbm":-80} 2',
    'meter-1 {"firmware":"2.0"} 3',
  ]);
  expect(kept).toEqual(['air-1 firmware', 'air-1 rssi_dbm', 'meter-1 firmware']);
  // There is room again, and nothing waits.
  await log.keep(meter, { battery_percent: 5 });
  expect(registry.written).toHaveLength(4);
  log.stop();
});

it('does not let what can never be written hold up the others', async () => {
  const { log, registry } = openLog(10);
  await log.keep(air, { poison: 1 });
  await log.keep(meter, { firmware: '2.0' });
  registry.isAway = false;
  await log.flush();
  expect(registry.written).toEqual(['meter-1 {"firmware":"2.0"} 2']);
  log.stop();
});
