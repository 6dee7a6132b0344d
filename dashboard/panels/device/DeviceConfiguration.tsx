import { Button, JsonInput } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import type { DeviceWire } from '../../../api/contract/assets.ts';
import { call } from '../../client/http.ts';
import { usePlatform } from '../../client/platform.tsx';
import { deviceConfigurationQuery } from '../../client/queries.ts';
import { holdsIn } from '../../client/session.ts';
import { useProblemText } from '../../components/States.tsx';
import { useLanguage } from '../../i18n/use-language.ts';
import { formatDateTime } from '../../state/formatting.ts';
import { jsonObjectIn } from '../../state/json-object.ts';

/** How the device is wanted to be set up, and what it said of that. */
export function DeviceConfiguration({ device }: { device: DeviceWire }) {
  const { t, language } = useLanguage();
  const { session } = usePlatform();
  const queries = useQueryClient();
  const problemText = useProblemText();
  const configuration = useQuery(deviceConfigurationQuery(device.id));
  const [typed, setTyped] = useState<string | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const now = configuration.data;

  async function save(event: FormEvent): Promise<void> {
    event.preventDefault();
    const config = jsonObjectIn(typed ?? '');
    if (config === null || !now) return setProblem(t('command.paramsWrong'));
    setProblem(null);
    try {
      await call('PUT /devices/{deviceId}/configuration', {
        params: { deviceId: device.id },
        body: { config: config as Record<string, never>, version: now.version },
      });
      setTyped(null);
    } catch (error) {
      setProblem(problemText(error));
    }
    await queries.invalidateQueries({ queryKey: deviceConfigurationQuery(device.id).queryKey });
  }
  return (
    <section>
      <h2 className="section-title">{t('configuration.title')}</h2>
      {now ? (
        <>
          <p>
            {t(`configurationState.${now.state}`)}
            {now.desired ? (
              <span className="secondary">
                {' '}
                ·{' '}
                {t('configuration.version', {
                  version: now.version,
                  time: formatDateTime(now.desired.setAt, language),
                })}
              </span>
            ) : null}
          </p>
          {now.reported ? (
            <p className="secondary small">
              {t('configuration.reported', {
                version: now.reported.version,
                time: formatDateTime(now.reported.at, language, true),
              })}
              {now.reported.error ? ` · ${now.reported.error}` : ''}
            </p>
          ) : null}
          {now.desired ? <pre className="code-block">{JSON.stringify(now.desired.config, null, 2)}</pre> : null}
        </>
      ) : null}
      {holdsIn(session, 'assets.write', device.agencyId) ? (
        typed === null ? (
          <Button variant="default" onClick={() => setTyped(JSON.stringify(now?.desired?.config ?? {}, null, 2))}>
            {t('configuration.change')}
          </Button>
        ) : (
          <form className="form" onSubmit={(event) => void save(event)} noValidate>
            <JsonInput
              label={t('configuration.wanted')}
              autosize
              minRows={4}
              formatOnBlur
              value={typed}
              onChange={setTyped}
            />
            {problem ? (
              <p className="form-problem" role="alert">
                {problem}
              </p>
            ) : null}
            <div className="actions">
              <Button type="submit">{t('common.save')}</Button>
              <Button variant="default" onClick={() => setTyped(null)}>
                {t('common.cancel')}
              </Button>
            </div>
          </form>
        )
      ) : null}
    </section>
  );
}
