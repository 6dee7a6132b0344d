import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DEVICE_STATES, type DeviceState } from './asset.ts';
import {
  DEVICE_STEPS,
  type DeviceFacts,
  type DeviceStep,
  possibleSteps,
  swapRefusal,
  takeStep,
} from './device-life.ts';
import type { QuantityKey } from './quantity.ts';

const SERVES: DeviceFacts = { pointsServed: 1, maintainedFrom: null };
const FREE: DeviceFacts = { pointsServed: 0, maintainedFrom: null };
const facts = fc.record({
  pointsServed: fc.nat(3),
  maintainedFrom: fc.constantFrom('installed' as const, 'commissioned' as const, null),
});

/** Walks through steps, each with a reason, as long as they are allowed. */
function walk(steps: readonly DeviceStep[], given: DeviceFacts = SERVES): DeviceState | string {
  let state: DeviceState = 'in_stock';
  for (const step of steps) {
    const result = takeStep(state, step, given, 'vì thế');
    if (!result.ok) return result.error.code;
    state = result.value;
  }
  return state;
}

describe('the life of a device', () => {
  it.each<{ it: string; steps: readonly DeviceStep[]; ends: string; given?: DeviceFacts }>([
    { it: 'leads from stock to service', steps: ['claim', 'install', 'commission'], ends: 'commissioned' },
    { it: 'knows no commissioning of what is not installed', steps: ['claim', 'commission'], ends: 'STEP_NOT_ALLOWED' },
    { it: 'installs only what serves a point', steps: ['claim', 'install'], given: FREE, ends: 'STEP_NEEDS_POINT' },
    {
      it: 'goes on in service after maintenance of a commissioned device',
      steps: ['claim', 'install', 'commission', 'start_maintenance', 'resume'],
      given: { pointsServed: 1, maintainedFrom: 'commissioned' },
      ends: 'commissioned',
    },
    {
      it: 'asks for commissioning again after maintenance of one that never was',
      steps: ['claim', 'install', 'start_maintenance', 'resume'],
      ends: 'installed',
    },
    {
      it: 'takes nothing back into stock that still serves a point',
      steps: ['claim', 'return_to_stock'],
      ends: 'STEP_NEEDS_NO_POINT',
    },
    {
      it: 'takes a claimed device back into stock',
      steps: ['claim', 'return_to_stock'],
      given: FREE,
      ends: 'in_stock',
    },
    { it: 'ends when it is retired', steps: ['retire', 'claim'], ends: 'STEP_NOT_ALLOWED' },
  ])('$it', ({ steps, ends, given }) => expect(walk(steps, given)).toBe(ends));

  it.each(['start_maintenance', 'retire'] as const)('wants a reason for %s, and blanks are none', (step) => {
    expect(takeStep('commissioned', step, SERVES, '  ')).toMatchObject({ error: { code: 'STEP_NEEDS_REASON' } });
    expect(takeStep('commissioned', step, SERVES, 'hỏng')).toMatchObject({ ok: true });
  });

  it('never leaves retirement, and never reaches a state by a step that is not offered there', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...DEVICE_STATES),
        fc.constantFrom(...DEVICE_STEPS),
        facts,
        fc.option(fc.string()),
        (state, step, given, reason) => {
          const result = takeStep(state, step, given, reason);
          const offered = possibleSteps(state, given).find((one) => one.step === step);
          if (state === 'retired') expect(result.ok).toBe(false);
          if (result.ok) expect(offered).toMatchObject({ to: result.value, blockedBy: null });
          else if (offered && offered.blockedBy === null) expect(result.error.code).toBe('STEP_NEEDS_REASON');
          else expect(result.error.code).toBe(offered?.blockedBy ?? 'STEP_NOT_ALLOWED');
        },
      ),
    );
  });

  it('offers a way on from every state but the last, and out of every one', () => {
    for (const state of DEVICE_STATES) {
      const steps = possibleSteps(state, SERVES).map(({ step }) => step);
      expect(steps.includes('retire')).toBe(state !== 'retired');
      expect(steps.length > 1).toBe(state !== 'retired');
    }
  });
});

describe('a swap of hardware', () => {
  const PM = 'pm2_5' as QuantityKey;
  const NOISE = 'laeq' as QuantityKey;
  const old = {
    id: 'old',
    agencyId: 'env',
    state: 'commissioned' as DeviceState,
    pointsServed: 1,
    quantitiesServed: [PM],
  };
  const fresh = {
    id: 'new',
    agencyId: 'env',
    state: 'claimed' as DeviceState,
    pointsServed: 0,
    quantitiesMeasured: new Set([PM, NOISE]),
  };

  it('is possible with a claimed device that measures all that is relied on', () => {
    expect(swapRefusal(old, fresh)).toBeNull();
  });
  it.each([
    { code: 'SWAP_SAME_DEVICE', replacement: { ...fresh, id: 'old' } },
    { code: 'SWAP_OTHER_AGENCY', replacement: { ...fresh, agencyId: 'power' } },
    { code: 'SWAP_NEW_STATE', replacement: { ...fresh, state: 'in_stock' as const } },
    { code: 'SWAP_NEW_SERVES', replacement: { ...fresh, pointsServed: 1 } },
    { code: 'SWAP_LACKS_QUANTITY', replacement: { ...fresh, quantitiesMeasured: new Set([NOISE]) }, lacking: [PM] },
  ])('is refused by $code', ({ code, replacement, lacking }) => {
    expect(swapRefusal(old, replacement)).toEqual({ code, quantities: lacking ?? [] });
  });
  it.each([
    { code: 'SWAP_OLD_STATE', change: { state: 'claimed' as const } },
    { code: 'SWAP_OLD_SERVES_NOTHING', change: { pointsServed: 0 } },
  ])('is refused by $code', ({ code, change }) => {
    expect(swapRefusal({ ...old, ...change }, fresh)?.code).toBe(code);
  });
});
