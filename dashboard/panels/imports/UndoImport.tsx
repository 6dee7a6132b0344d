import { Button, Modal } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { RouteAnswer } from '../../../api/contract/routes.ts';
import { call } from '../../client/http.ts';
import { importObstaclesQuery } from '../../client/queries.ts';
import { ListLoading } from '../../components/Loading.tsx';
import { Failure, useProblemText } from '../../components/States.tsx';
import { useLanguage } from '../../i18n/use-language.ts';
import { formatCount } from '../../state/formatting.ts';

/** Obstacles named one by one; the rest are counted. */
const NAMED = 12;

/** What taking an import back would do, or what stands in its way. */
export function UndoImport({
  sheet,
  onClose,
}: {
  sheet: RouteAnswer<'GET /device-imports/{importId}'>;
  onClose: (isUndone: boolean) => void;
}) {
  const { t, language } = useLanguage();
  const problemText = useProblemText();
  const obstacles = useQuery(importObstaclesQuery(sheet.id));
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const found = obstacles.data?.items ?? [];
  const devices = [...new Set(found.map(({ deviceId }) => deviceId))];
  const counted = (count: number) => ({ count, shown: formatCount(count, language) });

  async function undo(): Promise<void> {
    setBusy(true);
    try {
      await call('POST /device-imports/{importId}/undo', { params: { importId: sheet.id } });
      notifications.show({ message: t('imports.undone') });
      onClose(true);
    } catch (error) {
      setProblem(problemText(error));
      setBusy(false);
    }
  }
  return (
    <Modal
      opened
      onClose={() => onClose(false)}
      title={t('imports.undoTitle', { file: sheet.fileName })}
      closeButtonProps={{ 'aria-label': t('common.close') }}
    >
      {obstacles.isPending ? (
        <ListLoading rows={2} what={t('loading.imports')} />
      ) : obstacles.error ? (
        <Failure error={obstacles.error} retry={() => void obstacles.refetch()} />
      ) : devices.length > 0 ? (
        <div className="form">
          <p>{t('imports.undoBlocked', counted(devices.length))}</p>
          <ul className="plain-list">
            {devices.slice(0, NAMED).map((deviceId) => (
              <li key={deviceId}>
                {deviceId}:{' '}
                {found
                  .filter((each) => each.deviceId === deviceId)
                  .map(({ code }) => t(`importObstacle.${code}`))
                  .join(', ')}
              </li>
            ))}
            {devices.length > NAMED ? <li>…</li> : null}
          </ul>
        </div>
      ) : (
        <div className="form">
          <p>{t('imports.undoEffect', counted(sheet.counts.create))}</p>
          {problem ? (
            <p className="form-problem" role="alert">
              {problem}
            </p>
          ) : null}
          <Button color="red" loading={busy} onClick={() => void undo()}>
            {t('imports.undo')}
          </Button>
        </div>
      )}
    </Modal>
  );
}
