/**
 * Draws the filmstrip of the simulator's typhoon in docs/images, in both languages: the list of incidents at four hours of the storm, out of one run in
 * which the platform's clock goes as fast as the readings come. Run by `npm run screenshots`.
 */
import { demoToken } from '../../config/city/demo-tokens.ts';
import { haiPhong, haiPhongFacts } from '../../config/city/hai-phong.ts';
import { LANGUAGES, type Language } from '../../domain/localized.ts';
import { epochMs, minutes } from '../../domain/time.ts';
import { createScenario } from '../../firmware-sim/scenarios/scenarios.ts';
import { createStreet } from '../../firmware-sim/signals/street.ts';
import type { ControlRoom } from './control-room.ts';
import { drawPictures, photograph, pictured, shoot } from './pictures.ts';

/** Hours of the storm that are shown. */
const FRAMES_HOURS = [3, 5.5, 9, 12] as const;
const STEP = minutes(10);
/** What a storm touches: streets, gauges, tide, wind, noise. */
const TOUCHED = /^(wf|wn|wr|wt|tw|ew|en)-/;
const AT_ONCE = 16;
const CAPTION: Readonly<Record<Language, (hours: number) => string>> = {
  vi: (hours) => `Sau ${String(hours).replace('.', ',')} giờ`,
  en: (hours) => `After ${hours} hours`,
};

// The platform and what it judges by go by this clock; the screen goes by the platform's.
const trueNow = Date.now;
let aheadMs = 0;
Date.now = () => trueNow() + aheadMs;

const at = epochMs(Date.now());
const city = { city: haiPhong, facts: haiPhongFacts, seed: 1 };
const street = createStreet({ ...city, effects: createScenario('typhoon-flood', { ...city, at }).effects });
const models = new Map(haiPhong.models.map((model) => [model.id, model]));
const devices = haiPhong.devices.filter(({ id }) => TOUCHED.test(id));

/** Every device of the storm tells what it measures now. */
async function report(url: string): Promise<void> {
  const now = epochMs(Date.now());
  const moment = street.moment(now);
  const tell = async ({ id, modelId, serves }: (typeof devices)[number]): Promise<void> => {
    const point = serves[0] === undefined ? undefined : street.points.get(serves[0]);
    const channels = models.get(modelId)?.channels ?? [];
    if (point === undefined) return;
    const measured = new Float64Array(point.quantities.length);
    point.measure(moment, measured);
    const values = Object.fromEntries(channels.map(({ key }, i) => [key, measured[i]]));
    const answer = await fetch(`${url}/ingest/v1/telemetry`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${demoToken('1', id)}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify({ ts: now, values }),
    });
    if (!answer.ok && answer.status !== 422) throw new Error(`${id}: ${answer.status} ${await answer.text()}`);
  };
  for (let i = 0; i < devices.length; i += AT_ONCE) await Promise.all(devices.slice(i, i + AT_ONCE).map(tell));
}

async function shootList(room: ControlRoom, language: Language): Promise<Buffer> {
  const page = await pictured(room, language, 'wide');
  // Or the page would say that its clock is not the platform's.
  await page.clock.setSystemTime(Date.now());
  await page.goto(`${room.url}/incidents`);
  await page.locator('.grid-body [role="row"]').first().waitFor();
  const image = await photograph(page);
  await page.context().close();
  return image;
}

await drawPictures({}, async (room) => {
  const frames = new Map<Language, { readonly hours: number; readonly image: Buffer }[]>(
    LANGUAGES.map((language) => [language, []]),
  );
  for (const hours of FRAMES_HOURS) {
    while (Date.now() - at < hours * 3_600_000) {
      aheadMs += STEP;
      await report(room.url);
    }
    // Judging and putting together come after the reading, by their own clocks.
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    for (const language of LANGUAGES) frames.get(language)?.push({ hours, image: await shootList(room, language) });
    console.log(`hour ${hours}`);
  }
  for (const [language, shots] of frames) {
    const page = await room.browser.newPage({ viewport: { width: 1300, height: 830 } });
    const figures = shots.map(
      ({ hours, image }) =>
        `<figure><figcaption>${CAPTION[language](hours)}</figcaption><img src="data:image/webp;base64,${image.toString('base64')}"></figure>`,
    );
    await page.setContent(`<style>
      body { margin: 0; padding: 10px; background: #0f1418; color: #e6edf3; font: 600 18px Inter, sans-serif; }
      main { display: grid; grid-template-columns: 1fr 1fr; gap: 10px; }
      figure { margin: 0; } figcaption { padding: 4px 2px 8px; } img { width: 100%; display: block; }
    </style><main>${figures.join('')}</main>`);
    await page.waitForFunction(() => [...document.images].every((image) => image.complete && image.naturalWidth > 0));
    await shoot(page, `incident-typhoon-${language}`);
  }
});
