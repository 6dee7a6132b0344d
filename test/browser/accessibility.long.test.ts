import { expect, it } from 'vitest';
import { fillPages, problemsOfPages, WAYS } from './accessible-pages.ts';
import { describeInChromium } from './control-room.ts';
import { PAGES } from './pages.ts';

describeInChromium('Everybody can use', (room) => {
  it.each(WAYS.map((way) => ({ way })))('every page: $way', async ({ way }) => {
    await fillPages(room);
    expect(await problemsOfPages(room, way, PAGES)).toEqual({});
  });
});
