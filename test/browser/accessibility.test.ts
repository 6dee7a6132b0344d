import { expect, it } from 'vitest';
import vi from '../../dashboard/i18n/vi.json' with { type: 'json' };
import { fillPages, problemsOf, problemsOfPages, WAYS, wayOf } from './accessible-pages.ts';
import { describeInChromium } from './control-room.ts';
import { mapIsDrawn } from './map-pixels.ts';
import { atRest, PAGES } from './pages.ts';

describeInChromium('Everybody can use', (room) => {
  // Each page in one of the ways: all of them in all ways take minutes, and are looked at by the long tests.
  it.each(WAYS)('every fourth page: %s, %s, %s', async (...way) => {
    await fillPages(room);
    const pages = PAGES.filter((_, nth) => wayOf(nth).every((part, i) => part === way[i]));
    expect(await problemsOfPages(room, way, pages)).toEqual({});
  });

  it.each(['dark', 'light'] as const)('the page for signing in, with what went wrong: %s', async (scheme) => {
    const { page, open } = await room.screen({ as: null, scheme });
    await open('/login');
    await page.getByRole('button', { name: vi.login.submit, exact: true }).click();
    await page.getByRole('alert').waitFor();
    await atRest(page);
    expect(await problemsOf(page)).toEqual([]);
  });

  it('menus, legend and search while they are open', async () => {
    const { page, open } = await room.screen({ as: 'quantri' });
    await open('/');
    await mapIsDrawn(page);
    for (const show of [
      () => page.getByRole('button', { name: vi.nav.account }).click(),
      () => page.getByRole('button', { name: vi.filter.states }).click(),
      () => page.getByRole('button', { name: vi.legend.title }).click(),
      () => page.getByRole('button', { name: vi.search.open }).click(),
    ]) {
      await show();
      await page.locator('[role="menu"], [role="dialog"]').first().waitFor();
      await atRest(page);
      // What pops up stands beside the landmarks, not in one: it belongs to the button that has the focus. The page under it is looked at by itself.
      expect(await problemsOf(page, { within: '[role="menu"], [role="dialog"]', withoutRules: ['region'] })).toEqual(
        [],
      );
      await page.keyboard.press('Escape');
      await page.locator('[role="menu"], [role="dialog"]').first().waitFor({ state: 'hidden' });
    }
  });

  it('targets a finger can hit on a phone: 44 pixels high', async () => {
    await fillPages(room);
    const { page, open } = await room.screen({ as: 'quantri', size: 'phone' });
    for (const path of ['/', '/alarms', '/points', '/rules']) {
      await open(path);
      await page.getByRole('navigation', { name: vi.nav.main }).waitFor();
      await page.locator('.grid-body [role="row"], .map-list-button').first().waitFor();
      const small = await page.evaluate(() =>
        [...document.querySelectorAll('button, .chip, .tab, .bottom-link, .grid-body [role="row"]')]
          .filter((element) => {
            const { height, width } = element.getBoundingClientRect();
            return width > 0 && height > 0 && height < 43.5 && !element.closest('.visually-hidden');
          })
          .map((element) => `${element.className} ${element.textContent} ${element.getBoundingClientRect().height}`),
      );
      expect(small, path).toEqual([]);
    }
  });

  it('a sheet on a phone from the keyboard: it holds the focus while it is open, and gives it back', async () => {
    const { page, open } = await room.screen({ as: 'quantri', size: 'phone' });
    await open('/points');
    const grid = page.getByRole('grid');
    await grid.focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    const sheet = page.getByRole('complementary', { name: vi.point.panel });
    const close = sheet.getByRole('button', { name: vi.common.close });
    await close.waitFor();
    const isInside = () => sheet.evaluate((element) => element.contains(document.activeElement));
    expect(await isInside()).toBe(true);
    // Round from its beginning to its end and back, and in from where a finger has put the focus.
    await sheet.focus();
    await page.keyboard.press('Shift+Tab');
    expect(await isInside()).toBe(true);
    await page.keyboard.press('Tab');
    expect(await isInside()).toBe(true);
    await grid.focus();
    await page.keyboard.press('Tab');
    expect(await isInside()).toBe(true);
    await page.keyboard.press('Escape');
    await sheet.waitFor({ state: 'detached' });
    expect(await grid.evaluate((element) => element === document.activeElement)).toBe(true);
  });

  it('the pages from the keyboard: past the navigation to the content, the focus always seen', async () => {
    const { page, open } = await room.screen();
    await open('/points');
    await page.getByRole('grid').waitFor();
    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe(vi.shell.skip);
    await page.keyboard.press('Enter');
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('content');
    for (let step = 0; step < 12; step += 1) {
      await page.keyboard.press('Tab');
      // Past the last thing of the page the browser's own begin.
      if (await page.evaluate(() => document.activeElement === document.body)) break;
      const outline = await page.evaluate(() => {
        const element = document.activeElement as HTMLElement;
        const row = element.querySelector('[data-active]') ?? element;
        const shown = [element, row, element.closest('.mantine-Input-input') ?? element];
        return shown.some((each) => {
          const style = getComputedStyle(each);
          return (
            (style.outlineStyle !== 'none' && style.outlineWidth !== '0px') ||
            style.borderColor.includes('79, 179, 217')
          );
        })
          ? null
          : element.outerHTML.slice(0, 200);
      });
      expect(outline, `after ${step + 1} tabs`).toBeNull();
    }
  });

  it('screens without motion, where the system asks for none: a new alarm is told, and nothing moves', async () => {
    const { page, open } = await room.screen({ reducedMotion: true });
    await open('/');
    await mapIsDrawn(page);
    await page.evaluate(() => {
      // Anything that runs for longer than a frame would be seen as motion.
      Object.assign(window, { moved: 0 });
      const look = () => {
        const running = document
          .getAnimations()
          .filter((animation) => Number(animation.effect?.getComputedTiming().duration ?? 0) > 1);
        (window as unknown as { moved: number }).moved += running.length;
        requestAnimationFrame(look);
      };
      look();
    });
    await room.report('wn-hai-an', { rain_intensity: 95 });
    await page.getByRole('grid', { name: vi.view.title }).getByText('Trạm đo mưa Hải An').waitFor();
    await page.getByRole('button', { name: vi.map.zoomIn }).click();
    await page.getByRole('button', { name: vi.nav.account }).click();
    await page.getByRole('menuitem', { name: vi.account.signOut }).waitFor();
    expect(await page.evaluate(() => (window as unknown as { moved: number }).moved)).toBe(0);
  });
});
