import decodeQR from 'qr/decode.js';
import { extractText, getDocumentProxy } from 'unpdf';
import { describe, expect, it } from 'vitest';
import type { DeviceId } from '../../domain/identifiers.ts';
import { LABEL_FORMATS } from '../../domain/label-layout.ts';
import { claimLink, type Label, renderLabels } from './label-sheet.ts';

const label = (id: string, code: string | null = '7G4K-0ZQX-M2VN'): Label => ({
  deviceId: id as DeviceId,
  model: 'Trạm đo ước',
  serialNumber: 'SN-00042',
  code,
});
const options = { format: 'a4-3x7', skip: 0, language: 'vi', origin: 'https://haidang.example' } as const;
const textOf = async (pdf: Buffer): Promise<string[]> =>
  (await extractText(await getDocumentProxy(new Uint8Array(pdf)))).text.map((page) => page.replace(/\s+/g, ' '));

const DOTS_PER_POINT = 4;
/** Draws the rectangles of a page's content stream as a printer would, and reads the code in them. */
function readQr(pdf: Buffer): string {
  const content = pdf.toString('latin1');
  const boxes = [...content.matchAll(/(-?[\d.]+) (-?[\d.]+) ([\d.]+) ([\d.]+) re\b/g)].map((match) =>
    match.slice(1).map(Number),
  ) as [number, number, number, number][];
  const margin = 20;
  const left = Math.min(...boxes.map(([x]) => x)) - margin;
  const top = Math.min(...boxes.map(([, y]) => y)) - margin;
  const side = Math.max(...boxes.map(([x, , width]) => x + width)) - left + margin;
  const size = Math.ceil(side * DOTS_PER_POINT);
  const data = new Uint8ClampedArray(size * size * 4).fill(255);
  for (const [x, y, width, height] of boxes) {
    for (let row = Math.round((y - top) * DOTS_PER_POINT); row < Math.round((y - top + height) * DOTS_PER_POINT); row++)
      for (
        let column = Math.round((x - left) * DOTS_PER_POINT);
        column < Math.round((x - left + width) * DOTS_PER_POINT);
        column++
      )
        data.fill(0, (row * size + column) * 4, (row * size + column) * 4 + 3);
  }
  return decodeQR({ width: size, height: size, data });
}

describe('a sheet of labels', () => {
  it('says who the device is in Vietnamese, with every sign above and below its letters', async () => {
    const [page] = await textOf(await renderLabels([label('air-le-chan-1')], options));
    expect(page).toContain('air-le-chan-1');
    expect(page).toContain('Loại: Trạm đo ước');
    expect(page).toContain('Số sê-ri: SN-00042');
    expect(page).toContain('Mã nhận 7G4K-0ZQX-M2VN');
  });

  it('says it in English as well, and no code for a device that can’t be claimed', async () => {
    const [page] = await textOf(await renderLabels([label('air-1', null)], { ...options, language: 'en' }));
    expect(page).toContain('Model: Trạm đo ước');
    expect(page).not.toContain('Claim');
  });

  it.each(LABEL_FORMATS)('holds in its QR code, drawn on %s, the link that claims the device', async (format) => {
    const pdf = await renderLabels([label('air-le-chan-1')], { ...options, format, compress: false });
    expect(readQr(pdf)).toBe('https://haidang.example/claim/air-le-chan-1#7G4K-0ZQX-M2VN');
  });

  it('begins after the labels already used, and goes on on new sheets', async () => {
    const labels = Array.from({ length: 25 }, (_, i) => label(`air-${i}x`));
    const pages = await textOf(await renderLabels(labels, { ...options, skip: 20 }));
    expect(pages.map((page) => page.match(/air-\d+x/g)?.length)).toEqual([1, 21, 3]);
    expect(await textOf(await renderLabels(labels.slice(0, 3), { ...options, format: 'roll-62' }))).toHaveLength(3);
  });

  it('keeps the code where no server’s log sees it', () => {
    expect(new URL(claimLink('https://x', 'air-1' as DeviceId, 'ABCD')).pathname).toBe('/claim/air-1');
  });
});
