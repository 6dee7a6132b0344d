import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createOrderBook } from './orders.ts';

const book = (failureShare = 0, random = () => 0.5) => createOrderBook({ failureShare, random });
const command = (name: string, params: object = {}, id = 'c1') => JSON.stringify({ id, name, params, expires: 1 });
const said = (taken: ReturnType<ReturnType<typeof book>['take']>) => taken && JSON.parse(taken.answer.payload);

describe('a simulated device that is told to do something', () => {
  it.each([
    ['reboot', {}, { kind: 'reboot' }],
    ['report_now', {}, { kind: 'report_now' }],
    ['set_interval', { seconds: 30 }, { kind: 'interval', ms: 30_000 }],
    ['identify', { seconds: 5 }, null],
  ])('does %s and says so', (name, params, effect) => {
    const taken = book().take('cmd/3', command(name, params));
    expect(taken?.answer.topic).toBe('cmd/3/ack');
    expect(said(taken)).toMatchObject({ id: 'c1', ok: true });
    expect(taken?.effect).toEqual(effect);
  });

  it.each([
    ['open_pod_bay_doors', {}],
    ['set_interval', { seconds: 0 }],
    ['set_interval', {}],
  ])('refuses %s %j with a reason', (name, params) => {
    const taken = book().take('cmd/3', command(name, params));
    expect(said(taken)).toMatchObject({ ok: false, error: expect.stringMatching(/\w/) });
    expect(taken?.effect).toBeNull();
  });

  it('answers a repeat as before and does nothing twice', () => {
    const orders = book();
    const first = orders.take('cmd/3', command('reboot'));
    const second = orders.take('cmd/3', command('reboot'));
    expect(second?.answer).toEqual(first?.answer);
    expect(second?.effect).toBeNull();
  });

  it('fails now and then for a reason of its own', () => {
    expect(said(book(0.1, () => 0.05).take('cmd/1', command('reboot')))).toMatchObject({ ok: false });
  });

  it('takes a configuration in force once, and refuses one it can’t have', () => {
    const orders = book();
    const taken = orders.take('config', '{"version":2,"config":{"interval_s":10}}');
    expect(said(taken)).toEqual({ version: 2, ok: true });
    expect(taken?.effect).toEqual({ kind: 'interval', ms: 10_000 });
    expect(orders.take('config', '{"version":2,"config":{"interval_s":10}}')?.effect).toBeNull();
    expect(said(orders.take('config', '{"version":3,"config":{"interval_s":-1}}'))).toMatchObject({ ok: false });
  });

  it('is not upset by anything that comes', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), fc.constantFrom('config', 'cmd/1', 'status'), (payload, topic) => {
        expect(() => book().take(topic, payload)).not.toThrow();
      }),
    );
  });
});
