/** Bytes shown of a message at most; the rest is told by its count. */
const SHOWN_BYTES = 4096;
const BYTES_PER_LINE = 16;

/** Bytes for people: as text where they are text, else as a hex dump with offsets. */
export function writtenBytes(bytes: Uint8Array): string {
  const shown = bytes.subarray(0, SHOWN_BYTES);
  const rest = bytes.length > shown.length ? `\n… +${bytes.length - shown.length}` : '';
  const text = new TextDecoder('utf-8', { fatal: false }).decode(shown);
  // A replacement character, or a control character other than tab and line ends, means that this is no text.
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  if (!/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffd]/.test(text)) return text + rest;
  const lines: string[] = [];
  for (let at = 0; at < shown.length; at += BYTES_PER_LINE) {
    const line = shown.subarray(at, at + BYTES_PER_LINE);
    const hex = [...line].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
    const letters = [...line].map((byte) => (byte >= 32 && byte < 127 ? String.fromCharCode(byte) : '.')).join('');
    lines.push(`${at.toString(16).padStart(4, '0')}  ${hex.padEnd(3 * BYTES_PER_LINE - 1)}  ${letters}`);
  }
  return lines.join('\n') + rest;
}
