import { DEVICE_ID_PATTERN, type DeviceId } from '../../domain/identifiers.ts';

/** What a label says: which device, and the code that claims it; `code` null on labels of devices that were claimed before. */
export interface LabelContent {
  readonly deviceId: DeviceId;
  readonly code: string | null;
}

/** Letters and digits of a claim code, with the dashes and blanks people put between them. */
const CODE = /^[0-9A-Za-z][0-9A-Za-z\s-]{3,63}$/;
const codeOf = (text: string): string | null => (CODE.test(text.trim()) ? text.trim() : null);
const deviceOf = (text: string): DeviceId | null => {
  const id = text.trim().toLowerCase();
  return DEVICE_ID_PATTERN.test(id) ? (id as DeviceId) : null;
};
const decoded = (text: string): string | null => {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
};

/**
 * What a scanned QR code says of a device: a link `…/claim/{device}#{code}` of any host (labels outlive addresses), or the bare device id; `null` for
 * a code of something else.
 */
export function readLabel(text: string): LabelContent | null {
  const link = /\/claim\/([^/?#\s]+)(?:\?[^#\s]*)?(?:#(\S*))?$/.exec(text.trim());
  if (!link) {
    const bare = deviceOf(text);
    return bare === null ? null : { deviceId: bare, code: null };
  }
  const deviceId = deviceOf(decoded(link[1] ?? '') ?? '');
  if (deviceId === null) return null;
  return { deviceId, code: codeOf(decoded(link[2] ?? '') ?? '') };
}

/** What was typed from a label; a link pasted into the field counts as scanned. */
export function readTyped(device: string, code: string): LabelContent | null {
  if (device.includes('/')) return readLabel(device);
  const deviceId = deviceOf(device);
  return deviceId === null ? null : { deviceId, code: codeOf(code) };
}
