import { afterAll, describe, expect, it } from 'vitest';
import { CODEC_TEMPLATES, codecTemplate } from '../../dashboard/state/codec-templates.ts';
import type { QuantityKey } from '../../domain/quantity.ts';
import { createCodecSandbox } from '../../ingest/decode/codec/codec-sandbox.ts';

const sandbox = createCodecSandbox({ callMilliseconds: 50, memoryBytes: 16 * 1024 * 1024 });
afterAll(() => sandbox.stop());
const channels = ['temperature', 'soil.ph'].map((key) => ({ key, quantity: key as QuantityKey, plausibleRange: null }));

describe('a first codec', () => {
  it.each(CODEC_TEMPLATES)('written as %s runs in the sandbox, and knows every channel of the model', async (form) => {
    const source = codecTemplate(form, channels);
    const bytes = Uint8Array.of(0x01, 0x10, 0xff, 0x9c);
    const outcome = await sandbox.run({ source, bytes, fPort: 1, receivedTime: 0 });
    expect(outcome).toMatchObject({ kind: 'decoded', data: { temperature: 27.2, 'soil.ph': -10 } });
  });
});
