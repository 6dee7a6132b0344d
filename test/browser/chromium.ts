import { existsSync } from 'node:fs';

/** Debian's Chromium, or whatever stands in its place; `undefined` where there is none. */
export const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);

/** Drawing by the processor: a machine for tests has no graphics card. */
export const CHROMIUM_ARGUMENTS = [
  '--no-sandbox',
  '--use-angle=swiftshader',
  '--enable-unsafe-swiftshader',
  '--autoplay-policy=no-user-gesture-required',
  // Debian's wrapper asks for it: a graphics card that is computed paints pages more slowly than the processor does by itself.
  '--disable-gpu-rasterization',
];
