/**
 * A control room's map of a large city: `npm run bench:map [-- --json] [-- --points 50000] [-- --minutes 5]`.
 *
 * 50,000 points send 5,000 readings a second (each device two quantities every twenty seconds, carried by gateways), twenty more cross a limit and come
 * back, one every half second. Chromium opens the map with an empty cache, then pans, zooms, points at things and opens points as long as the bench runs.
 * An interaction is timed from its event to the frame that shows what it did: for a point that is pressed, its panel with its name. Frames are counted while
 * the map is dragged, and compared with those of a map without points, dragged in the same way under the same load, before and after: the whole city with
 * the whole city, the neighbourhood with the neighbourhood, since the grounds of the two differ; the ratio is that of the view which does worse. Drawing is by the
 * processor (SwiftShader) where there is no graphics card: such frame rates say nothing of a control room's, the ratio does.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { Browser, CDPSession, Page } from 'playwright-core';
import vi from '../dashboard/i18n/vi.json' with { type: 'json' };
import { mercatorX, mercatorY } from '../dashboard/map/point-layout.ts';
import { launchChromium } from './chromium.ts';
import { signIn } from './load-city.ts';
import { startPlatform } from './platform-child.ts';
import { cpuTime, killAll, until } from './processes.ts';
import { percentile, report, rounded } from './report.ts';
import { openAlarming, registerWideCity, startReadings, type WideCity, wideCity } from './wide-city.ts';

const { values: words } = parseArgs({
  options: {
    json: { type: 'boolean' },
    points: { type: 'string', default: '50000' },
    minutes: { type: 'string', default: '5' },
  },
});
const POINTS = Number(words.points);
const MINUTES = Number(words.minutes);
if (!(POINTS > 0) || !(MINUTES > 1)) throw new RangeError('--points takes a number above 0, --minutes one above 1');
const READINGS_PER_SECOND = 5_000;
const ALARM_EVERY_MS = 500;
const SIZE = { width: 1280, height: 720 };
/** The map's part of the page. */
const MIDDLE = { x: 460, y: 380 };
const DRAG_MS = 3_000;
const DRAGS_COMPARED = 4;
/** Turns of the wheel from the whole city into a neighbourhood. */
const STEPS_IN = 12;
/** And from there to where points stand alone, to be pressed. */
const STEPS_CLOSER = 4;
/** A view has come to rest, and its labels and address have followed. */
const AT_REST_MS = 1_000;
const WHOLE_CITY = vi.map.wholeCity;
/** Nothing but the map is so far from its edges, in pixels. */
const CLEAR = { x: 130, y: 90 };
/** A name that is fetched has come by then. */
const NAMED_WITHIN_MS = 3_000;
const PANEL_WITHIN_MS = 20_000;

/** A map in a browser profile of its own. */
async function openMap(browser: Browser, httpUrl: string, cookie: string, view: string) {
  const context = await browser.newContext({ viewport: SIZE, serviceWorkers: 'block', reducedMotion: 'reduce' });
  const [name = '', value = ''] = cookie.split(/=(.*)/s);
  await context.addCookies([{ name, value, url: httpUrl }]);
  await context.addInitScript(watchFrames);
  const page = await context.newPage();
  const line = await context.newCDPSession(page);
  const traffic = await countTraffic(line);
  await page.goto(`${httpUrl}/?view=${view}`, { waitUntil: 'commit' });
  const interactive = await page.waitForFunction(
    () => performance.getEntriesByName('map-interactive')[0]?.startTime,
    undefined,
    { polling: 20, timeout: 120_000 },
  );
  return { context, page, line, traffic, interactiveMs: (await interactive.jsonValue()) as number };
}

/** In the page: counts frames, and times what people do until the frame after it. */
function watchFrames(): void {
  const seen = { frames: 0, took: [] as number[] };
  (window as unknown as { bench: typeof seen }).bench = seen;
  const count = (): void => {
    seen.frames++;
    requestAnimationFrame(count);
  };
  requestAnimationFrame(count);
  const painted = (since: number): void => {
    requestAnimationFrame(() => {
      const channel = new MessageChannel();
      channel.port1.onmessage = () => seen.took.push(performance.now() - since);
      channel.port2.postMessage(0);
    });
  };
  // A press is answered by the frame with the name of what was pressed as the panel's heading.
  const pressed = window as unknown as { wanted?: string; openedAfterMs: number };
  addEventListener(
    'click',
    ({ timeStamp }) => {
      const { wanted } = pressed;
      if (wanted === undefined) return;
      delete pressed.wanted;
      const look = (): void => {
        if (document.querySelector('.panel h2.panel-title')?.textContent !== wanted) requestAnimationFrame(look);
        else {
          const channel = new MessageChannel();
          channel.port1.onmessage = () => {
            pressed.openedAfterMs = performance.now() - timeStamp;
          };
          channel.port2.postMessage(0);
        }
      };
      requestAnimationFrame(look);
    },
    { capture: true },
  );
  addEventListener('wheel', (event) => painted(event.timeStamp), { capture: true, passive: true });
  addEventListener('pointermove', (event) => event.buttons === 1 && painted(event.timeStamp), { capture: true });
}
const benchOf = (page: Page) =>
  page.evaluate(() => {
    const { bench } = window as unknown as { bench: { frames: number; took: number[] } };
    return { frames: bench.frames, took: bench.took.splice(0) };
  });

/** Bytes that have come over the wire so far: answers as they were encoded, and frames of the socket. */
async function countTraffic(line: CDPSession) {
  const bytes = { http: 0, socket: 0 };
  await line.send('Network.enable');
  line.on('Network.loadingFinished', ({ encodedDataLength }) => {
    bytes.http += encodedDataLength;
  });
  line.on('Network.webSocketFrameReceived', ({ response: { opcode, payloadData } }) => {
    bytes.socket += opcode === 2 ? Math.floor((payloadData.length * 3) / 4) : Buffer.byteLength(payloadData);
  });
  return bytes;
}

async function heapBytes(line: CDPSession): Promise<number> {
  await line.send('HeapProfiler.enable');
  await line.send('HeapProfiler.collectGarbage');
  const { usedSize, backingStorageSize = 0 } = (await line.send('Runtime.getHeapUsage')) as {
    usedSize: number;
    backingStorageSize?: number;
  };
  return usedSize + backingStorageSize;
}

/** Drags the map to and fro; frames a second meanwhile. */
async function drag(page: Page, ms = DRAG_MS): Promise<number> {
  const before = await benchOf(page);
  const began = performance.now();
  await page.mouse.move(MIDDLE.x, MIDDLE.y);
  await page.mouse.down();
  for (let step = 0; performance.now() - began < ms; step++) {
    await page.mouse.move(MIDDLE.x + 220 * Math.sin(step / 12), MIDDLE.y + 120 * Math.sin(step / 9));
    await pause(16);
  }
  await page.mouse.up();
  const after = await benchOf(page);
  interactions.push(...after.took);
  return (after.frames - before.frames) / ((performance.now() - began) / 1000);
}
let interactions: number[] = [];

interface Place {
  readonly x: number;
  readonly y: number;
}

/** Shows the whole city, and then the dense neighbourhood in its middle. */
async function intoNeighbourhood(page: Page): Promise<void> {
  await page.getByRole('button', { name: WHOLE_CITY }).click();
  await pause(1_500);
  const placeOf = await drawnAt(page);
  await wheel(page, -240, STEPS_IN, placeOf(city.downtown));
}

/** Turns the wheel over a place of the page, and waits until the map rests. */
async function wheel(page: Page, down: number, times: number, at: Place = MIDDLE): Promise<void> {
  await page.mouse.move(at.x, at.y);
  for (let i = 0; i < times; i++) {
    await page.mouse.wheel(0, down);
    await pause(120);
  }
  await pause(AT_REST_MS);
}

/** Presses a point that the map draws alone; from the press to the frame with its name as the panel's heading, `null` when that never came. */
async function openPoint(page: Page, tried: Set<string>): Promise<number | null> {
  let aimed = await aimAt(page, tried);
  if (aimed.length === 0) {
    // The neighbourhood has only so many that stand alone.
    tried.clear();
    aimed = await aimAt(page, tried);
  }
  for (; aimed.length > 0; aimed = await aimAt(page, tried)) {
    const [{ name, x, y }] = aimed as [Aim];
    tried.add(name);
    // As a hand does: there, and pressed when what is there has told its name.
    await page.mouse.move(x - 3, y);
    await page.mouse.move(x, y);
    const named = await page
      .waitForFunction((wanted) => document.querySelector('.map-tooltip strong')?.textContent === wanted, name, {
        timeout: NAMED_WITHIN_MS,
      })
      .catch(() => null);
    if (named === null) continue;
    await page.evaluate((wanted) => Object.assign(window, { wanted, openedAfterMs: 0 }), name);
    await page.mouse.click(x, y);
    const took = await page
      .waitForFunction(() => (window as unknown as { openedAfterMs: number }).openedAfterMs, undefined, {
        timeout: PANEL_WITHIN_MS,
      })
      .then((answer) => answer.jsonValue())
      .catch(() => null);
    if (took === null) {
      const instead = await page.locator('.panel h2').first().textContent();
      process.stderr.write(
        `${PANEL_WITHIN_MS} ms after the press on ${name} the panel shows ${instead}, at ${page.url()}\n`,
      );
    }
    const close = page.locator('.panel').getByRole('button', { name: vi.common.close });
    if (await close.isVisible()) await close.click();
    return took;
  }
  process.stderr.write(`no point that could be pressed is in view at ${page.url()}\n`);
  return null;
}

interface Aim extends Place {
  readonly name: string;
}

/** Where the map draws a place, in pixels of the page; the address says where it has come to rest. */
async function drawnAt(page: Page): Promise<(location: { longitude: number; latitude: number }) => Place> {
  const { view, area } = await page.evaluate(() => {
    const { left, top, width, height } = document.querySelector('.map-canvas')!.getBoundingClientRect();
    return { view: new URL(location.href).searchParams.get('view'), area: { left, top, width, height } };
  });
  const [longitude, latitude, zoom] = (view ?? '').split(',').map(Number) as [number, number, number];
  const world = 512 * 2 ** zoom;
  return (location) => ({
    x: area.left + (mercatorX(location.longitude) - mercatorX(longitude)) * world + area.width / 2,
    y: area.top + (mercatorY(location.latitude) - mercatorY(latitude)) * world + area.height / 2,
  });
}

/** Points in view that were not pressed yet, where they are drawn; those furthest from all others first: at the map's zoom they stand alone. */
async function aimAt(page: Page, tried: ReadonlySet<string>): Promise<readonly Aim[]> {
  const placeOf = await drawnAt(page);
  const area = await page.locator('.map-canvas').boundingBox();
  if (!area) throw new Error('the page shows no map');
  const [right, bottom] = [area.x + area.width, area.y + area.height];
  const places = city.seed.points.flatMap(({ name, location }) => {
    const { x, y } = placeOf(location);
    return x < area.x || y < area.y || x > right || y > bottom ? [] : [{ name: name.vi, x, y }];
  });
  const roomAround = ({ x, y }: (typeof places)[number]): number =>
    places.reduce(
      (least, other) =>
        other.x === x && other.y === y ? least : Math.min(least, Math.hypot(other.x - x, other.y - y)),
      Number.POSITIVE_INFINITY,
    );
  return places
    .filter(
      // Clear of the buttons over the map's edges, and of other points just outside the view.
      ({ name, x, y }) =>
        !tried.has(name) && x > area.x + CLEAR.x && x < right - CLEAR.x && y > area.y + CLEAR.y && y < bottom - CLEAR.y,
    )
    .map((place) => ({ ...place, room: roomAround(place) }))
    .sort((a, b) => b.room - a.room);
}

const city: WideCity = wideCity(POINTS);
const folder = mkdtempSync(join(tmpdir(), 'hd-bench-map-'));
try {
  await registerWideCity(folder, city);
  const platform = await startPlatform({
    folder,
    env: { HD_MQTT_DEVICE_MESSAGES_PER_SECOND: '100000', HD_MQTT_DEVICE_BURST_MESSAGES: '1000000' },
  });
  const readings = startReadings(city, platform, READINGS_PER_SECOND);
  const alarming = await openAlarming(city, platform);
  await until(
    'every device to have reported',
    async () => (await platform.metric('hd_messages_acknowledged_total')) > POINTS || undefined,
    { everyMs: 1_000 },
  );
  let turn = 0;
  const alarms = setInterval(() => {
    const station = alarming[turn % alarming.length]!;
    void (Math.floor(turn / alarming.length) % 2 === 0 ? station.breach() : station.calm());
    turn++;
  }, ALARM_EVERY_MS);

  const browser = await launchChromium();
  const { longitude, latitude } = city.downtown;
  // A dense neighbourhood in the middle, so that zooming goes into it.
  const far = `${longitude.toFixed(4)},${latitude.toFixed(4)},10.7`;

  const emptyFps = { city: [] as number[], neighbourhood: [] as number[] };
  const takenEmpty: number[] = [];
  /** The map of somebody who sees no point: the same page, basemap and load. */
  const dragEmpty = async (): Promise<void> => {
    const empty = await openMap(browser, platform.httpUrl, await signIn(platform.httpUrl, city.outsider), far);
    await pause(3_000);
    interactions = [];
    for (let i = 0; i < DRAGS_COMPARED; i++) emptyFps.city.push(await drag(empty.page));
    await intoNeighbourhood(empty.page);
    for (let i = 0; i < DRAGS_COMPARED; i++) emptyFps.neighbourhood.push(await drag(empty.page));
    await empty.context.close();
    takenEmpty.push(...interactions.splice(0));
  };
  // The first also pays for what a browser does once after its start.
  await dragEmpty();

  const cookie = await signIn(platform.httpUrl);
  const map = await openMap(browser, platform.httpUrl, cookie, far);
  const { page, line } = map;
  const traffic = (): number => map.traffic.http + map.traffic.socket;
  await page.waitForLoadState('networkidle', { timeout: 10_000 }).catch(() => {});
  const firstLoad = { ...map.traffic };
  const began = performance.now();
  const cpuBefore = cpuTime(platform.pid);
  interactions = [];
  const fps = { city: [] as number[], neighbourhood: [] as number[] };
  const panelMs: number[] = [];
  let missed = 0;
  const tried = new Set<string>();
  let heapAfterFirstMinute = Number.NaN;
  let trafficAfterFirstMinute = Number.NaN;
  let measuredFrom = Number.NaN;
  const minute = () => (performance.now() - began) / 60_000;
  while (minute() < MINUTES) {
    if (Number.isNaN(heapAfterFirstMinute) && minute() >= 1) {
      heapAfterFirstMinute = await heapBytes(line);
      trafficAfterFirstMinute = traffic();
      measuredFrom = performance.now();
    }
    // The whole city; a way into a neighbourhood, points there; and out again.
    fps.city.push(await drag(page));
    await intoNeighbourhood(page);
    fps.neighbourhood.push(await drag(page));
    await wheel(page, -240, STEPS_CLOSER);
    for (let i = 0; i < 3; i++) {
      const took = await openPoint(page, tried);
      if (took === null) missed++;
      else panelMs.push(took);
    }
    await wheel(page, 240, STEPS_IN + STEPS_CLOSER + 2);
    await page.getByRole('button', { name: WHOLE_CITY }).click();
    await pause(1_500);
  }
  const heapGrowth = (await heapBytes(line)) - heapAfterFirstMinute;
  const measuredSeconds = (performance.now() - measuredFrom) / 1000;
  const clientBytes = traffic() - trafficAfterFirstMinute;
  const cpu = cpuTime(platform.pid);
  const cores = (cpu.user + cpu.system - cpuBefore.user - cpuBefore.system) / 1e3 / (performance.now() - began);
  const taken = interactions.splice(0);
  await map.context.close();
  // What else the machine does changes by the minute: the mean of both ends is what it was in between.
  await dragEmpty();
  await browser.close();
  clearInterval(alarms);
  for (const { close } of alarming) await close();
  const sent = await readings.stop();
  await platform.stop();

  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  // Like with like: an empty view of the whole city is drawn slower than an empty neighbourhood.
  const ratios = {
    city: mean(fps.city) / mean(emptyFps.city),
    neighbourhood: mean(fps.neighbourhood) / mean(emptyFps.neighbourhood),
  };
  report(
    'map',
    {
      points: POINTS,
      readings_per_s: rounded(sent.readingsPerSecond, 0),
      minutes: MINUTES,
      renderer: 'SwiftShader, drawn by the processor',
      first_load_ms: rounded(map.interactiveMs, 0),
      first_load_mb: rounded((firstLoad.http + firstLoad.socket) / 1e6, 2),
      interactions: taken.length + panelMs.length,
      interaction_ms_p50: rounded(percentile([...taken, ...panelMs], 0.5)),
      interaction_ms_p95: rounded(percentile([...taken, ...panelMs], 0.95)),
      interaction_ms_p95_empty: rounded(percentile(takenEmpty, 0.95)),
      panels: panelMs.length,
      panels_missed: missed,
      panel_ms_p50: rounded(percentile(panelMs, 0.5)),
      panel_ms_p95: rounded(percentile(panelMs, 0.95)),
      fps_whole_city: rounded(mean(fps.city)),
      fps_whole_city_empty: rounded(mean(emptyFps.city)),
      fps_neighbourhood: rounded(mean(fps.neighbourhood)),
      fps_neighbourhood_empty: rounded(mean(emptyFps.neighbourhood)),
      fps_neighbourhood_empty_before: rounded(mean(emptyFps.neighbourhood.slice(0, DRAGS_COMPARED))),
      fps_neighbourhood_empty_after: rounded(mean(emptyFps.neighbourhood.slice(DRAGS_COMPARED))),
      fps_ratio_to_empty_map: rounded(Math.min(ratios.city, ratios.neighbourhood), 2),
      heap_mb: rounded((heapAfterFirstMinute + heapGrowth) / 1e6),
      heap_growth_mb: rounded(heapGrowth / 1e6),
      client_kb_per_s: rounded(clientBytes / 1000 / measuredSeconds),
      server_cpu_cores: rounded(cores, 2),
    },
    {
      first_load_ms: { most: 3_000 },
      first_load_mb: { most: 1.5 },
      interaction_ms_p95: { most: 200 },
      panels_missed: { most: 0 },
      fps_ratio_to_empty_map: { least: 0.7 },
      heap_growth_mb: { most: 20 },
      client_kb_per_s: { most: 150 },
    },
  );
} finally {
  killAll();
  rmSync(folder, { recursive: true, force: true });
}
