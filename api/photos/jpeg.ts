/** What of a JPEG is believed: that it is one, whole, and how large the picture is. */
export interface JpegSize {
  readonly widthPixels: number;
  readonly heightPixels: number;
}

const MARKER = 0xff;
const START_OF_IMAGE = 0xd8;
const END_OF_IMAGE = 0xd9;
const START_OF_SCAN = 0xda;
/** Frame headers SOF0 … SOF15 but DHT (C4), JPG (C8) and DAC (CC), which lie between them (ITU-T T.81, table B.1). */
const isFrameHeader = (marker: number): boolean =>
  marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;

/**
 * The size of the picture, told by the bytes alone, whatever the sender calls them; `null` when they are no whole JPEG. Segments are walked as in
 * ITU-T T.81, B.1.1: marker, length, contents; what comes after the first scan is not looked into.
 */
export function jpegSize(bytes: Uint8Array): JpegSize | null {
  const at = (index: number): number => bytes[index] ?? -1;
  const word = (index: number): number => (at(index) << 8) | at(index + 1);
  const last = bytes.length;
  if (last < 4 || at(0) !== MARKER || at(1) !== START_OF_IMAGE) return null;
  if (at(last - 2) !== MARKER || at(last - 1) !== END_OF_IMAGE) return null;
  for (let index = 2; index + 4 <= last; ) {
    if (at(index) !== MARKER) return null;
    const marker = at(index + 1);
    // Any number of fill bytes may stand before a marker.
    if (marker === MARKER) {
      index++;
      continue;
    }
    if (marker === START_OF_SCAN || marker === END_OF_IMAGE) return null;
    const length = word(index + 2);
    if (length < 2) return null;
    if (isFrameHeader(marker)) {
      if (index + 9 > last) return null;
      const size = { heightPixels: word(index + 5), widthPixels: word(index + 7) };
      return size.heightPixels > 0 && size.widthPixels > 0 ? size : null;
    }
    index += 2 + length;
  }
  return null;
}
