/** Bytes written as hex, with blanks, colons, commas, `0x` and line ends between or not; `null` when it is something else. */
export function bytesFromHex(text: string): Uint8Array | null {
  const digits = text.replace(/0x/gi, '').replace(/[\s:,;-]/g, '');
  if (digits.length % 2 !== 0 || /[^0-9a-f]/i.test(digits)) return null;
  return Uint8Array.from({ length: digits.length / 2 }, (_, at) =>
    Number.parseInt(digits.slice(2 * at, 2 * at + 2), 16),
  );
}
export const hexOf = (bytes: Uint8Array): string =>
  [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');

export const bytesFromBase64 = (text: string): Uint8Array =>
  Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
export const base64Of = (bytes: Uint8Array): string =>
  btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));

/** `name=value` lines as variables; `null` when a line is none. */
export function variablesIn(text: string): Readonly<Record<string, string>> | null {
  const variables: Record<string, string> = {};
  for (const line of text.split('\n').map((each) => each.trim())) {
    if (line === '') continue;
    const at = line.indexOf('=');
    if (at < 1) return null;
    variables[line.slice(0, at).trim()] = line.slice(at + 1).trim();
  }
  return variables;
}
