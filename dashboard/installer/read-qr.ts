/** A QR code's text in one picture of the camera, or `null`. */
export type ReadQr = (frame: HTMLVideoElement | ImageBitmap) => Promise<string | null>;

/** What of `BarcodeDetector` is used; not yet in TypeScript's own library. */
interface Detector {
  detect(source: CanvasImageSource): Promise<readonly { readonly rawValue: string }[]>;
}
type DetectorClass = (new (options: {
  readonly formats: readonly string[];
}) => Detector) & {
  getSupportedFormats(): Promise<readonly string[]>;
};

/** Longest side that the library looks at: a label held before the camera is large. */
const LOOKED_AT_SIDE = 960;

async function byBrowser(): Promise<ReadQr | null> {
  const { BarcodeDetector } = globalThis as { BarcodeDetector?: DetectorClass };
  if (!BarcodeDetector || !(await BarcodeDetector.getSupportedFormats()).includes('qr_code')) return null;
  const detector = new BarcodeDetector({ formats: ['qr_code'] });
  return async (frame) => (await detector.detect(frame))[0]?.rawValue ?? null;
}

async function byLibrary(): Promise<ReadQr> {
  const { decodeQR } = await import('qr/decode.js');
  return async (frame) => {
    const [width, height] = 'videoWidth' in frame ? [frame.videoWidth, frame.videoHeight] : [frame.width, frame.height];
    if (width === 0) return null;
    const scale = Math.min(1, LOOKED_AT_SIDE / Math.max(width, height));
    const canvas = new OffscreenCanvas(Math.round(width * scale), Math.round(height * scale));
    const context = canvas.getContext('2d', { willReadFrequently: true });
    if (!context) return null;
    context.drawImage(frame, 0, 0, canvas.width, canvas.height);
    try {
      return decodeQR(context.getImageData(0, 0, canvas.width, canvas.height)) || null;
    } catch {
      // No code in this picture: the next one may have it.
      return null;
    }
  };
}

/** The browser's own reader where there is one, else the library that also drew the codes, fetched only now. */
export const qrReader = async (): Promise<ReadQr> => (await byBrowser().catch(() => null)) ?? byLibrary();
