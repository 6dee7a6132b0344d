import { createHash, createPublicKey, verify } from 'node:crypto';
import {
  compareVersions,
  type FirmwareClaim,
  firmwareManifest,
  type ImageSha256,
} from '../../domain/firmware/firmware-image.ts';
import type { UpdateReport } from '../../domain/firmware/rollout-device.ts';
import { UPDATE_ATTRIBUTES } from '../../domain/firmware/rollout-device.ts';
import type { DeviceId, DeviceModelId } from '../../domain/identifiers.ts';

/**
 * What can go wrong with an update, on purpose: a bit flips on its way into flash, the flash can't be written, the supply goes in the middle of the
 * download for good, the new firmware doesn't start and the old one comes back, or the device won't have it.
 */
export const FIRMWARE_FAULTS = [
  'bad_checksum',
  'flash_failure',
  'dies_midway',
  'does_not_start',
  'refuses_version',
] as const;
export type FirmwareFault = (typeof FIRMWARE_FAULTS)[number];

export interface FirmwareUpdaterOptions {
  readonly deviceId: DeviceId;
  readonly modelId: DeviceModelId;
  /** Where it knows the platform's HTTP port; used for addresses that name no host. */
  readonly httpUrl: string;
  /** The token it logs in with. */
  readonly token: string;
  /** Burnt in by the maker: Ed25519, 32 bytes, base64. */
  readonly publicKeys: readonly string[];
  readonly fault: FirmwareFault | null;
  /** What it runs now. */
  readonly version: () => string;
  /** Sends attributes to the platform. */
  readonly report: (attributes: Readonly<Record<string, string | number>>) => void;
  /** Goes away without a goodbye; when it is up again it runs `version`. `null`: it stays away. */
  readonly restart: (version: string | null) => Promise<void>;
  /** Between two tries of a download that broke. Default one second. */
  readonly retryMs?: number;
}

/** What a firmware command asks for, checked. */
export interface FirmwareOrder extends FirmwareClaim {
  readonly commandId: string;
  readonly url: string;
  readonly signature: string;
}
export interface FirmwareUpdater {
  /** Whether it will have this image, before a byte of it is loaded; the reason when it won't. */
  objection(order: FirmwareOrder): string | null;
  /** Loads, checks, installs, restarts; one after the other. Resolves when it is done with it, however it went. */
  carryOut(order: FirmwareOrder): Promise<void>;
  stop(): void;
}

/** DER of an Ed25519 SubjectPublicKeyInfo up to the key itself [RFC 8410 §4]. */
const SPKI_START = Buffer.from('302a300506032b6570032100', 'hex');
/** Tries of a download without a byte gained. */
const TRIES = 30;
/** Reports of a download: at each such part of it, so that a device stays within its rate. */
const REPORT_EACH = 0.2;

/** The order in a command's parameters, or what is wrong with them. */
export function firmwareOrderIn(commandId: string, params: Readonly<Record<string, unknown>>): FirmwareOrder | string {
  const { url, model, version, size, sha256, signature } = params;
  if (typeof url !== 'string' || typeof model !== 'string' || typeof version !== 'string') return 'PARAMETERS_WRONG';
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 1) return 'PARAMETERS_WRONG';
  if (typeof sha256 !== 'string' || typeof signature !== 'string') return 'PARAMETERS_WRONG';
  return {
    commandId,
    url,
    modelId: model as DeviceModelId,
    version,
    sizeBytes: size,
    sha256: sha256 as ImageSha256,
    signature,
  };
}

/** The part of a device's firmware that replaces it. */
export function createFirmwareUpdater(options: FirmwareUpdaterOptions): FirmwareUpdater {
  const { modelId, token, fault, report, restart, retryMs = 1_000 } = options;
  /** The second slot of its flash: what was loaded stays there over a broken connection. */
  let slot: { readonly sha256: string; readonly bytes: Buffer; filled: number } | null = null;
  let working: Promise<void> = Promise.resolve();
  const stopping = new AbortController();

  const signedByUs = (order: FirmwareOrder): boolean =>
    options.publicKeys.some((raw) => {
      const key = createPublicKey({
        key: Buffer.concat([SPKI_START, Buffer.from(raw, 'base64')]),
        format: 'der',
        type: 'spki',
      });
      return verify(null, Buffer.from(firmwareManifest(order)), key, Buffer.from(order.signature, 'base64'));
    });
  const say = (
    { commandId }: FirmwareOrder,
    state: UpdateReport['state'],
    more: { bytes?: number; error?: string } = {},
  ): void =>
    report({
      [UPDATE_ATTRIBUTES.command]: commandId,
      [UPDATE_ATTRIBUTES.state]: state,
      [UPDATE_ATTRIBUTES.bytes]: more.bytes ?? 0,
      [UPDATE_ATTRIBUTES.error]: more.error ?? '',
    });
  const pause = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      const stop = (): void => {
        clearTimeout(timer);
        resolve();
      };
      stopping.signal.addEventListener('abort', stop, { once: true });
    });

  /** Asks for what is missing; gives why it can't go on, or `null`: whole, or try again. */
  async function load(
    order: FirmwareOrder,
    into: NonNullable<typeof slot>,
    told: (bytes: number) => void,
  ): Promise<string | null> {
    const response = await fetch(new URL(order.url, options.httpUrl), {
      headers: {
        authorization: `Bearer ${token}`,
        ...(into.filled > 0 ? { range: `bytes=${into.filled}-`, 'if-range': `"${order.sha256}"` } : {}),
      },
      signal: stopping.signal,
    });
    if (response.status === 429 || response.status === 503) {
      await response.body?.cancel();
      await pause(Math.min(30, Number(response.headers.get('retry-after') ?? 1)) * 1_000);
      return null;
    }
    if (response.status !== 200 && response.status !== 206) {
      await response.body?.cancel();
      return `HTTP_${response.status}`;
    }
    // The whole of it, though a part was asked for: it is another image by now, or the server can't do better.
    if (response.status === 200) into.filled = 0;
    for await (const chunk of response.body ?? []) {
      if (into.filled + chunk.length > order.sizeBytes) return 'SIZE_WRONG';
      into.bytes.set(chunk, into.filled);
      into.filled += chunk.length;
      told(into.filled);
      if (fault === 'dies_midway' && into.filled >= order.sizeBytes / 2) return 'DEAD';
    }
    return null;
  }

  /** Until the image is whole in the slot; the reason when it can't be had. */
  async function download(order: FirmwareOrder): Promise<string | null> {
    if (slot?.sha256 !== order.sha256 || slot.bytes.length !== order.sizeBytes)
      slot = { sha256: order.sha256, bytes: Buffer.alloc(order.sizeBytes), filled: 0 };
    const into = slot;
    let said = Math.floor(into.filled / order.sizeBytes / REPORT_EACH);
    say(order, 'downloading', { bytes: into.filled });
    const told = (bytes: number): void => {
      const part = Math.floor(bytes / order.sizeBytes / REPORT_EACH);
      if (part <= said) return;
      said = part;
      say(order, 'downloading', { bytes });
    };
    for (let tries = 0; into.filled < order.sizeBytes && !stopping.signal.aborted; tries += 1) {
      const before = into.filled;
      try {
        const wrong = await load(order, into, told);
        if (wrong !== null) return wrong;
      } catch {
        // The connection broke: what came stays in the slot.
      }
      if (into.filled === order.sizeBytes) break;
      if (into.filled > before) tries = 0;
      if (tries >= TRIES) return 'DOWNLOAD_FAILED';
      await pause(retryMs);
    }
    return null;
  }

  async function update(order: FirmwareOrder): Promise<void> {
    const wrong = await download(order);
    if (stopping.signal.aborted) return;
    if (wrong === 'DEAD') return restart(null);
    if (wrong !== null) return say(order, 'failed', { error: wrong });
    const image = slot as NonNullable<typeof slot>;
    slot = null;
    say(order, 'verifying', { bytes: order.sizeBytes });
    if (fault === 'bad_checksum') image.bytes[0] = (image.bytes[0] as number) ^ 1;
    if (createHash('sha256').update(image.bytes).digest('hex') !== order.sha256)
      return say(order, 'failed', { error: 'CHECKSUM_WRONG' });
    if (fault === 'flash_failure') return say(order, 'failed', { error: 'FLASH_FAILED' });
    say(order, 'installing', { bytes: order.sizeBytes });
    if (fault !== 'does_not_start') return restart(order.version);
    await restart(options.version());
    say(order, 'failed', { error: 'DID_NOT_START' });
  }

  return {
    objection(order) {
      if (fault === 'refuses_version') return 'VERSION_REFUSED';
      if (order.modelId !== modelId) return 'MODEL_WRONG';
      // The signature covers model, version, size and checksum: nothing is loaded for a claim that nobody we trust made.
      if (!signedByUs(order)) return 'SIGNATURE_WRONG';
      const newer = compareVersions(options.version(), order.version);
      return newer !== null && newer > 0 ? 'DOWNGRADE_REFUSED' : null;
    },
    carryOut(order) {
      working = working.then(() => update(order));
      return working;
    },
    stop: () => stopping.abort(),
  };
}
