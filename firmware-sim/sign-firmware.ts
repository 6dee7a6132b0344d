import { createHash, createPrivateKey, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { demoFirmwareKey } from '../config/city/demo-firmware.ts';
import { FIRMWARE_VERSION_PATTERN, firmwareManifest, type ImageSha256 } from '../domain/firmware/firmware-image.ts';
import type { DeviceModelId } from '../domain/identifiers.ts';

const USAGE = `Signs a firmware image: prints its Ed25519 signature in base64.
Ký một tệp phần mềm: in chữ ký Ed25519 dạng base64.

  npm run firmware:sign -- --image FILE --model MODEL --version VERSION --key PRIVATE.pem
  npm run firmware:sign -- --image FILE --model MODEL --version VERSION --demo-seed 1

  --manifest   print the text that is signed instead / in văn bản được ký thay vì chữ ký`;

/** What is to be printed. @throws when something is missing or can't be used. */
export function signFirmware(args: readonly string[]): string {
  const { values } = parseArgs({
    args: [...args],
    options: {
      image: { type: 'string' },
      model: { type: 'string' },
      version: { type: 'string' },
      key: { type: 'string' },
      'demo-seed': { type: 'string' },
      manifest: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help === true) return USAGE;
  const { image, model, version, key } = values;
  if (image === undefined || model === undefined || version === undefined) throw new Error(USAGE);
  if (!FIRMWARE_VERSION_PATTERN.test(version)) throw new Error(`--version: "${version}" is no version like 1.5.0`);
  const bytes = readFileSync(image);
  const sha256 = createHash('sha256').update(bytes).digest('hex') as ImageSha256;
  const manifest = firmwareManifest({ modelId: model as DeviceModelId, version, sizeBytes: bytes.length, sha256 });
  if (values.manifest === true) return manifest.trimEnd();
  const seed = values['demo-seed'];
  if (key === undefined && seed === undefined) throw new Error(USAGE);
  const privateKey = key === undefined ? demoFirmwareKey(String(seed)).privateKey : createPrivateKey(readFileSync(key));
  if (privateKey.asymmetricKeyType !== 'ed25519') throw new Error('--key: no Ed25519 private key');
  return sign(null, Buffer.from(manifest), privateKey).toString('base64');
}

if (import.meta.main) {
  try {
    console.log(signFirmware(process.argv.slice(2)));
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 2;
  }
}
