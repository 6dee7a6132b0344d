import { describe, expect, it } from 'vitest';
import type { DeviceId } from '../domain/identifiers.ts';
import { epochMs } from '../domain/time.ts';
import { type Decoded, emptyDecoded } from './decode/measurement.ts';
import { createDeviceTail, TAIL_LIMITS } from './device-tail.ts';

const AIR = 'air-1' as DeviceId;
const incoming = (text: string, deviceId = AIR) => ({
  deviceId,
  transport: 'mqtt' as const,
  topic: `hd/v1/${deviceId}/telemetry`,
  bytes: new TextEncoder().encode(text),
});
const decoded = (value: number): Decoded => ({
  ...emptyDecoded(),
  measurements: [{ index: 0, channel: 'pm2_5', value, deviceTime: null, status: 'ok' }],
});
function aTail() {
  let now = 1_000;
  const tail = createDeviceTail(() => epochMs(now));
  return {
    tail,
    pass: (ms: number) => (now += ms),
    note: (value: number, text = '{}') => tail.note(incoming(text), decoded(value), epochMs(now)),
  };
}
const values = (tail: ReturnType<typeof createDeviceTail>) =>
  tail.watch(AIR).messages.map(({ values: [first] }) => first?.value);

describe('the tail of a device', () => {
  it('keeps nothing of devices that nobody watches', () => {
    const { tail, note } = aTail();
    note(1);
    expect(values(tail)).toEqual([]);
    tail.note(incoming('{}', 'other' as DeviceId), decoded(2), epochMs(0));
    expect(values(tail)).toEqual([]);
  });

  it('gives the newest messages first, and no more than twenty', () => {
    const { tail, note } = aTail();
    tail.watch(AIR);
    for (let n = 1; n <= 25; n++) note(n);
    expect(values(tail)).toEqual(Array.from({ length: 20 }, (_, i) => 25 - i));
  });

  it('shows the beginning of a large message and tells its size', () => {
    const { tail, note } = aTail();
    tail.watch(AIR);
    note(1, 'x'.repeat(10_000));
    const [seen] = tail.watch(AIR).messages;
    expect([seen?.bytes.length, seen?.sizeBytes]).toEqual([TAIL_LIMITS.bytes, 10_000]);
  });

  it('forgets the device a while after it was last asked for', () => {
    const { tail, note, pass } = aTail();
    tail.watch(AIR);
    pass(TAIL_LIMITS.watchedFor - 1);
    note(1);
    expect(values(tail)).toEqual([1]);
    pass(TAIL_LIMITS.watchedFor);
    note(2);
    expect(tail.watchedDevices).toBe(0);
    expect(values(tail)).toEqual([]);
  });

  it('shows a carried device the message that brought it, with what was its own', () => {
    const { tail } = aTail();
    tail.watch(AIR);
    const device = { deviceId: AIR } as NonNullable<Decoded['carried']>[number]['device'];
    tail.note(
      incoming('cargo', 'gateway' as DeviceId),
      { ...emptyDecoded(), carried: [{ device, decoded: decoded(7) }] },
      epochMs(5),
    );
    expect(tail.watch(AIR).messages).toMatchObject([{ topic: 'hd/v1/gateway/telemetry', values: [{ value: 7 }] }]);
  });

  it('watches so many devices and no more', () => {
    const { tail } = aTail();
    for (let n = 0; n < TAIL_LIMITS.devices + 5; n++) tail.watch(`d-${n}` as DeviceId);
    expect(tail.watchedDevices).toBe(TAIL_LIMITS.devices);
  });
});
