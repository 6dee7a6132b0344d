import { expect, it } from 'vitest';
import vi from '../../dashboard/i18n/vi.json' with { type: 'json' };
import { issue } from '../ingest/certificate-chain.ts';
import { describeInChromium, SOON } from './control-room.ts';
import { aStoppedGateway } from './stopped-gateway.ts';

/** A sheet of this many noise stations, of which one is of no model that there is. */
const sheet = (devices: number): Buffer =>
  Buffer.from(
    [
      'id,model,serial,Ghi chú',
      ...Array.from({ length: devices }, (_, i) => `to-${i},${i === 7 ? 'khong-co' : 'noise'},SN-${i},x`),
    ].join('\n'),
  );
const named = (text: string, values: Readonly<Record<string, string>>): string =>
  text.replace(/\{\{(\w+)\}\}/g, (_, name: string) => values[name] ?? '');

describeInChromium('Devices come in', (room) => {
  it('by a sheet: every row’s outcome before, all at once, labels for them, and back again', async () => {
    const { page, open } = await room.screen({ as: 'lapdat' });
    await open('/imports');
    await page.getByLabel(vi.alarms.agency).first().click();
    await page.getByRole('option', { name: 'Sở Nông nghiệp và Môi trường Hải Phòng' }).click();
    await page
      .locator('input[type=file]')
      .setInputFiles({ name: 'dot-1.csv', mimeType: 'text/csv', buffer: sheet(3_000) });
    // The whole sheet, of which a handful of rows is in the page.
    const grid = page.getByRole('grid', { name: vi.imports.rows });
    await expect.poll(() => grid.getAttribute('aria-rowcount'), SOON).toBe('3001');
    expect(await grid.getByRole('row').count()).toBeLessThan(80);
    await page.getByText('Ghi chú', { exact: false }).waitFor();
    await page.getByRole('button', { name: `${vi.imports.kind.error} 1`, exact: true }).click();
    await expect.poll(() => grid.getAttribute('aria-rowcount'), SOON).toBe('2');
    await grid.getByText('Không có loại thiết bị "khong-co"').waitFor();
    const apply = page.getByRole('button', { name: named(vi.imports.apply_other, { shown: '2.999' }) });
    expect(await apply.isDisabled()).toBe(true);
    await page.getByRole('checkbox', { name: vi.imports.skipErrors }).check();
    await apply.click();
    await page.getByRole('button', { name: vi.imports.undo }).click();
    await page.getByText('2.999 thiết bị do lần nhập này tạo sẽ bị xóa', { exact: false }).waitFor();
    await page.getByRole('dialog').getByRole('button', { name: vi.imports.undo }).click();
    await page.getByText(vi.imports.state.undone, { exact: false }).first().waitFor();
    await open('/imports');
    await page.getByRole('button', { name: /dot-1\.csv/ }).waitFor();
  });

  it('with labels: from where the sheet is free, and said plainly when old ones die', async () => {
    const { page, open } = await room.screen({ as: 'lapdat' });
    await open('/labels');
    await page.getByRole('gridcell', { name: 'kho-on-01', exact: true }).last().click();
    const panel = page.getByRole('complementary', { name: vi.labels.title });
    // The demo's stock has labels that work.
    await panel.getByText('còn dùng được', { exact: false }).waitFor();
    await panel.getByRole('textbox', { name: vi.labels.start }).fill('21');
    await panel.getByRole('button', { name: vi.labels.print }).click();
    const downloaded = page.waitForEvent('download');
    await page.getByRole('dialog').getByRole('button', { name: vi.labels.confirm }).click();
    expect((await downloaded).suggestedFilename()).toBe('device-labels.pdf');
    await panel.getByText('1 nhãn', { exact: false }).first().waitFor();
    await panel.getByText('kho-on-01').waitFor();
  });

  it('by themselves: a profile with its secret shown once, an authority with what revoking it does', async () => {
    const { page, open } = await room.screen({ as: 'quantri' });
    await open('/provisioning');
    await page.getByRole('button', { name: vi.provisioning.addProfile }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('textbox', { name: vi.provisioning.name }).fill('Đợt thử');
    await dialog.getByRole('textbox', { name: vi.provisioning.key }).fill('dot-thu');
    await dialog.getByLabel(vi.provisioning.models).first().click();
    await page.getByRole('option').first().click();
    await page.keyboard.press('Escape');
    await dialog.getByRole('button', { name: vi.common.save }).click();
    await dialog.getByText(vi.provisioning.secretOnce).waitFor();
    const secret = (await dialog.locator('.code-block').first().textContent()) ?? '';
    expect(secret.length).toBeGreaterThan(20);
    await dialog.getByRole('button', { name: vi.provisioning.kept }).click();
    await page.getByRole('complementary').getByText('hd/v1/provision/dot-thu').waitFor();
    expect(await page.getByText(secret).count()).toBe(0);

    await page.getByRole('button', { name: vi.provisioning.addAuthority }).click();
    const { pem } = await issue({ name: 'Maker', issuer: null, isAuthority: true });
    await dialog.getByRole('textbox', { name: vi.provisioning.name }).fill('Hãng');
    await dialog.getByRole('textbox', { name: vi.provisioning.pem }).fill(pem);
    await dialog.getByLabel(vi.provisioning.model).first().click();
    await page.getByRole('option').first().click();
    await dialog.getByRole('button', { name: vi.common.save }).click();
    const panel = page.getByRole('complementary', { name: vi.provisioning.title });
    await panel.getByRole('button', { name: vi.provisioning.revoke }).click();
    await dialog.getByText(vi.provisioning.revokeNone).waitFor();
    await dialog.getByRole('button', { name: vi.provisioning.revoke }).click();
    await panel.getByText('đã thu hồi', { exact: false }).waitFor();
  });

  it('with what another gateway holds of theirs unseen, and said plainly whose it is', async () => {
    const { page, open } = await room.screen({ as: 'lapdat' });
    const notice = page.getByText(named(vi.quarantine.away, { gateways: 'cong-cau-rao' }));
    await open('/quarantine');
    await page.getByText(vi.quarantine.empty).waitFor();
    expect(await notice.count()).toBe(0);
    await aStoppedGateway(room, 'cong-cau-rao');
    await open('/quarantine');
    await notice.waitFor();
  });

  it('by nobody who may not: pages and tabs are not there', async () => {
    const { page, open } = await room.screen({ as: 'vanhanh' });
    await open('/points');
    await page.getByRole('link', { name: vi.assets.devices, exact: true }).waitFor();
    for (const name of [vi.assets.imports, vi.assets.labels, vi.assets.provisioning])
      expect(await page.getByRole('link', { name }).count()).toBe(0);
  });
});
