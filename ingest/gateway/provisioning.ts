import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { RateLimit } from '../../domain/asset.ts';
import { DEVICE_ID_PATTERN, type DeviceId, type DeviceModelId } from '../../domain/identifiers.ts';
import type { Admissions, Registration } from '../../domain/ports/device-registry.ts';
import type { LiveBus } from '../../domain/ports/live-bus.ts';
import { type AdmissionRefusal, claimPreimage, type ProvisioningKey } from '../../domain/provisioning.ts';
import type { Clock } from '../../domain/time.ts';
import type { IngestMetrics } from '../metrics.ts';
import type { DeviceDirectory } from '../validate/device-directory.ts';
import { groupCommit } from './group-commit.ts';

/** User name with which a device that has no credential yet connects to register itself. */
export const PROVISIONING_USER = 'provision';

export interface ProvisioningOptions {
  readonly admissions: Admissions;
  readonly directory: DeviceDirectory;
  readonly bus: LiveBus;
  readonly metrics: IngestMetrics;
  readonly clock: Clock;
  readonly randomBytes: (length: number) => Uint8Array;
  /** Requests with one profile, beyond which they wait, and then are refused. */
  readonly rate: RateLimit;
  readonly onError: (where: string, error: unknown) => void;
}

/** A connection that may ask for registration, and for nothing else. */
export interface ProvisioningSession {
  /** `hd/v1/provision/{key}`: the only topic it may publish to. */
  readonly requestTopic: string;
  /** `hd/v1/provision/{key}/{client id}`: the only one it may subscribe to. */
  readonly answerTopic: string;
  /** Registers the device, or says with a code why not; resolves with the answer's payload when its credential works. */
  request(payload: Uint8Array): Promise<Buffer>;
}

export interface Provisioning {
  /** `id`: that's no device id. `secret`: no profile has this secret. `busy`: too many wrong ones came from this address. */
  open(clientId: string, secret: Uint8Array, address: string): Promise<ProvisioningSession | 'id' | 'secret' | 'busy'>;
  stop(): void;
}

const Request = z.object({
  model: z.string().min(1).max(96).nullish(),
  serial: z.string().trim().min(1).max(120).nullish(),
  claim: z.string().min(1).max(64).nullish(),
});

const TOGETHER_AT_MOST = 100;
/** A request waits this long for its profile's turn, then it is refused. */
const WAIT_AT_MOST_MS = 10_000;
/** Requests of one connection; a device that is refused has more to mend than a few tries would. */
const REQUESTS_AT_MOST = 5;
/** Wrong secrets from one address in a minute, then it is refused for the rest of that minute. */
const WRONG_SECRETS_AT_MOST = 20;
const WRONG_SECRETS_WINDOW_MS = 60_000;
const ADDRESSES_REMEMBERED = 10_000;

const sha256Hex = (bytes: Uint8Array | string): string => createHash('sha256').update(bytes).digest('hex');

/** Devices that register themselves: by a secret that profiles hold, many in one commit, each answered with a token or a code. */
export async function createProvisioning(options: ProvisioningOptions): Promise<Provisioning> {
  const { admissions, directory, bus, metrics, clock } = options;
  /** By the SHA-256 of the secret: what is looked up is no secret, so its time tells nothing. */
  let keys = new Map<string, ProvisioningKey>();
  let loading: Promise<void> = Promise.resolve();
  const load = (): void => {
    loading = loading
      .then(async () => {
        keys = new Map((await admissions.profiles()).map(({ key, secretSha256 }) => [secretSha256, key]));
      })
      .catch((error: unknown) => options.onError('provisioning', error));
  };
  const leave = (['provisioning.changed', 'events.missed'] as const).map((name) => bus.subscribe(name, load));
  load();
  await loading;

  const register = groupCommit(async (registrations: readonly Registration[]) => {
    const results = await admissions.register(registrations);
    for (const [i, result] of results.entries()) {
      const asked = registrations[i];
      if (result.ok && asked) bus.publish('device.changed', { deviceId: asked.deviceId });
    }
    // The answer says that the token works: the door has to know it first.
    await directory.settled();
    return results;
  }, TOGETHER_AT_MOST);

  const turns = createTurns(options.rate, clock);
  const guesses = createGuesses(clock);

  const answer = (
    body: { readonly ok: true; readonly id: string; readonly token: string } | AdmissionRefusal,
  ): Buffer => {
    metrics.add(typeof body === 'string' ? 'hd_registrations_refused_total' : 'hd_registrations_total');
    return Buffer.from(JSON.stringify(typeof body === 'string' ? { ok: false, code: body } : body));
  };

  async function request(deviceId: DeviceId, profileKey: ProvisioningKey, payload: Uint8Array): Promise<Buffer> {
    const asked = parsed(payload);
    if (asked === null) return answer('MALFORMED');
    const waitMs = turns.waitMs(profileKey);
    if (waitMs > WAIT_AT_MOST_MS) return answer('TOO_MANY_REQUESTS');
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
    const token = Buffer.from(options.randomBytes(32)).toString('base64url');
    try {
      const result = await register({
        profileKey,
        deviceId,
        modelId: (asked.model ?? null) as DeviceModelId | null,
        serialNumber: asked.serial ?? null,
        claimSha256: asked.claim ? sha256Hex(claimPreimage(deviceId, asked.claim)) : null,
        tokenSha256: sha256Hex(token),
      });
      return answer(result.ok ? { ok: true, id: deviceId, token } : result.error);
    } catch (error) {
      options.onError('provisioning', error);
      return answer('UNAVAILABLE');
    }
  }

  return {
    async open(clientId, secret, address) {
      if (!DEVICE_ID_PATTERN.test(clientId)) return 'id';
      if (guesses.isTooMany(address)) return 'busy';
      // A profile made or changed a moment ago counts.
      await loading;
      const key = keys.get(sha256Hex(secret));
      if (key === undefined) {
        guesses.add(address);
        return 'secret';
      }
      const requestTopic = `hd/v1/provision/${key}`;
      let asked = 0;
      return {
        requestTopic,
        answerTopic: `${requestTopic}/${clientId}`,
        request: async (payload) =>
          ++asked > REQUESTS_AT_MOST ? answer('TOO_MANY_REQUESTS') : request(clientId as DeviceId, key, payload),
      };
    },
    stop() {
      for (const one of leave) one();
    },
  };
}

function parsed(payload: Uint8Array): z.infer<typeof Request> | null {
  try {
    return Request.parse(JSON.parse(Buffer.from(payload).toString('utf8')));
  } catch {
    return null;
  }
}

/** Gives each profile's requests their turns: a burst at once, then so many a second. */
function createTurns({ messagesPerSecond, burstMessages }: RateLimit, clock: Clock) {
  const nextAt = new Map<string, number>();
  const intervalMs = 1000 / messagesPerSecond;
  return {
    /** How long this request has to wait; one that would wait too long takes no turn. */
    waitMs(profile: string): number {
      const now = clock();
      const at = Math.max(nextAt.get(profile) ?? 0, now - burstMessages * intervalMs);
      const wait = Math.max(0, at - now);
      if (wait <= WAIT_AT_MOST_MS) nextAt.set(profile, at + intervalMs);
      return wait;
    },
  };
}

/** Counts wrong secrets by address; the oldest address is forgotten first. */
function createGuesses(clock: Clock) {
  const wrong = new Map<string, { readonly since: number; count: number }>();
  const recent = (address: string) => {
    const known = wrong.get(address);
    return known && clock() - known.since < WRONG_SECRETS_WINDOW_MS ? known : undefined;
  };
  return {
    isTooMany: (address: string): boolean => (recent(address)?.count ?? 0) >= WRONG_SECRETS_AT_MOST,
    add(address: string): void {
      const known = recent(address);
      if (known) {
        known.count++;
        return;
      }
      wrong.delete(address);
      wrong.set(address, { since: clock(), count: 1 });
      const [oldest] = wrong.keys();
      if (wrong.size > ADDRESSES_REMEMBERED && oldest !== undefined) wrong.delete(oldest);
    },
  };
}
