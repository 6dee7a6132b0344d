/** A whole platform and a real Chromium in front of it, shared by the tests of one file. */
import { randomUUID } from 'node:crypto';
import { existsSync, mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectAsync, type MqttClient } from 'mqtt';
import { pino } from 'pino';
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect } from 'vitest';
import { openSqliteRegistry } from '../../adapters/registry/sqlite.ts';
import { demoToken } from '../../config/city/demo-tokens.ts';
import { loadSettings } from '../../config/settings.ts';
import type { Language } from '../../domain/localized.ts';
import type { Registry } from '../../domain/ports/registry.ts';
import { epochMs } from '../../domain/time.ts';
import { type Platform, startPlatform } from '../../main.ts';
import { type Cable, layCable } from './cable.ts';
import { CHROMIUM, CHROMIUM_ARGUMENTS } from './chromium.ts';

if (!CHROMIUM && process.env['CI'] === 'true') throw new Error('chromium is missing: this suite must run in CI');
const BUILT = join(import.meta.dirname, '../../dashboard/dist/index.html');

/** For `expect.poll`: how long a busy machine may take for what a person would call soon. */
export const SOON = { timeout: 15_000, interval: 50 } as const;

/** Drawn without a graphics card, a smaller screen is a faster one. */
export const SIZES = { wide: { width: 1280, height: 720 }, phone: { width: 390, height: 844 } } as const;
export type Size = keyof typeof SIZES;
export type Scheme = 'dark' | 'light';
export const DEMO_PASSWORD = 'hai-dang-demo';
export type DemoAccount = 'vanhanh' | 'lapdat' | 'moitruong' | 'quantri';

export interface ScreenOptions {
  /** `null` for somebody who has not signed in. */
  readonly as?: DemoAccount | null;
  /** What was chosen on this machine before; `null` for a machine that nothing was chosen on. */
  readonly language?: Language | null;
  readonly scheme?: Scheme | null;
  readonly size?: Size;
  /** Whether the system asks for motion to be left out; so unless a test is about motion, since flights over the map take a processor long to draw. */
  readonly reducedMotion?: boolean;
  /** What else the browser is to be like. */
  readonly context?: BrowserContextOptions;
  /** Loss of the network is meant: failing requests are not held against the page. */
  readonly networkMayFail?: boolean;
}

/** One browser profile with one page, and everything the page complained of. */
export interface Screen {
  readonly page: Page;
  readonly context: BrowserContext;
  /** Console errors and warnings (blocked by the content security policy included), uncaught errors, failed requests. */
  readonly complaints: string[];
  open(path: string): Promise<void>;
}

export class ControlRoom {
  readonly #folder = mkdtempSync(join(tmpdir(), 'hd-browser-'));
  readonly #mode: 'demo' | 'serve';
  readonly #settings: Readonly<Record<string, unknown>>;
  #platform: Platform | null = null;
  #ports = { http: 0, mqtt: 0 };
  #browser: Browser | null = null;
  #cable: Cable | null = null;
  #devices = new Map<string, MqttClient>();
  #screens: Screen[] = [];

  /** `settings`: what is to be other than in every room, section by section. */
  constructor(mode: 'demo' | 'serve', settings: Readonly<Record<string, unknown>> = {}) {
    this.#mode = mode;
    this.#settings = settings;
  }

  /** Where browsers find the platform: at the end of a cable that can be cut. */
  get url(): string {
    return `http://127.0.0.1:${this.#cable?.port}`;
  }
  get browser(): Browser {
    if (!this.#browser) throw new Error('the browser is not open');
    return this.#browser;
  }
  get cable(): Cable {
    if (!this.#cable) throw new Error('no cable is laid');
    return this.#cable;
  }
  /** Where devices find it. */
  get mqttPort(): number {
    return this.#ports.mqtt;
  }
  get setupPath(): string | null {
    return this.#platform?.setupPath ?? null;
  }

  async open(): Promise<void> {
    if (!existsSync(BUILT)) throw new Error('the dashboard is not built: npm run build');
    const [browser] = await Promise.all([
      chromium.launch({ executablePath: CHROMIUM ?? '', args: CHROMIUM_ARGUMENTS }),
      this.startPlatform(),
    ]);
    this.#browser = browser;
    this.#cable = await layCable(this.#ports.http);
  }

  /** Starts the platform; after a stop, on the same folder and ports as before. */
  async startPlatform(): Promise<void> {
    const settings = loadSettings(
      {},
      {
        dataDirectory: this.#folder,
        http: { port: this.#ports.http, host: '127.0.0.1' },
        mqtt: { port: this.#ports.mqtt, host: '127.0.0.1' },
        demo: { fleet: false, historyDays: 0 },
        notifications: { allowedTargets: '127.0.0.0/8', gatherSeconds: 1 },
        ...this.#settings,
      },
    );
    this.#platform = await startPlatform(settings, this.#mode, pino({ level: 'silent' }));
    this.#ports = { http: this.#platform.httpPort, mqtt: this.#platform.mqttPort };
  }

  /** Writes what another process writes that shares the registry with this platform. */
  async beside(work: (registry: Registry) => Promise<unknown>): Promise<void> {
    const path = join(this.#folder, 'registry.sqlite');
    const registry = openSqliteRegistry({ path, clock: () => epochMs(Date.now()), newId: randomUUID });
    await work(registry).finally(() => registry.close());
  }

  async stopPlatform(): Promise<void> {
    await Promise.all([...this.#devices.values()].map((client) => client.endAsync(true)));
    this.#devices.clear();
    await this.#platform?.stop();
    this.#platform = null;
  }

  /** Sends telemetry as the device itself does; resolves when the platform has acknowledged it. */
  async publish(device: string, body: unknown): Promise<void> {
    let client = this.#devices.get(device);
    if (!client) {
      client = await connectAsync(`mqtt://127.0.0.1:${this.#ports.mqtt}`, {
        clientId: device,
        username: device,
        password: demoToken('1', device),
        protocolVersion: 4,
      });
      this.#devices.set(device, client);
    }
    await client.publishAsync(`hd/v1/${device}/telemetry`, JSON.stringify(body), { qos: 1 });
  }
  /** As {@link publish}, measured now. */
  report(device: string, values: Readonly<Record<string, number>>): Promise<void> {
    return this.publish(device, { ts: Date.now(), values });
  }

  /** A browser profile of its own, signed in, with the choices remembered on that machine. */
  async screen(options: ScreenOptions = {}): Promise<Screen> {
    const { as = 'vanhanh', language = 'vi', scheme = 'dark', size = 'wide' } = options;
    const context = await this.browser.newContext({
      viewport: SIZES[size],
      hasTouch: size === 'phone',
      isMobile: size === 'phone',
      reducedMotion: options.reducedMotion === false ? 'no-preference' : 'reduce',
      colorScheme: scheme ?? 'dark',
      ...options.context,
    });
    context.setDefaultTimeout(15_000);
    if (language !== null || scheme !== null) {
      await context.addInitScript(
        (remembered) => {
          // Once a profile: what the page itself remembers later is not overwritten.
          if (localStorage.getItem('hd.test-prepared')) return;
          localStorage.setItem('hd.test-prepared', 'yes');
          for (const [key, value] of Object.entries(remembered)) if (value) localStorage.setItem(key, value);
        },
        { 'hd.language': language, 'hd.colour-scheme': scheme },
      );
    }
    if (as !== null) await signIn(context, this.url, as);
    const page = await context.newPage();
    const complaints: string[] = [];
    const complain = (text: string) => {
      if (!(options.networkMayFail && isOfTheNetwork(text))) complaints.push(text);
    };
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') complain(`console: ${message.text()}`);
    });
    page.on('pageerror', (error) => complain(`uncaught: ${error.message}`));
    page.on('requestfailed', (request) => {
      // A page that is left gives up what it was still asking for.
      const reason = request.failure()?.errorText ?? '';
      if (reason !== 'net::ERR_ABORTED') complain(`request failed: ${request.url()} ${reason}`);
    });
    page.on('response', (response) => {
      if (response.status() >= 400) complain(`answer ${response.status()}: ${response.url()}`);
    });
    const screen: Screen = {
      page,
      context,
      complaints,
      open: async (path) => {
        await page.goto(this.url + path, { waitUntil: 'domcontentloaded' });
      },
    };
    this.#screens.push(screen);
    return screen;
  }

  /** Keeps a picture of every screen of a test that failed, and tells where. */
  async keepPictures(test: string): Promise<void> {
    const folder = mkdtempSync(join(tmpdir(), 'hd-failed-'));
    for (const [index, { page }] of this.#screens.entries()) {
      const path = join(folder, `${index}.png`);
      await page.screenshot({ path }).catch(() => {});
      console.log(`${test}: ${path} of ${page.url()}`);
    }
  }

  /** Closes every screen and gives what they complained of. */
  async closeScreens(): Promise<readonly string[]> {
    const complaints = this.#screens.flatMap((screen) => screen.complaints);
    await Promise.all(this.#screens.splice(0).map(({ context }) => context.close()));
    return complaints;
  }

  async close(): Promise<void> {
    await this.#browser?.close();
    await this.#cable?.close();
    await this.stopPlatform();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

const isOfTheNetwork = (text: string): boolean =>
  /net::ERR_|request failed|WebSocket connection|Failed to load resource|answer 50[234]/.test(text);

async function signIn(context: BrowserContext, url: string, loginName: DemoAccount): Promise<void> {
  const answer = await context.request.post(`${url}/api/v1/session`, {
    headers: { origin: url },
    data: { loginName, password: DEMO_PASSWORD },
  });
  if (!answer.ok()) throw new Error(`${loginName} can't sign in: ${answer.status()} ${await answer.text()}`);
}

/**
 * A suite in front of one platform. After every test its screens are closed, and must have complained of nothing: no console error, no failed
 * request, nothing that the content security policy had to stop.
 */
export function describeInChromium(
  name: string,
  suite: (room: ControlRoom) => void,
  { mode = 'demo' as 'demo' | 'serve', settings = {} as Readonly<Record<string, unknown>> } = {},
): void {
  describe.skipIf(!CHROMIUM)(`${name}${CHROMIUM ? '' : ' (chromium is not installed)'}`, { timeout: 180_000 }, () => {
    const room = new ControlRoom(mode, settings);
    beforeAll(() => room.open());
    afterEach(async ({ task }) => {
      if (task.result?.state === 'fail') await room.keepPictures(task.name);
      expect(await room.closeScreens()).toEqual([]);
    });
    afterAll(() => room.close());
    suite(room);
  });
}
