import { Button } from '@mantine/core';
import { queryOptions, useQuery } from '@tanstack/react-query';
import { Link, useParams, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import type { DeviceId } from '../../domain/identifiers.ts';
import { LANGUAGES, type Language } from '../../domain/localized.ts';
import { call } from '../client/http.ts';
import { modelsQuery } from '../client/queries.ts';
import { useWholeCity } from '../client/use-city.tsx';
import { ListLoading } from '../components/Loading.tsx';
import { Failure } from '../components/States.tsx';
import { i18n } from '../i18n/i18n.ts';
import { useLanguage } from '../i18n/use-language.ts';
import { photoAddress } from '../installer/photo-address.ts';
import { useFindingText } from '../installer/use-finding-text.ts';
import { formatDateTime, formatNumber } from '../state/formatting.ts';
import { modelMake } from '../state/model-draft.ts';
import '../styles/installer.css';

const recordQuery = (deviceId: DeviceId, recordId: string) =>
  queryOptions({
    queryKey: ['device', deviceId, 'record', recordId],
    queryFn: ({ signal }) =>
      call('GET /devices/{deviceId}/commissioning-records/{recordId}', { params: { deviceId, recordId }, signal }),
    staleTime: Number.POSITIVE_INFINITY,
  });

/** A signed record as a page that can be printed, in either language. */
export function CommissionRecordPage() {
  const { t, language } = useLanguage();
  const { deviceId, recordId } = useParams({ from: '/shell/devices/$deviceId/record/$recordId' });
  const search = useSearch({ from: '/shell/devices/$deviceId/record/$recordId' });
  const id = deviceId as DeviceId;
  const record = useQuery(recordQuery(id, recordId));
  const models = useQuery(modelsQuery);
  const { pointById, agencyName } = useWholeCity();
  const findingText = useFindingText();
  const [chosen, setChosen] = useState<Language | null>(null);
  const shown: Language = chosen ?? search.language ?? language;
  const r = i18n.getFixedT(shown);

  if (record.isPending)
    return (
      <div className="page">
        <ListLoading what={t('loading.record')} />
      </div>
    );
  if (record.error) return <Failure error={record.error} retry={() => void record.refetch()} />;
  const { findings, mounted, photoIds, note, signedName, signedAt, pointIds, modelId, serialNumber, agencyId } =
    record.data;
  const model = models.data?.items.find((each) => each.id === modelId);
  return (
    <div className="page record-page">
      <header className="page-header no-print">
        <Link to="/install/$deviceId" params={{ deviceId }} className="text-button">
          {t('record.back', { id })}
        </Link>
        <span className="grow" />
        {LANGUAGES.map((each) => (
          <button
            key={each}
            type="button"
            className="chip"
            aria-pressed={each === shown}
            onClick={() => setChosen(each)}
          >
            {t(each === 'vi' ? 'account.languageVi' : 'account.languageEn')}
          </button>
        ))}
        <Button onClick={() => window.print()}>{t('record.print')}</Button>
      </header>
      <article className="record" lang={shown}>
        <p className="record-agency">{agencyName.get(agencyId)?.[shown] ?? agencyId}</p>
        <h1>{r('record.title')}</h1>
        <dl className="facts">
          <dt>{r('device.id')}</dt>
          <dd>{id}</dd>
          <dt>{r('device.model')}</dt>
          <dd>{model ? modelMake(model) : modelId}</dd>
          <dt>{r('device.serial')}</dt>
          <dd>{serialNumber ?? r('value.none')}</dd>
          <dt>{r('device.serves')}</dt>
          <dd>{pointIds.map((point) => pointById.get(point)?.name[shown] ?? point).join(', ')}</dd>
          <dt>{r('record.place')}</dt>
          <dd>
            {mounted
              ? `${formatNumber(mounted.location.latitude, 6, shown)}; ${formatNumber(mounted.location.longitude, 6, shown)} · ${
                  mounted.accuracyMetres === null
                    ? r('field.placedByHand')
                    : r('field.accuracy', { metres: formatNumber(mounted.accuracyMetres, 0, shown) })
                }`
              : r('value.none')}
          </dd>
        </dl>
        <table className="record-checks">
          <thead>
            <tr>
              <th scope="col">{r('record.check')}</th>
              <th scope="col">{r('record.result')}</th>
              <th scope="col">{r('record.found')}</th>
            </tr>
          </thead>
          <tbody>
            {findings.map((finding) => (
              <tr key={finding.check} data-verdict={finding.verdict}>
                <th scope="row">{r(`check.${finding.check}`)}</th>
                <td>{finding.overriddenBecause === null ? r(`verdict.${finding.verdict}`) : r('record.overridden')}</td>
                <td>
                  {findingText(finding, shown)}
                  {finding.overriddenBecause === null ? null : (
                    <p>{r('record.because', { reason: finding.overriddenBecause })}</p>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
        {note === null ? null : <p>{note}</p>}
        <ul className="photos">
          {photoIds.map((photo, i) => (
            <li key={photo}>
              <img src={photoAddress(id, photo)} alt={r('record.photo', { number: i + 1 })} />
            </li>
          ))}
        </ul>
        <p className="record-signature">
          {r('record.signed', { name: signedName, time: formatDateTime(signedAt, shown, true) })}
        </p>
        <p className="secondary small">{r('record.number', { id: recordId })}</p>
      </article>
    </div>
  );
}
