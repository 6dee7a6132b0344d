import type { DeviceId } from '../../domain/identifiers.ts';
import type { Language } from '../../domain/localized.ts';
import { claimCodeFrom, claimPreimage } from '../../domain/provisioning.ts';
import { after, days, type EpochMs } from '../../domain/time.ts';
import { sha256Hex } from '../auth/secrets.ts';
import { inputRefused } from '../errors.ts';
import type { HandlerPorts } from './handler-ports.ts';

const CLAIM_OPEN_FOR = days(90);
const CLAIM_OPEN_MAX = days(366);

interface ClaimTimes {
  readonly opensAt: EpochMs;
  readonly closesAt: EpochMs;
}

/** New claim codes, and the times they count. */
export function createClaimCodes({ clock, randomBytes }: Pick<HandlerPorts, 'clock' | 'randomBytes'>) {
  return {
    /** The times asked for, or from now for 90 days. @throws {ApiError} INPUT_INVALID for times past, reversed or beyond a year. */
    claimTimes(asked: Partial<ClaimTimes>, language: Language): ClaimTimes {
      const now = clock();
      const opensAt = asked.opensAt ?? now;
      const closesAt = asked.closesAt ?? after(opensAt, CLAIM_OPEN_FOR);
      if (closesAt <= now) throw inputRefused('closesAt', 'refusal.untilPast', language);
      if (closesAt <= opensAt) throw inputRefused('closesAt', 'refusal.spanReversed', language);
      if (closesAt > after(now, CLAIM_OPEN_MAX)) throw inputRefused('closesAt', 'refusal.tooFarOn', language);
      return { opensAt, closesAt };
    },
    newCode(deviceId: DeviceId) {
      const code = claimCodeFrom(randomBytes(12));
      return { deviceId, code, codeSha256: sha256Hex(claimPreimage(deviceId, code)) };
    },
  };
}
