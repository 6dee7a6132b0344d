/** Longest side of a picture that leaves the phone, in pixels: a plate can be read, and one bar of signal carries it. */
export const PHOTO_LONGEST_SIDE = 1_600;
const QUALITY = 0.8;

/** Sides of the picture as it is sent, the longer at most {@link PHOTO_LONGEST_SIDE}; never enlarged. */
export function photoSize(width: number, height: number): { readonly width: number; readonly height: number } {
  const scale = Math.min(1, PHOTO_LONGEST_SIDE / Math.max(width, height));
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
}

/**
 * A picture as JPEG of a size worth sending, upright, and without what cameras write into it (place, maker).
 * @throws when the file is no picture the browser can read.
 */
export async function downscalePhoto(file: Blob): Promise<Blob> {
  const picture = await createImageBitmap(file);
  const { width, height } = photoSize(picture.width, picture.height);
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d');
  if (!context) throw new Error('no canvas to draw on');
  context.drawImage(picture, 0, 0, width, height);
  picture.close();
  return canvas.convertToBlob({ type: 'image/jpeg', quality: QUALITY });
}
