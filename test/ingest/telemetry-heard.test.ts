import { expect, it, vi } from 'vitest';
import { connect } from './device-door.ts';
import { newFolder, openIngest, tokenOf } from './platform-parts.ts';

it('hands telemetry on to who is subscribed to it, from the moment the subscription is granted', async () => {
  const platform = await openIngest(newFolder());
  const topic = 'hd/v1/air-1/telemetry';
  const device = await connect(platform.mqttPort, {
    clientId: 'air-1',
    username: 'air-1',
    password: tokenOf('air-1'),
    protocolVersion: 4,
  });
  const heard: string[] = [];
  device.on('message', (from, payload) => from === topic && heard.push(payload.toString()));
  const publish = (value: number) => device.publishAsync(topic, `{"values":{"pm2_5":${value}}}`, { qos: 1 });
  await publish(1);
  await device.subscribeAsync('hd/v1/air-1/+', { qos: 1 });
  await publish(2);
  await vi.waitFor(() => expect(heard).toEqual(['{"values":{"pm2_5":2}}']), { timeout: 10_000 });
  await device.endAsync(true);
  await platform.stopAll();
});
