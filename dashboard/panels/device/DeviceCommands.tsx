import { Button, JsonInput, NumberInput, Select, TextInput } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import type { DeviceWire } from '../../../api/contract/assets.ts';
import type { DeviceCommandWire } from '../../../api/contract/device-control.ts';
import {
  COMMAND_NAME_PATTERN,
  isKnownCommand,
  type JsonObject,
  KNOWN_COMMANDS,
} from '../../../domain/device-control.ts';
import { call } from '../../client/http.ts';
import { usePlatform } from '../../client/platform.tsx';
import { deviceCommandsQuery } from '../../client/queries.ts';
import { holdsIn } from '../../client/session.ts';
import { useProblemText } from '../../components/States.tsx';
import { useLanguage } from '../../i18n/use-language.ts';
import { formatDateTime } from '../../state/formatting.ts';
import { jsonObjectIn } from '../../state/json-object.ts';

const OWN = 'custom';
const CHOICES = [...Object.keys(KNOWN_COMMANDS), OWN] as const;

/** Commands given, what the device answered, and a way to give one. */
export function DeviceCommands({ device }: { device: DeviceWire }) {
  const { t } = useLanguage();
  const { session } = usePlatform();
  const commands = useQuery(deviceCommandsQuery(device.id));
  return (
    <section>
      <h2 className="section-title">{t('command.title')}</h2>
      {holdsIn(session, 'assets.write', device.agencyId) ? <GiveCommand device={device} /> : null}
      {commands.data?.items.length === 0 ? <p className="secondary section-empty">{t('command.none')}</p> : null}
      <ul className="history">
        {(commands.data?.items ?? []).map((command) => (
          <Command key={command.id} command={command} mayCancel={holdsIn(session, 'assets.write', device.agencyId)} />
        ))}
      </ul>
    </section>
  );
}

function Command({ command, mayCancel }: { command: DeviceCommandWire; mayCancel: boolean }) {
  const { t, language } = useLanguage();
  const queries = useQueryClient();
  const { id, deviceId, name, params, state, createdAt, stateAt, result, error, expiresAt } = command;
  const open = state === 'waiting' || state === 'sent';
  async function cancel(): Promise<void> {
    await call('DELETE /devices/{deviceId}/commands/{commandId}', { params: { deviceId, commandId: id } }).catch(
      () => {},
    );
    await queries.invalidateQueries({ queryKey: deviceCommandsQuery(deviceId).queryKey });
  }
  return (
    <li data-command={name}>
      <p>
        <strong>{isKnownCommand(name) ? t(`command.${name}`) : name}</strong> · {t(`commandState.${state}`)}
        {Object.keys(params).length > 0 ? <code> {JSON.stringify(params)}</code> : null}
      </p>
      {result !== null ? <pre className="code-block">{JSON.stringify(result, null, 2)}</pre> : null}
      {error !== null ? <p className="form-problem">{error}</p> : null}
      <p className="secondary small">
        {formatDateTime(stateAt ?? createdAt, language, true)}
        {open ? ` · ${t('command.expires', { time: formatDateTime(expiresAt, language) })}` : ''}
      </p>
      {open && mayCancel ? (
        <button type="button" className="text-button" onClick={() => void cancel()}>
          {t('command.cancel')}
        </button>
      ) : null}
    </li>
  );
}

function GiveCommand({ device }: { device: DeviceWire }) {
  const { t } = useLanguage();
  const queries = useQueryClient();
  const problemText = useProblemText();
  const [choice, setChoice] = useState<string>('identify');
  const [seconds, setSeconds] = useState<number | string>(20);
  const [own, setOwn] = useState({ name: '', params: '' });
  const [problem, setProblem] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const wantsSeconds = isKnownCommand(choice) && KNOWN_COMMANDS[choice].length > 0;

  async function give(event: FormEvent): Promise<void> {
    event.preventDefault();
    setProblem(null);
    const params: JsonObject | null =
      choice === OWN ? jsonObjectIn(own.params) : wantsSeconds ? { seconds: Number(seconds) } : {};
    const name = choice === OWN ? own.name.trim() : choice;
    if (params === null) return setProblem(t('command.paramsWrong'));
    if (!COMMAND_NAME_PATTERN.test(name)) return setProblem(t('command.nameWrong'));
    setBusy(true);
    try {
      await call('POST /devices/{deviceId}/commands', {
        params: { deviceId: device.id },
        body: { name, params: params as Record<string, never> },
      });
      await queries.invalidateQueries({ queryKey: deviceCommandsQuery(device.id).queryKey });
    } catch (error) {
      setProblem(problemText(error));
    } finally {
      setBusy(false);
    }
  }
  return (
    <form className="form" onSubmit={(event) => void give(event)} noValidate>
      <div className="form-row">
        <Select
          label={t('command.choose')}
          data={CHOICES.map((each) => ({ value: each, label: t(`command.${each as 'identify'}`) }))}
          value={choice}
          allowDeselect={false}
          onChange={(next) => setChoice(next ?? 'identify')}
        />
        {wantsSeconds ? (
          <NumberInput label={t('command.seconds')} min={1} max={86_400} value={seconds} onChange={setSeconds} />
        ) : null}
      </div>
      {choice === OWN ? (
        <>
          <TextInput
            label={t('command.name')}
            value={own.name}
            onChange={(event) => setOwn({ ...own, name: event.currentTarget.value })}
          />
          <JsonInput
            label={t('command.params')}
            autosize
            minRows={2}
            value={own.params}
            onChange={(params) => setOwn({ ...own, params })}
          />
        </>
      ) : null}
      {problem ? (
        <p className="form-problem" role="alert">
          {problem}
        </p>
      ) : null}
      <Button type="submit" variant="default" loading={busy}>
        {t('command.give')}
      </Button>
    </form>
  );
}
