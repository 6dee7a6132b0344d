import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);
/**
 * Drawing by the processor: a machine for benches has no graphics card. Pages without one are painted by the processor at once, as Chromium does by itself;
 * Debian's wrapper has it compute a graphics card for that, too.
 */
const CHROMIUM_ARGUMENTS = [
  '--no-sandbox',
  '--use-angle=swiftshader',
  '--enable-unsafe-swiftshader',
  '--disable-gpu-rasterization',
];

export async function launchChromium(): Promise<Browser> {
  if (CHROMIUM === undefined) throw new Error('chromium is missing: apt-get install chromium');
  return chromium.launch({ executablePath: CHROMIUM, args: CHROMIUM_ARGUMENTS });
}
