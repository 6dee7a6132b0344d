import { Button, Checkbox, Modal, Progress } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { RouteAnswer } from '../../../api/contract/routes.ts';
import { saveFile } from '../../client/download.ts';
import { call } from '../../client/http.ts';
import { devicesQuery, importQuery, importsQuery, mapPointsQuery } from '../../client/queries.ts';
import { useProblemText } from '../../components/States.tsx';
import { useLanguage } from '../../i18n/use-language.ts';
import { formatCount } from '../../state/formatting.ts';
import { UndoImport } from './UndoImport.tsx';

type Sheet = RouteAnswer<'GET /device-imports/{importId}'>;
type Tokens = RouteAnswer<'POST /device-imports/{importId}/apply'>['tokens'];

/** What may be done with a sheet as it stands: carried out, or taken back. */
export function ImportActions({ sheet }: { sheet: Sheet }) {
  const { t, language } = useLanguage();
  const queries = useQueryClient();
  const problemText = useProblemText();
  const [skipErrors, setSkipErrors] = useState(false);
  const [withTokens, setWithTokens] = useState(false);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const [tokens, setTokens] = useState<Tokens>([]);
  const [undoing, setUndoing] = useState(false);
  const { counts, id } = sheet;
  const created = { count: counts.create, shown: formatCount(counts.create, language) };

  async function refresh(): Promise<void> {
    await Promise.all(
      [importQuery(id).queryKey, importsQuery.queryKey, devicesQuery.queryKey, mapPointsQuery.queryKey].map(
        (queryKey) => queries.invalidateQueries({ queryKey }),
      ),
    );
  }
  async function apply(): Promise<void> {
    setBusy(true);
    setProblem(null);
    try {
      const answer = await call('POST /device-imports/{importId}/apply', {
        params: { importId: id },
        body: { skipErrors, tokens: withTokens },
      });
      setTokens(answer.tokens);
      notifications.show({
        message: t('imports.applied', { count: answer.created, shown: formatCount(answer.created, language) }),
      });
      await refresh();
    } catch (error) {
      setProblem(problemText(error));
    } finally {
      setBusy(false);
    }
  }

  return (
    <>
      {problem ? (
        <p className="form-problem" role="alert">
          {problem}
        </p>
      ) : null}
      {tokens.length > 0 ? (
        <>
          <span className="small">{t('imports.tokensHint')}</span>
          <Button
            variant="default"
            onClick={() =>
              saveFile(
                ['id,token', ...tokens.map(({ deviceId, token }) => `${deviceId},${token}`), ''].join('\r\n'),
                'tokens.csv',
                'text/csv',
              )
            }
          >
            {t('imports.tokens')}
          </Button>
        </>
      ) : null}
      {sheet.state === 'previewed' ? (
        counts.create === 0 ? (
          <span className="secondary">{t('imports.nothingToDo')}</span>
        ) : (
          <>
            {counts.error > 0 ? (
              <Checkbox
                label={t('imports.skipErrors')}
                checked={skipErrors}
                onChange={(event) => setSkipErrors(event.currentTarget.checked)}
              />
            ) : null}
            <Checkbox
              label={t('imports.withTokens')}
              checked={withTokens}
              onChange={(event) => setWithTokens(event.currentTarget.checked)}
            />
            <Button disabled={counts.error > 0 && !skipErrors} loading={busy} onClick={() => void apply()}>
              {t('imports.apply', created)}
            </Button>
          </>
        )
      ) : null}
      {sheet.state === 'applied' ? (
        <>
          <Link to="/labels" search={{ from: 'import', import: id }} className="text-button">
            {t('imports.printLabels')}
          </Link>
          <Button variant="default" onClick={() => setUndoing(true)}>
            {t('imports.undo')}
          </Button>
        </>
      ) : null}
      {busy ? (
        <Modal opened onClose={() => undefined} withCloseButton={false} aria-label={t('imports.apply', created)}>
          <p role="status">{t('imports.applying', created)}</p>
          <Progress value={100} animated mt="sm" aria-hidden="true" />
        </Modal>
      ) : null}
      {undoing ? (
        <UndoImport
          sheet={sheet}
          onClose={(isUndone) => {
            setUndoing(false);
            if (isUndone) void refresh();
          }}
        />
      ) : null}
    </>
  );
}
