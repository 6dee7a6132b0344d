import { Button } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import type { DeviceWire } from '../../api/contract/assets.ts';
import { type CommissioningCheck, isInTheWay, PHOTOS_SIGNED_MAX } from '../../domain/commissioning.ts';
import type { DeviceId } from '../../domain/identifiers.ts';
import { call } from '../client/http.ts';
import { usePlatform } from '../client/platform.tsx';
import { commissioningQuery, devicePhotosQuery, deviceRecordsQuery } from '../client/queries.ts';
import { holdsIn } from '../client/session.ts';
import { ListLoading } from '../components/Loading.tsx';
import { Failure, useProblemText } from '../components/States.tsx';
import { useLanguage } from '../i18n/use-language.ts';
import { CheckList, type Overrides } from './CheckList.tsx';
import { CommandButtons } from './CommandButtons.tsx';
import { draftOf, dropDraft } from './field-store.ts';
import { useOnline } from './use-field.ts';

/** The live checks, and the signature under them. */
export function ChecksStep({
  deviceId,
  device,
  waiting,
  onPlace,
}: {
  deviceId: DeviceId;
  device: DeviceWire | null;
  waiting: boolean;
  onPlace: () => void;
}) {
  const { t } = useLanguage();
  const { session } = usePlatform();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const problemText = useProblemText();
  const online = useOnline();
  const installed = device?.state === 'installed';
  const checks = useQuery({ ...commissioningQuery(deviceId), enabled: installed && online });
  const photos = useQuery({ ...devicePhotosQuery(deviceId), enabled: installed && online });
  const records = useQuery({ ...deviceRecordsQuery(deviceId), enabled: device?.state === 'commissioned' && online });
  const [overrides, setOverrides] = useState<Overrides>({});
  const [busy, setBusy] = useState(false);

  const override = (check: CommissioningCheck, reason: string | null) =>
    setOverrides(({ [check]: _, ...others }) => (reason === null ? others : { ...others, [check]: reason }));

  async function sign(): Promise<void> {
    setBusy(true);
    try {
      const draft = await draftOf(deviceId);
      const record = await call('POST /devices/{deviceId}/commissioning-records', {
        params: { deviceId },
        body: {
          overrides: Object.entries(overrides)
            .filter(([, reason]) => reason.trim() !== '')
            .map(([check, reason]) => ({ check: check as CommissioningCheck, reason })),
          mounted: draft?.mounted ?? null,
          photoIds: (photos.data?.items ?? []).slice(0, PHOTOS_SIGNED_MAX).map(({ id }) => id),
        },
      });
      await dropDraft(deviceId);
      await queries.invalidateQueries({ queryKey: ['device', deviceId] });
      void queries.invalidateQueries({ queryKey: ['devices'] });
      await navigate({ to: '/devices/$deviceId/record/$recordId', params: { deviceId, recordId: record.id } });
    } catch (error) {
      notifications.show({ color: 'red', title: t('error.title'), message: problemText(error) });
    } finally {
      setBusy(false);
    }
  }

  const [newest] = records.data?.items ?? [];
  if (device?.state === 'commissioned')
    return (
      <div className="empty-state">
        <p className="empty-title">{t('field.signedAlready')}</p>
        {newest ? (
          <Button
            size="lg"
            onClick={() =>
              void navigate({ to: '/devices/$deviceId/record/$recordId', params: { deviceId, recordId: newest.id } })
            }
          >
            {t('record.open')}
          </Button>
        ) : null}
      </div>
    );
  if (!online || waiting)
    return (
      <div className="empty-state">
        <p className="empty-title">{t('field.checksNeedNetwork')}</p>
        <p className="secondary">{t('field.checksNeedNetworkHint')}</p>
      </div>
    );
  if (!installed)
    return (
      <div className="empty-state">
        <p className="empty-title">{t('field.checksNeedPlace')}</p>
        <Button size="lg" variant="default" onClick={onPlace}>
          {t('installStep.place')}
        </Button>
      </div>
    );
  if (checks.isPending) return <ListLoading rows={9} what={t('loading.checks')} />;
  if (!checks.data) return <Failure error={checks.error} retry={() => void checks.refetch()} />;
  const { findings } = checks.data;
  const open = findings.filter((finding) => isInTheWay(finding) && !overrides[finding.check]?.trim());
  return (
    <>
      <CommandButtons deviceId={deviceId} />
      <CheckList findings={findings} overrides={overrides} onOverride={override} />
      <div className="field-bar">
        {open.length > 0 ? <p className="secondary">{t('field.openChecks', { count: open.length })}</p> : null}
        <Button
          size="lg"
          fullWidth
          disabled={open.length > 0 || !holdsIn(session, 'assets.write', device.agencyId)}
          loading={busy}
          onClick={() => void sign()}
        >
          {t('field.sign', { name: session.user.displayName })}
        </Button>
      </div>
    </>
  );
}
