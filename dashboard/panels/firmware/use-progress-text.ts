import type { RolloutDeviceWire } from '../../../api/contract/firmware.ts';
import { currentLanguage } from '../../i18n/i18n.ts';
import { useLanguage } from '../../i18n/use-language.ts';
import { formatBytes } from '../../state/formatting.ts';

/** Codes that devices of ours report; other makers' are shown as they come. */
const KNOWN_CODES = [
  'CHECKSUM_WRONG',
  'FLASH_FAILED',
  'DID_NOT_START',
  'DOWNLOAD_FAILED',
  'SIZE_WRONG',
  'SIGNATURE_WRONG',
  'MODEL_WRONG',
  'VERSION_REFUSED',
  'DOWNGRADE_REFUSED',
] as const;

/** How far a device is, in words. `sizeBytes`: of the image; `null`: not known here. */
export function useProgressText(): (device: RolloutDeviceWire, sizeBytes: number | null) => string {
  const { t } = useLanguage();
  return ({ state, bytes, reason }, sizeBytes) => {
    const word = t(`firmware.state.${state}`);
    if (bytes !== null) {
      const percent = sizeBytes === null ? '' : ` · ${Math.floor((bytes / sizeBytes) * 100)} %`;
      return `${word} · ${formatBytes(bytes, currentLanguage())}${percent}`;
    }
    if (reason === null) return word;
    if (state === 'skipped') return `${word}: ${t(`firmware.skipped.${reason as 'has_version'}`)}`;
    if (state === 'timed_out') return `${word}: ${t(`firmware.timedOut.${reason as 'began'}`)}`;
    const known = KNOWN_CODES.find((code) => code === reason);
    return `${word}: ${known ? t(`firmware.code.${known}`) : reason}`;
  };
}
