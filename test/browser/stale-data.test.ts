import { expect, it } from 'vitest';
import vi from '../../dashboard/i18n/vi.json' with { type: 'json' };
import { describeInChromium, SOON } from './control-room.ts';

const POINT = { device: 'wr-cua-cam', id: 'p-wr-cua-cam' };
/** A text of the catalogue up to its first parameter. */
const beginning = (text: string): string => text.split('{{')[0] as string;

describeInChromium('A screen whose data is older than it should be', (room) => {
  it('says so within seconds when the network is cut without a word, and is live again by itself', async () => {
    await room.report(POINT.device, { water_level: 1.2 });
    const { page, open } = await room.screen({ networkMayFail: true });
    await open(`/?point=${POINT.id}`);
    await page.getByText(vi.line.live, { exact: true }).waitFor();
    const value = page.getByRole('list', { name: vi.point.valuesHint }).getByRole('button').first();
    await expect.poll(() => value.textContent(), SOON).toContain('1,20 m');

    room.cable.cut();
    const cutAt = Date.now();
    const banner = page.getByRole('alert').filter({ hasText: beginning(vi.stale.title) });
    await banner.waitFor();
    expect(Date.now() - cutAt).toBeLessThan(8_000);
    await page.getByText(vi.line.lost, { exact: true }).waitFor();
    // What is shown stays, and is seen to be old.
    expect(await value.textContent()).toContain('1,20 m');
    expect(await value.locator('.live-value').evaluate((element) => getComputedStyle(element).fontStyle)).toBe(
      'italic',
    );
    // What happens meanwhile is kept by the platform.
    await room.report(POINT.device, { water_level: 1.35 });

    room.cable.mend();
    await banner.waitFor({ state: 'detached' });
    await expect.poll(() => value.textContent(), SOON).toContain('1,35 m');
    await page.getByText(vi.line.live, { exact: true }).waitFor();
  });

  it('says since when while the server is down, and shows what the server kept once it is back', async () => {
    const { page, open } = await room.screen({ networkMayFail: true });
    await open('/alarms');
    await page.getByText(vi.line.live, { exact: true }).waitFor();
    await room.report('wn-cat-hai', { rain_intensity: 90 });
    const row = page.getByRole('grid', { name: vi.alarms.list.open }).getByRole('row').filter({ hasText: 'Cát Hải' });
    await row.waitFor();

    const stopping = performance.now();
    await room.stopPlatform();
    // Screens that look don't hold the platform up.
    expect(performance.now() - stopping).toBeLessThan(5_000);
    const banner = page.getByRole('alert').filter({ hasText: beginning(vi.stale.title) });
    await banner.waitFor();
    expect(await banner.textContent()).toContain(vi.stale.disconnected);
    expect(await banner.textContent()).toMatch(/\d\d:\d\d:\d\d/);
    await row.waitFor();

    await room.startPlatform();
    await banner.waitFor({ state: 'detached' });
    await row.getByText(vi.work.new).waitFor();
    await room.report('wn-do-son', { rain_intensity: 91 });
    await page.getByRole('grid', { name: vi.alarms.list.open }).getByText('Trạm đo mưa Đồ Sơn').waitFor();
  });

  it('says what failed, and that nothing was lost, when a step can’t reach the server', async () => {
    await room.report('wn-le-chan', { rain_intensity: 90 });
    const { page, open } = await room.screen({ networkMayFail: true });
    await open('/alarms');
    const row = page.getByRole('grid', { name: vi.alarms.list.open }).getByRole('row').filter({ hasText: 'Lê Chân' });
    await row.click();
    await page.context().setOffline(true);
    const panel = page.getByRole('complementary', { name: vi.alarms.panel });
    await panel.getByRole('button', { name: vi.alarms.acknowledge }).click();
    await page.getByText(vi.alarms.stepRefused).waitFor();
    await panel.getByText(vi.work.new).waitFor();
    await page.context().setOffline(false);
  });

  it('comes back after a server that could not say who looks, as while its registry was away', async () => {
    const { page, open } = await room.screen();
    let refused = 0;
    await page.routeWebSocket(/\/socket\.io\//, (line) => {
      const server = line.connectToServer();
      line.onMessage((message) => {
        // A word of socket.io's own: CONNECT_ERROR for the namespace.
        if (refused === 0 && String(message).startsWith('40/live')) {
          refused++;
          line.send('44/live,{"message":"REGISTRY_UNAVAILABLE"}');
        } else server.send(message);
      });
    });
    await open('/alarms');
    await page.getByText(vi.line.live, { exact: true }).waitFor();
    expect(refused).toBe(1);
  });

  it('goes to sign-in when the session was ended elsewhere, and comes back to the same page', async () => {
    const { page, open, complaints } = await room.screen();
    await open('/points?domains=water');
    await page.getByText(vi.line.live, { exact: true }).waitFor();
    await page.evaluate(async () => {
      const { csrfToken } = (await (await fetch('/api/v1/session')).json()) as { csrfToken: string };
      await fetch('/api/v1/session', { method: 'DELETE', headers: { 'X-CSRF-Token': csrfToken } });
    });
    await page.getByText(vi.login.leadBack).waitFor();
    await page.getByRole('button', { name: 'vanhanh' }).click();
    await page.getByRole('heading', { name: vi.nav.assets, level: 1 }).waitFor();
    expect(new URL(page.url()).search).toBe('?domains=water');
    complaints.length = 0;
  });
});
