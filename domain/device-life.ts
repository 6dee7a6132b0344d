import type { DeviceState } from './asset.ts';
import type { QuantityKey } from './quantity.ts';
import { err, ok, type Result } from './result.ts';

/**
 * The life of a device. Every change of its state is one of these steps, taken by someone at some time:
 *
 *     in_stock ──claim──→ claimed ──install──→ installed ──commission──→ commissioned
 *     installed, commissioned ──start_maintenance──→ in_maintenance ──resume──→ where it was
 *     in_maintenance ──install──→ installed
 *     claimed, in_maintenance ──return_to_stock──→ in_stock
 *     any of them ──retire──→ retired, which is the end
 */
export const DEVICE_STEPS = [
  'claim',
  'install',
  'commission',
  'start_maintenance',
  'resume',
  'return_to_stock',
  'retire',
] as const;
export type DeviceStep = (typeof DEVICE_STEPS)[number];

/** What the steps depend on besides the state. */
export interface DeviceFacts {
  /** Points it serves now. */
  readonly pointsServed: number;
  /** Where its present maintenance began; `null` when that isn't known or there is none. */
  readonly maintainedFrom: 'installed' | 'commissioned' | null;
}

export const STEP_REFUSAL_CODES = [
  'STEP_NOT_ALLOWED',
  'STEP_NEEDS_POINT',
  'STEP_NEEDS_NO_POINT',
  'STEP_NEEDS_REASON',
] as const;
export interface StepRefusal {
  readonly code: (typeof STEP_REFUSAL_CODES)[number];
  readonly state: DeviceState;
  readonly step: DeviceStep;
}

interface StepRule {
  readonly from: readonly DeviceState[];
  readonly to: (facts: DeviceFacts) => DeviceState;
  /** `served`: serves a point already; `free`: serves none. Retiring ends what it serves by itself. */
  readonly needs: 'served' | 'free' | null;
  readonly needsReason: boolean;
}

const RULES: Readonly<Record<DeviceStep, StepRule>> = {
  claim: { from: ['in_stock'], to: () => 'claimed', needs: null, needsReason: false },
  install: { from: ['claimed', 'in_maintenance'], to: () => 'installed', needs: 'served', needsReason: false },
  commission: { from: ['installed'], to: () => 'commissioned', needs: 'served', needsReason: false },
  start_maintenance: {
    from: ['installed', 'commissioned'],
    to: () => 'in_maintenance',
    needs: null,
    needsReason: true,
  },
  resume: {
    from: ['in_maintenance'],
    to: ({ maintainedFrom }) => maintainedFrom ?? 'installed',
    needs: 'served',
    needsReason: false,
  },
  return_to_stock: { from: ['claimed', 'in_maintenance'], to: () => 'in_stock', needs: 'free', needsReason: true },
  retire: {
    from: ['in_stock', 'claimed', 'installed', 'commissioned', 'in_maintenance'],
    to: () => 'retired',
    needs: null,
    needsReason: true,
  },
};

/** The state after a step, or why it can't be taken. `reason` is what the person gave; blanks count as none. */
export function takeStep(
  state: DeviceState,
  step: DeviceStep,
  facts: DeviceFacts,
  reason: string | null,
): Result<DeviceState, StepRefusal> {
  const rule = RULES[step];
  const refuse = (code: StepRefusal['code']) => err({ code, state, step });
  if (!rule.from.includes(state)) return refuse('STEP_NOT_ALLOWED');
  if (rule.needs === 'served' && facts.pointsServed === 0) return refuse('STEP_NEEDS_POINT');
  if (rule.needs === 'free' && facts.pointsServed > 0) return refuse('STEP_NEEDS_NO_POINT');
  if (rule.needsReason && (reason ?? '').trim() === '') return refuse('STEP_NEEDS_REASON');
  return ok(rule.to(facts));
}

/** A step that begins in this state: where it leads, whether it must be explained, and what is still in its way. */
export interface PossibleStep {
  readonly step: DeviceStep;
  readonly to: DeviceState;
  readonly needsReason: boolean;
  readonly blockedBy: 'STEP_NEEDS_POINT' | 'STEP_NEEDS_NO_POINT' | null;
}

/** All steps that begin in this state, for people to choose from. */
export function possibleSteps(state: DeviceState, facts: DeviceFacts): readonly PossibleStep[] {
  return DEVICE_STEPS.filter((step) => RULES[step].from.includes(state)).map((step) => {
    const { to, needs, needsReason } = RULES[step];
    const blockedBy =
      needs === 'served' && facts.pointsServed === 0
        ? 'STEP_NEEDS_POINT'
        : needs === 'free' && facts.pointsServed > 0
          ? 'STEP_NEEDS_NO_POINT'
          : null;
    return { step, to: to(facts), needsReason, blockedBy };
  });
}

/** States a device may be registered in. The later ones are reached by steps alone: commissioning is signed for, not typed into a table. */
export const NEW_DEVICE_STATES = ['in_stock', 'claimed', 'installed'] as const satisfies readonly DeviceState[];
export type NewDeviceState = (typeof NEW_DEVICE_STATES)[number];
export const isNewDeviceState = (state: string): state is NewDeviceState =>
  (NEW_DEVICE_STATES as readonly string[]).includes(state);

export const SWAP_REFUSAL_CODES = [
  'SWAP_SAME_DEVICE',
  'SWAP_OLD_STATE',
  'SWAP_OLD_SERVES_NOTHING',
  'SWAP_NEW_STATE',
  'SWAP_NEW_SERVES',
  'SWAP_OTHER_AGENCY',
  'SWAP_LACKS_QUANTITY',
] as const;
export interface SwapRefusal {
  readonly code: (typeof SWAP_REFUSAL_CODES)[number];
  /** For `SWAP_LACKS_QUANTITY`: what the new hardware doesn't measure. */
  readonly quantities: readonly QuantityKey[];
}
export interface SwapSide {
  readonly id: string;
  readonly agencyId: string;
  readonly state: DeviceState;
  readonly pointsServed: number;
}

/**
 * Why one device can't take over from another, or `null`. The old one is out in the street and serves points; the new one is at hand
 * (claimed, or down for maintenance), serves none, is of the same agency, and measures all that the old one is relied on for.
 */
export function swapRefusal(
  old: SwapSide & { readonly quantitiesServed: readonly QuantityKey[] },
  replacement: SwapSide & { readonly quantitiesMeasured: ReadonlySet<QuantityKey> },
): SwapRefusal | null {
  const refuse = (code: SwapRefusal['code'], quantities: readonly QuantityKey[] = []): SwapRefusal => ({
    code,
    quantities,
  });
  if (old.id === replacement.id) return refuse('SWAP_SAME_DEVICE');
  if (old.agencyId !== replacement.agencyId) return refuse('SWAP_OTHER_AGENCY');
  if (!['installed', 'commissioned', 'in_maintenance'].includes(old.state)) return refuse('SWAP_OLD_STATE');
  if (old.pointsServed === 0) return refuse('SWAP_OLD_SERVES_NOTHING');
  if (!['claimed', 'in_maintenance'].includes(replacement.state)) return refuse('SWAP_NEW_STATE');
  if (replacement.pointsServed > 0) return refuse('SWAP_NEW_SERVES');
  const lacking = old.quantitiesServed.filter((quantity) => !replacement.quantitiesMeasured.has(quantity));
  return lacking.length > 0 ? refuse('SWAP_LACKS_QUANTITY', lacking) : null;
}
