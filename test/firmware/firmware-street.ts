import { createHash, generateKeyPairSync, type KeyObject, randomBytes, randomUUID, sign } from 'node:crypto';
import { createServer, request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { vi } from 'vitest';
import { haiPhong, haiPhongFacts } from '../../config/city/hai-phong.ts';
import type { Actor } from '../../domain/access.ts';
import {
  type FirmwareImage,
  type FirmwareImageId,
  type FirmwareKeyId,
  firmwareManifest,
  type ImageSha256,
} from '../../domain/firmware/firmware-image.ts';
import { DEFAULT_ROLLOUT_PLAN, type RolloutId, type RolloutPlan } from '../../domain/firmware/rollout.ts';
import type { AgencyId, DeviceId, DeviceModelId } from '../../domain/identifiers.ts';
import type { FirmwareFiles } from '../../domain/ports/firmware.ts';
import type { CitySeed, Registry } from '../../domain/ports/registry.ts';
import { type EpochMs, milliseconds, seconds } from '../../domain/time.ts';
import { createFleet, type FleetFirmware } from '../../firmware-sim/fleet.ts';
import { createCityDevices } from '../../firmware-sim/hardware/devices.ts';
import { smallCity, tokenOf } from '../ingest/platform-parts.ts';

export const SYSTEM: Actor = { kind: 'system', name: 'test' };
const ENV = 'env' as AgencyId;
const MODEL = 'm' as DeviceModelId;
export const soon = <T>(look: () => T | Promise<T>): Promise<T> => vi.waitFor(look, { timeout: 25_000, interval: 20 });

/** A maker's key pair, as `openssl genpkey` makes one. */
export function aMaker() {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  return {
    privateKey,
    publicPem: publicKey.export({ type: 'spki', format: 'pem' }) as string,
    publicKey: publicKey.export({ type: 'spki', format: 'der' }).subarray(12).toString('base64'),
  };
}
export const signed = (bytes: Uint8Array, modelId: string, version: string, privateKey: KeyObject) => {
  const sha256 = createHash('sha256').update(bytes).digest('hex') as ImageSha256;
  const claim = { modelId: modelId as DeviceModelId, version, sizeBytes: bytes.length, sha256 };
  return { ...claim, signature: sign(null, Buffer.from(firmwareManifest(claim)), privateKey).toString('base64') };
};

/** Devices `air-1` … as the small city has them, but made by the simulator: stations of Hải Phòng under those names. */
export function stationsOf(city: CitySeed) {
  const originals = haiPhong.devices.filter(({ modelId }) => modelId === 'air-reference').slice(0, city.devices.length);
  const model = haiPhong.models.find(({ id }) => id === 'air-reference');
  if (!model || originals.length < city.devices.length) throw new Error('too few air stations in the city');
  return createCityDevices({
    city: {
      ...haiPhong,
      models: [{ ...model, id: MODEL }],
      devices: originals.map((device, i) => ({
        ...device,
        id: city.devices[i]?.id as DeviceId,
        modelId: MODEL,
      })),
    },
    facts: haiPhongFacts,
    seed: 1,
    from: Date.now() as EpochMs,
    effects: [],
    temper: 'tame',
  }).devices;
}

interface Platform {
  readonly mqttPort: number;
  readonly httpPort: number;
  readonly registry: Registry;
  readonly bus: { publish(name: 'firmware.changed', payload: { agencyId: AgencyId }): void };
}

/** The stations of the small city with power. */
export async function stationsOn(
  platform: Pick<Platform, 'mqttPort' | 'httpPort'>,
  count: number,
  firmware: Partial<FleetFirmware> & Pick<FleetFirmware, 'publicKeys'>,
) {
  const fleet = createFleet({
    brokerUrl: `mqtt://127.0.0.1:${platform.mqttPort}`,
    devices: stationsOf(smallCity(count)),
    credentialsOf: (device) => ({ username: device, password: tokenOf(device) }),
    clock: () => Date.now() as EpochMs,
    firmware: { httpUrl: `http://127.0.0.1:${platform.httpPort}`, retryMs: 50, ...firmware },
  });
  await fleet.start();
  return fleet;
}

/** Quick enough for a test, with no time to soak. */
export const QUICK: RolloutPlan = {
  ...DEFAULT_ROLLOUT_PLAN,
  stages: [25, 100],
  soak: milliseconds(0),
  failureShare: 0.3,
  failureMinimum: 1,
  successShare: 0.6,
  reachWithin: seconds(600),
  finishWithin: seconds(600),
};

/** Puts an image in place as an upload does, and drafts and starts its rollout. */
export async function rollOut(
  platform: Platform & { readonly files: FirmwareFiles },
  bytes: Uint8Array,
  maker: ReturnType<typeof aMaker>,
  plan = QUICK,
  version = '9.0.0',
): Promise<{ readonly id: RolloutId; readonly image: FirmwareImage }> {
  const { firmware } = platform.registry.as(SYSTEM);
  const key = await firmware.keys.create({
    id: randomUUID() as FirmwareKeyId,
    agencyId: ENV,
    name: 'Maker',
    modelIds: [],
    publicKey: maker.publicKey,
  });
  await (await platform.files.receive(inChunks(bytes))).keep();
  const image = await firmware.images.create({
    id: randomUUID() as FirmwareImageId,
    agencyId: ENV,
    keyId: key.id,
    notes: '',
    ...signed(bytes, MODEL, version, maker.privateKey),
  });
  const { rollout } = await firmware.rollouts.create(randomUUID() as RolloutId, image.id, plan);
  await firmware.rollouts.step(rollout.id, 'start');
  platform.bus.publish('firmware.changed', { agencyId: ENV });
  return { id: rollout.id, image };
}
async function* inChunks(bytes: Uint8Array) {
  for (let at = 0; at < bytes.length; at += 65_536) yield bytes.subarray(at, at + 65_536);
}
export const anImage = (sizeBytes = 300_000): Buffer => randomBytes(sizeBytes);

/** A road to the platform's HTTP port on which each of the first downloads breaks off after some bytes. Says what was asked for, and what came through. */
export async function brokenRoad(
  httpPort: number,
  { breaks, afterBytes }: { readonly breaks: number; readonly afterBytes: number },
) {
  const trips: { readonly range: string | undefined; readonly status: number; bytes: number }[] = [];
  let left = breaks;
  const server = createServer((request, response) => {
    const onward = httpRequest(
      { port: httpPort, host: '127.0.0.1', path: request.url, method: request.method, headers: request.headers },
      (answer) => {
        const trip = { range: request.headers.range, status: answer.statusCode ?? 0, bytes: 0 };
        trips.push(trip);
        response.writeHead(trip.status, answer.headers);
        const breaksOff = left > 0;
        left -= 1;
        answer.on('data', (chunk: Buffer) => {
          const part = breaksOff ? chunk.subarray(0, Math.max(0, afterBytes - trip.bytes)) : chunk;
          trip.bytes += part.length;
          if (!breaksOff || trip.bytes < afterBytes) {
            response.write(part);
            return;
          }
          answer.destroy();
          // What was written is on its way before the road breaks.
          response.write(part, () => response.destroy());
        });
        answer.on('end', () => response.end());
        answer.on('error', () => {});
      },
    );
    onward.on('error', () => response.destroy());
    onward.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    trips,
    /** From now on nothing breaks. */
    mend: () => {
      left = 0;
    },
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
