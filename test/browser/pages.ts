/** Every page of the dashboard with something open on it, and how to tell that it is there. */
import { createHash, sign } from 'node:crypto';
import type { Page } from 'playwright-core';
import { demoFirmwareKey } from '../../config/city/demo-firmware.ts';
import { haiPhong } from '../../config/city/hai-phong.ts';
import en from '../../dashboard/i18n/en.json' with { type: 'json' };
import vi from '../../dashboard/i18n/vi.json' with { type: 'json' };
import { NOTIFICATION_TABS } from '../../dashboard/state/notification-tabs.ts';
import { firmwareManifest, type ImageSha256 } from '../../domain/firmware/firmware-image.ts';
import type { DeviceModelId } from '../../domain/identifiers.ts';
import type { Language } from '../../domain/localized.ts';
import { mapIsDrawn } from './map-pixels.ts';

const TEXTS = { vi, en } as const;

export interface DashboardPage {
  readonly name: string;
  readonly path: string;
  /** Waits until what the page is for is on it. */
  readonly ready: (page: Page, language: Language) => Promise<void>;
}

const heading = (page: Page, name: string, level = 1) =>
  page.getByRole('heading', { name, level, exact: true }).waitFor();
const panel = (page: Page, name: string) =>
  page.getByRole('complementary', { name }).getByRole('heading').first().waitFor();

/** Of pages that say what they are in a heading of their own, whatever it is. */
const anyHeading = (page: Page) => page.locator('main h1').first().waitFor();

const MODEL = 'air-reference' as DeviceModelId;
/** Drafts the rollout of an image, if there is none yet; its id. */
async function draftRollout(page: Page): Promise<string> {
  const image = Buffer.alloc(1_000, 7);
  const sha256 = createHash('sha256').update(image).digest('hex') as ImageSha256;
  const manifest = firmwareManifest({ modelId: MODEL, version: '9.0.0', sizeBytes: image.length, sha256 });
  const signature = sign(null, Buffer.from(manifest), demoFirmwareKey('1').privateKey).toString('base64');
  const agency = haiPhong.devices.find(({ modelId }) => modelId === MODEL)?.agencyId ?? '';
  return page.evaluate(
    async ({ query, bytes }) => {
      const read = async (path: string, init?: RequestInit) => (await fetch(`/api/v1${path}`, init)).json();
      const [known] = (await read('/firmware/rollouts')).items;
      if (known) return known.id as string;
      const { csrfToken } = await read('/session');
      const post = (path: string, type: string, body: BodyInit) =>
        read(path, { method: 'POST', headers: { 'X-CSRF-Token': csrfToken, 'Content-Type': type }, body });
      const { id } = await post(`/firmware/images?${query}`, 'application/octet-stream', Uint8Array.from(bytes));
      return (await post('/firmware/rollouts', 'application/json', JSON.stringify({ imageId: id }))).id as string;
    },
    { query: `${new URLSearchParams({ agency, model: MODEL, version: '9.0.0', signature })}`, bytes: [...image] },
  );
}

/** Pages of somebody who is signed in as the platform's administrator, who sees them all. */
export const PAGES: readonly DashboardPage[] = [
  {
    name: 'map',
    path: '/',
    ready: async (page) => {
      await mapIsDrawn(page);
    },
  },
  {
    name: 'map layers',
    path: '/?layers=roads%20power%20water%20floods%20air&list=layers',
    ready: async (page, language) => {
      await mapIsDrawn(page);
      await page.getByRole('grid', { name: TEXTS[language].layers.tableTitle }).waitFor();
      await page.getByRole('region', { name: TEXTS[language].layers.legend }).waitFor();
    },
  },
  {
    name: 'measuring',
    path: '/',
    ready: async (page, language) => {
      await mapIsDrawn(page);
      await page.getByRole('button', { name: TEXTS[language].measure.title }).click();
      await page.getByRole('region', { name: TEXTS[language].measure.title }).waitFor();
    },
  },
  {
    name: 'map as a sheet',
    path: '/?layers=floods',
    ready: async (page, language) => {
      await mapIsDrawn(page);
      await page.getByRole('button', { name: TEXTS[language].print.title }).click();
      await page.locator('.print-sheet img').waitFor();
    },
  },
  {
    name: 'point panel',
    path: '/?point=p-ea-cat-ba',
    ready: async (page, language) => {
      await mapIsDrawn(page);
      await panel(page, TEXTS[language].point.panel);
      await page.locator('.chart-plot .u-over').waitFor();
    },
  },
  { name: 'alarms', path: '/alarms', ready: (page, language) => heading(page, TEXTS[language].alarms.title) },
  {
    name: 'alarm panel',
    path: '/alarms',
    ready: async (page, language) => {
      await page.locator('.grid-body [role="row"]').first().click();
      await panel(page, TEXTS[language].alarms.panel);
      await page.locator('.history li').first().waitFor();
    },
  },
  {
    name: 'ended alarms',
    path: '/alarms?list=ended',
    ready: (page, language) => heading(page, TEXTS[language].alarms.title),
  },
  {
    name: 'alarm health',
    path: '/alarm-health?period=24h',
    ready: async (page) => {
      await page.locator('.health-tile, .empty-state').first().waitFor();
    },
  },
  { name: 'incidents', path: '/incidents', ready: (page, language) => heading(page, TEXTS[language].incidents.title) },
  { name: 'points', path: '/points', ready: (page) => page.locator('.grid-body [role="row"]').first().waitFor() },
  {
    name: 'device panel',
    path: '/devices?device=ea-cat-ba',
    ready: (page, language) => panel(page, TEXTS[language].device.panel),
  },
  {
    name: 'new device',
    path: '/devices',
    ready: async (page, language) => {
      await page.getByRole('button', { name: TEXTS[language].device.add }).click();
      await page.getByRole('dialog').waitFor();
    },
  },
  {
    name: 'device models',
    path: '/models',
    ready: (page) => page.locator('.grid-body [role="row"]').first().waitFor(),
  },
  {
    name: 'device model',
    path: '/models/air-sensor',
    ready: (page) => page.locator('.channel-table tbody tr').first().waitFor(),
  },
  {
    name: 'new device model',
    path: '/models',
    ready: async (page, language) => {
      await page.getByRole('button', { name: TEXTS[language].models.add }).click();
      await page.getByRole('dialog').getByRole('textbox').first().waitFor();
    },
  },
  {
    name: 'quarantine',
    path: '/quarantine',
    ready: async (page) => {
      await page.locator('.grid-body [role="row"]').first().click();
      await page.getByRole('complementary').waitFor();
    },
  },
  { name: 'rules', path: '/rules', ready: (page) => page.locator('.grid-body [role="row"]').first().waitFor() },
  {
    name: 'rule',
    path: '/rules/pm2-5-high',
    ready: (page) => page.locator('.rule-slot').first().waitFor(),
  },
  {
    name: 'part of a rule',
    path: '/rules/pm2-5-high',
    ready: async (page) => {
      await page.locator('.rule-slot').first().click();
      await page.getByRole('dialog').waitFor();
    },
  },
  { name: 'new rule', path: '/rules/new', ready: (page) => page.locator('.rule-slot').first().waitFor() },
  { name: 'imports', path: '/imports', ready: anyHeading },
  { name: 'labels', path: '/labels', ready: anyHeading },
  { name: 'provisioning', path: '/provisioning', ready: anyHeading },
  { name: 'firmware', path: '/firmware', ready: anyHeading },
  {
    name: 'one rollout',
    path: '/firmware',
    ready: async (page) => {
      const rollout = await draftRollout(page);
      await page.goto(new URL(`/firmware/rollouts/${rollout}`, page.url()).href, { waitUntil: 'domcontentloaded' });
      await anyHeading(page);
    },
  },
  {
    name: 'replay',
    path: '/replay',
    ready: async (page) => {
      await mapIsDrawn(page);
      await page.locator('.replay').waitFor();
    },
  },
  { name: 'official warnings', path: '/official-warnings', ready: anyHeading },
  {
    name: 'one official warning',
    path: '/alarms',
    ready: async (page, language) => {
      const { alarms, warnings } = TEXTS[language];
      await page.locator('.grid-body [role="row"]').first().click();
      await page.getByRole('complementary', { name: alarms.panel }).getByRole('button', { name: alarms.more }).click();
      await page.getByRole('menuitem', { name: warnings.draftFromAlarm }).click();
      await page.locator('.area-map canvas').waitFor();
    },
  },
  { name: 'suppressions', path: '/suppressions', ready: anyHeading },
  { name: 'shift', path: '/shift', ready: (page) => page.locator('.shift-duty').waitFor() },
  { name: 'handovers', path: '/shift?tab=records', ready: anyHeading },
  { name: 'export', path: '/export', ready: anyHeading },
  { name: 'stations', path: '/stations', ready: anyHeading },
  { name: 'jobs', path: '/jobs', ready: anyHeading },
  ...NOTIFICATION_TABS.map((tab) => ({
    name: `notifications: ${tab}`,
    path: `/notifications?tab=${tab}`,
    ready: anyHeading,
  })),
  {
    name: 'comparison',
    path: '/compare?lines=p-ea-cat-ba~pm2_5+p-ea-cat-ba~temperature+p-ea-cat-ba~co&period=h6',
    ready: async (page) => {
      await page.locator('.chart-plot .u-over').waitFor();
      await page.locator('.compare-legend li').nth(1).waitFor();
    },
  },
  {
    name: 'device',
    path: '/devices/ea-cat-ba',
    ready: anyHeading,
  },
  { name: 'roles', path: '/roles', ready: (page) => page.locator('.role-table td').first().waitFor() },
  { name: 'agencies', path: '/agencies', ready: (page) => page.locator('.agency-card dd').first().waitFor() },
  {
    name: 'sharing, with a grant’s effect',
    path: '/sharing',
    ready: async (page, language) => {
      const { add, to } = TEXTS[language].sharing;
      await page.getByRole('button', { name: add }).click();
      await page
        .getByRole('combobox', { name: to })
        .or(page.getByRole('textbox', { name: to }))
        .first()
        .click();
      await page.getByRole('option').first().click();
      await page.locator('.grant-effect[aria-busy="false"]').waitFor();
    },
  },
  { name: 'API keys', path: '/api-keys', ready: anyHeading },
  { name: 'audit', path: '/audit', ready: (page) => page.locator('.grid-body [role="row"]').first().waitFor() },
  { name: 'wall screens', path: '/displays', ready: anyHeading },
  { name: 'users', path: '/users', ready: (page, language) => heading(page, TEXTS[language].nav.admin) },
  {
    name: 'user',
    path: '/users?user=demo-vanhanh',
    ready: (page) => page.getByRole('dialog').getByRole('textbox').first().waitFor(),
  },
  {
    name: 'operations',
    path: '/operations',
    ready: async (page, language) => {
      await heading(page, TEXTS[language].operations.title);
      await page.locator('.reading-path li').first().waitFor();
    },
  },
];

/** Waits until nothing on the page is being loaded or faded in. */
export async function atRest(page: Page): Promise<void> {
  await page.waitForFunction(
    () =>
      // The map's ground may still be coming: it is a picture, and no test of words and controls waits for it.
      document.querySelector('[aria-busy="true"]:not(.map-canvas), .loading-list, .chart-shape') === null &&
      document.getAnimations().every(({ playState }) => playState !== 'running'),
  );
}
