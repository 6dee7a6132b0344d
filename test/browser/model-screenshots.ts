/**
 * Draws the pictures of device models in docs/images, in both languages: the list of models, and a codec on the bench beside what it makes of a
 * message that was held. Run by `npm run screenshots`.
 */
import type { DeviceId, DeviceModelId, PointId } from '../../domain/identifiers.ts';
import { LANGUAGES } from '../../domain/localized.ts';
import type { QuantityKey } from '../../domain/quantity.ts';
import { minutes } from '../../domain/time.ts';
import { atDesk } from './field-device.ts';
import { drawPictures, pictured, shoot } from './pictures.ts';

const MODEL = 'em300-th' as DeviceModelId;
const DEVICE = 'em300-le-chan' as DeviceId;
/** As a maker may publish it, but for a battery that no channel takes. */
const CODEC = `function decodeUplink(input) {
  var bytes = input.bytes;
  var data = {};
  for (var i = 0; i < bytes.length; ) {
    var channel = bytes[i++];
    var type = bytes[i++];
    if (channel === 0x01 && type === 0x75) {
      data.battery = bytes[i++];
    } else if (channel === 0x03 && type === 0x67) {
      data.temperature = ((bytes[i + 1] << 24 >> 16) | bytes[i]) / 10;
      i += 2;
    } else if (channel === 0x04 && type === 0x68) {
      data.humidity = bytes[i++] / 2;
    } else {
      return { errors: ['unknown channel ' + channel] };
    }
  }
  return { data: data };
}
`;
const PAYLOAD = Uint8Array.of(0x01, 0x75, 0x5c, 0x03, 0x67, 0x1a, 0x01, 0x04, 0x68, 0x89);
const SIZE = { width: 1280, height: 1000 };
const QUANTITIES = ['temperature', 'humidity'] as QuantityKey[];

await drawPictures({}, async (room) => {
  const { url } = room;
  const desk = await atDesk(room, 'quantri');
  const point = await desk.call('GET /points/{pointId}', { params: { pointId: 'p-ea-le-chan' as PointId } });
  await desk.call('POST /models', {
    body: {
      id: MODEL,
      agencyId: point.agencyId,
      maker: 'Milesight',
      name: 'EM300-TH',
      title: { vi: 'Cảm biến nhiệt ẩm LoRaWAN', en: 'LoRaWAN climate sensor' },
      domain: 'environment',
      format: 'codec',
      codec: CODEC,
      channels: QUANTITIES.map((quantity) => ({ key: quantity, quantity, plausibleRange: null })),
      expectedInterval: minutes(10),
      rateLimit: null,
    },
  });
  const params = { deviceId: DEVICE };
  await desk.call('POST /devices', {
    body: { id: DEVICE, agencyId: point.agencyId, modelId: MODEL, serialNumber: '24e124785c420001', state: 'claimed' },
  });
  await desk.call('POST /devices/{deviceId}/assignments', { params, body: { pointId: point.id } });
  const { token } = await desk.call('POST /devices/{deviceId}/credentials', { params, body: {} });
  const headers = { authorization: `Bearer ${token}` };
  for (const body of [PAYLOAD.subarray(0, 7), PAYLOAD])
    await fetch(`${url}/ingest/v1/telemetry`, { method: 'POST', headers, body: Uint8Array.from(body) });

  for (const language of LANGUAGES) {
    const page = await pictured(room, language, 'wide', {
      as: 'quantri',
      scheme: 'light',
      context: { viewport: SIZE },
    });
    await page.goto(`${url}/models`);
    await page.locator('.grid-body [role="row"]').nth(3).waitFor();
    await shoot(page, `models-${language}`);
    await page.goto(`${url}/models/${MODEL}`);
    await page.locator('.cm-content').waitFor();
    await page.locator('.trial-values tbody tr').nth(1).waitFor();
    await shoot(page, `codec-${language}`);
    await page.context().close();
  }
});
