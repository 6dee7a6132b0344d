import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { FOLDER, STATIONS } from './beijing-air.ts';
import { activeDuring, replayed } from './real-air-replay.ts';

describe.skipIf(!existsSync(`${FOLDER}/air-Dongsi.csv`))(
  `the air of four Beijing stations, winter 2015/16, through MQTT (skipped without ${FOLDER})`,
  () => {
    it.each(STATIONS)(
      '%s: indices as the reference has them, both haze episodes alarmed',
      async (station) => {
        const alarms = await replayed(station);
        for (const ofRule of [alarms.mean, alarms.index]) {
          expect(activeDuring(ofRule, '08T00:00', '10T12:00')).not.toEqual([]);
          expect(activeDuring(ofRule, '19T07:00', '22T24:00')).not.toEqual([]);
        }
      },
      300_000,
    );
  },
);
