import type { AdmissionRefusalCount } from '../../../domain/provisioning.ts';
import { useLanguage } from '../../i18n/use-language.ts';
import { formatCount, formatDateTime } from '../../state/formatting.ts';

interface Door {
  readonly stockListOnly: boolean;
  readonly maximumDevices: number | null;
  readonly admittedDevices: number;
  readonly refusals: readonly AdmissionRefusalCount[];
}

/** Terms and figures that profiles and authorities have in common, as rows of a list of facts. */
export function DoorFacts({ door }: { door: Door }) {
  const { t, language } = useLanguage();
  const admitted = formatCount(door.admittedDevices, language);
  return (
    <>
      <dt>{t('provisioning.stockListOnly')}</dt>
      <dd>{t(door.stockListOnly ? 'common.yes' : 'common.no')}</dd>
      <dt>{t('provisioning.admitted')}</dt>
      <dd>
        {door.maximumDevices === null
          ? admitted
          : t('provisioning.admittedOf', { admitted, maximum: formatCount(door.maximumDevices, language) })}
      </dd>
    </>
  );
}

/** Why devices were refused, how often, and who last. */
export function Refusals({ door }: { door: Door }) {
  const { t, language } = useLanguage();
  return (
    <section>
      <h3 className="section-title">{t('provisioning.refusals')}</h3>
      {door.refusals.length === 0 ? (
        <p className="secondary section-empty">{t('provisioning.noRefusals')}</p>
      ) : (
        <ul className="history">
          {door.refusals.map(({ code, refused, lastAt, lastDeviceId }) => (
            <li key={code}>
              <p>{t(`admissionRefusal.${code}`)}</p>
              <p className="secondary small">
                {t('provisioning.refusal', {
                  count: refused,
                  shown: formatCount(refused, language),
                  device: lastDeviceId,
                  time: formatDateTime(lastAt, language),
                })}
              </p>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
