// An air station whose indices are worked out until somebody kills it: `node street-process.ts <folder> <messages in all>`.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { SeriesId } from '../../domain/identifiers.ts';
import { AIR_POLLUTANTS } from '../../domain/indices/air-index.ts';
import { epochMs } from '../../domain/time.ts';
import { airMessage } from './air-messages.ts';
import { INTERVAL, openIndexedStreet, START } from './indexed-street.ts';

const [folder, total] = [process.argv[2]!, Number(process.argv[3])];
const sentFile = join(folder, 'sent');
const first = existsSync(sentFile) ? Number(readFileSync(sentFile, 'utf8')) : 0;
const clockAt = (n: number) => epochMs(START + (n + 1) * INTERVAL + 70_000);
const street = await openIndexedStreet(folder, clockAt(first));
const series: Record<string, SeriesId> = {};
for (const pollutant of AIR_POLLUTANTS) series[pollutant] = await street.seriesOf('air', pollutant);
process.stdout.write('ready\n');
const AT_ONCE = 12;
for (let n = first; n < total; n += AT_ONCE) {
  const numbers = Array.from({ length: Math.min(AT_ONCE, total - n) }, (_, i) => n + i);
  await Promise.all(numbers.map((number) => street.append(airMessage(number, series))));
  // What is acknowledged is not sent again; what a kill leaves unacknowledged is.
  writeFileSync(sentFile, String(numbers.at(-1)! + 1));
  street.setClock(clockAt(numbers.at(-1)!));
  await pause(8);
}
process.stdout.write('sent\n');
