import type { EpochMs } from '../../../domain/time.ts';
import { useLanguage } from '../../i18n/use-language.ts';
import { formatDateTime } from '../../state/formatting.ts';

/** Whether devices come in by a profile or an authority now, and if not, why. */
export function DoorState({
  door,
  endsAt,
  now,
  revokedAt = null,
}: {
  door: { readonly enabled: boolean; readonly maximumDevices: number | null; readonly admittedDevices: number };
  endsAt: EpochMs | null;
  now: number;
  revokedAt?: EpochMs | null;
}) {
  const { t, language } = useLanguage();
  const time = (at: number) => ({ time: formatDateTime(at, language) });
  if (revokedAt !== null) return t('provisioning.revokedAt', time(revokedAt));
  if (!door.enabled) return t('provisioning.closed');
  if (endsAt !== null && endsAt <= now) return t('provisioning.expired', time(endsAt));
  if (door.maximumDevices !== null && door.admittedDevices >= door.maximumDevices) return t('provisioning.full');
  return endsAt === null ? t('provisioning.open') : t('provisioning.openUntil', time(endsAt));
}
