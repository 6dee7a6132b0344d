/**
 * How fast the city of any moment is on the screen, and whether a replay keeps its speed:
 * `npm run bench:replay [-- --json] [-- --points 2000] [-- --folder PATH]`.
 *
 * Stored: 30 days of 20,000 points, each reporting every ten minutes at its own second, and every minute on the last day; 0.1–2 s to arrive. A real browser (drawing by
 * the processor, where there is no graphics card) then goes to random moments of the last 30 days, and plays a minute at 600 times the city's speed.
 * `--folder` keeps what was stored for the next run.
 */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { chromium, type Page } from 'playwright-core';
import { openDuckDbStore } from '../adapters/timeseries/duckdb.ts';
import { emptyColumns } from '../domain/reading.ts';
import { CHROMIUM, CHROMIUM_ARGUMENTS } from '../test/browser/chromium.ts';
import { ADMINISTRATOR, type LoadCity, loadCity, registerCity, signIn } from './load-city.ts';
import { startPlatform } from './platform-child.ts';
import { killAll } from './processes.ts';
import { percentile, report, rounded } from './report.ts';

const wordAfter = (flag: string): string | undefined => {
  const at = process.argv.indexOf(flag);
  return at < 0 ? undefined : process.argv[at + 1];
};
const POINTS = Number(wordAfter('--points') ?? 20_000);
const kept = wordAfter('--folder');
const DAYS = 30;
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const ROUND_MS = 10 * MINUTE_MS;
const SEEKS = 40;
const PLAYED_MS = 60_000;
const SPEED = 600;
/** City time of one frame at that speed. */
const STEP_MS = 150_000;

/** A city of one quantity a point, spread over some 40 km. */
function wideCity(): LoadCity {
  const city = loadCity(POINTS);
  const { seed } = city;
  const side = Math.ceil(Math.sqrt(POINTS));
  const [quantity] = seed.points[0]?.quantities ?? [];
  if (quantity === undefined) throw new Error('the city measures nothing');
  return {
    ...city,
    seed: {
      ...seed,
      models: seed.models.map((model) => ({ ...model, channels: model.channels.slice(0, 1) })),
      points: seed.points.map((point, i) => ({
        ...point,
        quantities: [quantity],
        location: {
          longitude: 106.5 + (0.4 * (i % side)) / side,
          latitude: 20.7 + (0.3 * Math.floor(i / side)) / side,
        },
      })),
      rules: seed.rules.filter((rule) => rule.quantity === quantity),
    },
  };
}

/** Readings of one round of `count` minutes from `at` on, in the order of time. */
function roundOf(at: number, minutes: number, everyMs: number) {
  const columns = emptyColumns(POINTS * minutes);
  for (let i = 0; i < columns.length; i++) {
    const point = i % POINTS;
    const eventTime = at + Math.floor(i / POINTS) * MINUTE_MS + ((point * 7_919) % everyMs);
    columns.series[i] = point + 1;
    columns.eventTime[i] = eventTime;
    columns.arrivalTime[i] = eventTime + 100 + ((point * 31 + at / 1_000) % 1_900);
    columns.value[i] =
      Math.round((20 + (point % 7) + 4 * Math.sin((eventTime / DAY_MS) * 2 * Math.PI + point)) * 10) / 10;
  }
  return columns;
}

async function fill(folder: string, end: number): Promise<void> {
  const store = await openDuckDbStore({
    path: join(folder, 'store'),
    memoryLimitMegabytes: 160,
    onDamaged: (file, reason) => {
      throw new Error(`${file} is damaged: ${reason}`);
    },
  });
  const started = performance.now();
  for (let at = end - DAYS * DAY_MS; at < end; at += ROUND_MS) {
    const isLastDay = at >= end - DAY_MS;
    await store.load([isLastDay ? roundOf(at, 10, MINUTE_MS) : roundOf(at, 1, ROUND_MS)]);
    if ((end - at) % (3 * DAY_MS) === 0)
      process.stderr.write(
        `  ${(end - at) / DAY_MS} days left, ${rounded((performance.now() - started) / 1_000, 0)} s\n`,
      );
  }
  await store.settle();
  await store.close();
}

/** Moves the scrubber's thumb as a hand does, and measures until the moment stands on the screen. */
const seekTo = (page: Page, at: number): Promise<number> =>
  page.evaluate(async (moment) => {
    const drawer = document.querySelector<HTMLElement>('.replay');
    const range = document.querySelector<HTMLInputElement>('.scrubber-range');
    if (!drawer || !range) throw new Error('there is no replay');
    const began = performance.now();
    Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value')?.set?.call(range, String(moment));
    range.dispatchEvent(new Event('input', { bubbles: true }));
    await new Promise(requestAnimationFrame);
    range.dispatchEvent(new PointerEvent('pointerup', { bubbles: true }));
    while (drawer.dataset['at'] !== range.value || drawer.dataset['busy'] !== undefined)
      await new Promise(requestAnimationFrame);
    // Drawn, and shown.
    await new Promise(requestAnimationFrame);
    await new Promise(requestAnimationFrame);
    return performance.now() - began;
  }, at);

const folder = kept ?? mkdtempSync(join(tmpdir(), 'hd-bench-replay-'));
mkdirSync(folder, { recursive: true });
const noted = join(folder, 'bench-replay.json');
try {
  if (!existsSync(noted)) {
    const end = Math.floor(Date.now() / DAY_MS) * DAY_MS;
    const series = await registerCity(folder, wideCity().seed);
    if (series.length !== POINTS) throw new Error(`${series.length} series where ${POINTS} were wanted`);
    await fill(folder, end);
    writeFileSync(noted, JSON.stringify({ end, account: ADMINISTRATOR }));
  }
  const { end, account } = JSON.parse(readFileSync(noted, 'utf8')) as { end: number; account: typeof ADMINISTRATOR };
  const platform = await startPlatform({ folder });
  const cookie = await signIn(platform.httpUrl, account);
  /** Any moment of the 30 days; the same ones in every run. */
  const momentOf = (turn: number): number =>
    Math.floor((end - 1_000 - ((turn * 7_919.77) % DAYS) * DAY_MS * 0.99) / 1_000) * 1_000;

  const answers: number[] = [];
  for (let turn = 0; turn < SEEKS; turn++) {
    const began = performance.now();
    const response = await fetch(`${platform.httpUrl}/api/v1/replay/snapshot?at=${momentOf(turn)}`, {
      headers: { cookie },
    });
    const { byteLength } = await response.arrayBuffer();
    if (!response.ok || byteLength < POINTS * 20) throw new Error(`${response.status}, ${byteLength} bytes`);
    answers.push(performance.now() - began);
  }

  const browser = await chromium.launch({ executablePath: CHROMIUM ?? '', args: CHROMIUM_ARGUMENTS });
  const context = await browser.newContext({ viewport: { width: 1280, height: 720 }, reducedMotion: 'reduce' });
  await context.addCookies(
    cookie
      .split('; ')
      .map((pair) => ({ name: pair.split('=')[0]!, value: pair.slice(pair.indexOf('=') + 1), url: platform.httpUrl })),
  );
  const page = await context.newPage();
  await page.goto(`${platform.httpUrl}/?at=${new Date(momentOf(0)).toISOString()}&speed=${SPEED}`);
  await page.locator('.replay:not([data-busy])').waitFor({ timeout: 60_000 });
  await page.locator('.replay-span select').selectOption('d30');
  const seeks: number[] = [];
  for (let turn = 1; turn <= SEEKS; turn++) seeks.push(await seekTo(page, momentOf(turn)));

  const from = end - 4 * DAY_MS;
  await seekTo(page, from);
  await page.locator('.replay-play').click();
  const shown = async () => {
    const { at, shown: steps } = await page
      .locator('.replay')
      .evaluate((drawer) => ({ ...(drawer as HTMLElement).dataset }));
    return { at: Number(at), steps: Number(steps) };
  };
  // From the first step on: what is fetched before it is the seek's part.
  while ((await shown()).steps < 4) await page.waitForTimeout(50);
  const [first, began] = [await shown(), performance.now()];
  await page.waitForTimeout(PLAYED_MS);
  const [last, took] = [await shown(), performance.now() - began];
  await browser.close();
  await platform.stop();

  const steps = last.steps - first.steps;
  report(
    'replay',
    {
      points: POINTS,
      days: DAYS,
      answer_ms_p50: rounded(percentile(answers, 0.5)),
      answer_ms_p95: rounded(percentile(answers, 0.95)),
      seek_ms_p50: rounded(percentile(seeks, 0.5)),
      seek_ms_p95: rounded(percentile(seeks, 0.95)),
      steps_shown: steps,
      steps_dropped: Math.round((last.at - first.at) / STEP_MS) - steps,
      speed_ratio_600: rounded((last.at - first.at) / took / SPEED, 3),
    },
    { seek_ms_p95: { most: 1_000 }, steps_dropped: { most: 0 }, speed_ratio_600: { least: 0.98 } },
  );
} finally {
  killAll();
  if (kept === undefined) rmSync(folder, { recursive: true, force: true });
}
