const SIGNATURE_BYTES = 64;

/** An Ed25519 signature in base64, from the bytes of a file or of what was typed: the 64 bytes themselves, or their base64. `null`: neither. */
export function signatureIn(bytes: Uint8Array): string | null {
  if (bytes.length === SIGNATURE_BYTES) return btoa(String.fromCharCode(...bytes));
  const text = new TextDecoder().decode(bytes).replace(/\s+/g, '');
  return /^[A-Za-z0-9+/]{86}==$/.test(text) ? text : null;
}
