import { AxeBuilder } from '@axe-core/playwright';
import { afterEach, expect, it } from 'vitest';
import { demoFirmwareKey } from '../../config/city/demo-firmware.ts';
import { demoToken } from '../../config/city/demo-tokens.ts';
import { haiPhong, haiPhongFacts } from '../../config/city/hai-phong.ts';
import vi from '../../dashboard/i18n/vi.json' with { type: 'json' };
import type { EpochMs } from '../../domain/time.ts';
import { createFleet } from '../../firmware-sim/fleet.ts';
import { createCityDevices } from '../../firmware-sim/hardware/devices.ts';
import type { FirmwareFault } from '../../firmware-sim/hardware/firmware-update.ts';
import { anImage, signed } from '../firmware/firmware-street.ts';
import { describeInChromium } from './control-room.ts';

const MODEL = 'air-reference';
const SLOW = { timeout: 25_000 };

describeInChromium('firmware in the browser', (room) => {
  const running: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const stop of running.splice(0)) await stop();
  });
  async function stationsOn(faultOf: () => FirmwareFault | null): Promise<void> {
    const { devices } = createCityDevices({
      city: haiPhong,
      facts: haiPhongFacts,
      seed: 1,
      from: Date.now() as EpochMs,
      effects: [],
      temper: 'tame',
    });
    const fleet = createFleet({
      brokerUrl: `mqtt://127.0.0.1:${room.mqttPort}`,
      devices: devices.filter(({ modelId }) => modelId === MODEL),
      credentialsOf: (device) => ({ username: device, password: demoToken('1', device) }),
      clock: () => Date.now() as EpochMs,
      firmware: { httpUrl: room.url, publicKeys: [demoFirmwareKey('1').publicKey], faultOf },
    });
    await fleet.start();
    running.push(() => fleet.stop());
  }

  it('uploads a signed image, rolls it out with a preview, shows why it halted, and is fit for a phone', async () => {
    await stationsOn(() => 'flash_failure');
    const { page, open } = await room.screen({ as: 'lapdat', scheme: 'light' });
    await open('/firmware');
    await page.getByText(vi.firmware.noImages, { exact: true }).waitFor();
    const press = (name: string) => page.getByRole('button', { name, exact: true }).click();
    const dialog = page.getByRole('dialog');

    const bytes = anImage(200_000);
    const { signature } = signed(bytes, MODEL, '9.0.0', demoFirmwareKey('1').privateKey);
    const agency = haiPhong.devices.find(({ modelId }) => modelId === MODEL)?.agencyId;
    await press(vi.firmware.upload);
    await dialog.getByLabel(vi.firmware.agency).first().click();
    await page.getByRole('option', { name: haiPhong.agencies.find(({ id }) => id === agency)?.name.vi ?? '' }).click();
    await dialog.getByLabel(vi.device.model).first().click();
    await page.getByRole('option', { name: `(${MODEL})` }).click();
    await dialog.getByLabel(vi.firmware.version, { exact: true }).fill('9.0.0');
    const files = dialog.locator('input[type=file]');
    await files.nth(0).setInputFiles({ name: 'air.bin', mimeType: 'application/octet-stream', buffer: bytes });
    // As openssl writes it: 64 bytes.
    await files.nth(1).setInputFiles({
      name: 'air.sig',
      mimeType: 'application/octet-stream',
      buffer: Buffer.from(signature, 'base64'),
    });
    await expect.poll(() => dialog.getByLabel(vi.firmware.signature, { exact: true }).inputValue()).toBe(signature);
    await dialog.getByRole('button', { name: vi.firmware.upload }).click();
    await page.getByText('9.0.0', { exact: true }).waitFor();

    await press(vi.firmware.rollOut);
    await dialog.getByText(vi.firmware.previewWanting).waitFor();
    const { violations: inDialog } = await new AxeBuilder({ page }).include('[role=dialog]').analyze();
    expect(inDialog.map(({ id }) => id)).toEqual([]);
    await dialog.getByLabel(vi.firmware.stages).first().click();
    await page.getByRole('option', { name: '50 % → 100 %', exact: true }).click();
    await dialog.getByRole('button', { name: vi.firmware.start }).click();
    await page.getByText(vi.firmware.haltedTitle).waitFor(SLOW);
    await page.getByText(vi.firmware.code.FLASH_FAILED).first().waitFor(SLOW);

    await page.setViewportSize({ width: 390, height: 844 });
    expect(await page.evaluate(() => document.documentElement.scrollWidth > innerWidth)).toBe(false);
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(violations.flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id}: ${target.join(' ')}`))).toEqual([]);
    await page.locator('.firmware-device a').first().click();
    await page.getByText(vi.firmware.runs).waitFor();
    await page.goBack();
    await press(vi.firmware.step.cancel);
    await press(vi.firmware.step.cancelSure);
    await page.getByText(vi.firmware.rolloutState.cancelled, { exact: true }).waitFor();
  });
});
