import { Button, Checkbox, MultiSelect, Select, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { RouteBodyInput } from '../../../api/contract/routes.ts';
import type { StationWire } from '../../../api/contract/station-files.ts';
import type { AgencyId, PointId } from '../../../domain/identifiers.ts';
import type { QuantityKey } from '../../../domain/quantity.ts';
import { EXPORT_INTERVALS_MINUTES } from '../../../domain/station.ts';
import { canonicalSymbol, STATION_SYMBOLS } from '../../../domain/station-file.ts';
import { useAgencyChoice } from '../../client/agency-choice.ts';
import { call } from '../../client/http.ts';
import { useWholeCity } from '../../client/use-city.tsx';
import { IconTrash } from '../../components/icons.ts';
import { useProblemText } from '../../components/States.tsx';
import { useLanguage } from '../../i18n/use-language.ts';

type Edit = RouteBodyInput<'PUT /stations/{stationCode}'>;
type Parameter = Edit['parameters'][number];
type Schedule = NonNullable<Edit['schedule']>;

const NEW_SCHEDULE: Schedule = { intervalMinutes: 5, symbols: [], folder: '', dated: true };

/** A station: what its files are called, which point each of their symbols is, and which files are written for it. */
export function StationEditor({ station, onDone }: { station: StationWire | null; onDone: () => void }) {
  const { t, language } = useLanguage();
  const { points, pointById, quantities } = useWholeCity();
  const queries = useQueryClient();
  const problemText = useProblemText();
  const { agency, choose, agencies } = useAgencyChoice('rules.write', { given: station?.agencyId ?? null });
  const [code, setCode] = useState(station?.code ?? '');
  const [edit, setEdit] = useState<Edit>(
    station
      ? {
          province: station.province,
          facility: station.facility,
          parameters: station.parameters,
          schedule: station.schedule,
        }
      : { province: 'HP', facility: '', parameters: [], schedule: null },
  );
  const [problem, setProblem] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const change = (next: Partial<Edit>) => setEdit((before) => ({ ...before, ...next }));
  const setParameter = (at: number, next: Partial<Parameter>) =>
    change({ parameters: edit.parameters.map((one, i) => (i === at ? { ...one, ...next } : one)) });
  const schedule = edit.schedule;
  const planned = (next: Partial<Schedule>) => change({ schedule: { ...(schedule ?? NEW_SCHEDULE), ...next } });

  async function act(work: () => Promise<unknown>): Promise<void> {
    setBusy(true);
    setProblem(null);
    try {
      await work();
      await queries.invalidateQueries({ queryKey: ['stations'] });
      onDone();
    } catch (error) {
      setProblem(problemText(error));
    } finally {
      setBusy(false);
    }
  }
  const save = (owner: AgencyId) =>
    act(() =>
      station
        ? call('PUT /stations/{stationCode}', {
            params: { stationCode: station.code },
            ifMatch: station.version,
            body: edit,
          })
        : call('POST /stations', { body: { code, agencyId: owner, station: edit } }),
    );
  const remove = (gone: StationWire) =>
    act(() => call('DELETE /stations/{stationCode}', { params: { stationCode: gone.code }, ifMatch: gone.version }));

  const mine = points.filter((point) => point.agencyId === agency);
  const quantityChoices = (pointId: PointId) =>
    (pointById.get(pointId)?.series ?? []).map(({ quantity }) => ({
      value: quantity as string,
      label: quantities.get(quantity)?.name[language] ?? quantity,
    }));
  const symbols = edit.parameters.map(({ symbol }) => canonicalSymbol(symbol)).filter((symbol) => symbol !== '');

  return (
    <section className="form data-form" aria-label={station ? station.code : t('stations.new')}>
      <h2 className="section-title">{station ? t('stations.edit', { code: station.code }) : t('stations.new')}</h2>
      <div className="form-row">
        <TextInput
          label={t('stations.code')}
          value={code}
          disabled={station !== null}
          placeholder="KHI001"
          onChange={(event) => setCode(event.currentTarget.value)}
        />
        <TextInput
          label={t('stations.province')}
          value={edit.province}
          onChange={(event) => change({ province: event.currentTarget.value })}
        />
        <TextInput
          label={t('stations.facility')}
          value={edit.facility}
          placeholder="CTY1"
          onChange={(event) => change({ facility: event.currentTarget.value })}
        />
      </div>
      {station === null && agencies.length > 1 ? (
        <Select
          label={t('alarms.agency')}
          data={[...agencies]}
          value={agency}
          allowDeselect={false}
          onChange={choose}
        />
      ) : null}
      <h3 className="section-title">{t('stations.parameters')}</h3>
      <datalist id="station-symbols">
        {STATION_SYMBOLS.map((symbol) => (
          <option key={symbol} value={symbol} />
        ))}
      </datalist>
      {edit.parameters.map((parameter, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a row is its place until it is saved
        <div className="parameter-row" key={at}>
          <TextInput
            label={t('stations.symbol')}
            list="station-symbols"
            value={parameter.symbol}
            onChange={(event) => setParameter(at, { symbol: event.currentTarget.value })}
          />
          <Select
            label={t('stations.point')}
            searchable
            data={mine.map(({ id, name }) => ({ value: id, label: name[language] }))}
            value={parameter.pointId}
            onChange={(pointId) =>
              setParameter(at, { pointId: (pointId ?? '') as PointId, quantity: '' as QuantityKey })
            }
          />
          <Select
            label={t('stations.quantity')}
            data={quantityChoices(parameter.pointId)}
            value={parameter.quantity}
            onChange={(quantity) => setParameter(at, { quantity: (quantity ?? '') as QuantityKey })}
          />
          <TextInput
            label={t('stations.unit')}
            value={parameter.unit}
            onChange={(event) => setParameter(at, { unit: event.currentTarget.value })}
          />
          <button
            type="button"
            className="icon-button"
            aria-label={t('stations.removeParameter', { symbol: parameter.symbol })}
            onClick={() => change({ parameters: edit.parameters.filter((_, i) => i !== at) })}
          >
            <IconTrash size={16} aria-hidden="true" />
          </button>
        </div>
      ))}
      <div>
        <Button
          variant="default"
          onClick={() =>
            change({
              parameters: [
                ...edit.parameters,
                { symbol: '', pointId: '' as PointId, quantity: '' as QuantityKey, unit: '' },
              ],
            })
          }
        >
          {t('stations.addParameter')}
        </Button>
      </div>
      <Checkbox
        label={t('stations.scheduled')}
        checked={schedule !== null}
        onChange={(event) => change({ schedule: event.currentTarget.checked ? { ...NEW_SCHEDULE, symbols } : null })}
      />
      {schedule ? (
        <>
          <div className="form-row">
            <Select
              label={t('stations.interval')}
              data={EXPORT_INTERVALS_MINUTES.map((n) => ({
                value: String(n),
                label: t('stations.minutes', { count: n, shown: String(n) }),
              }))}
              value={String(schedule.intervalMinutes)}
              allowDeselect={false}
              onChange={(n) => planned({ intervalMinutes: Number(n) as Schedule['intervalMinutes'] })}
            />
            <TextInput
              label={t('stations.folder')}
              value={schedule.folder}
              placeholder="so-tnmt"
              onChange={(event) => planned({ folder: event.currentTarget.value })}
            />
          </div>
          <MultiSelect
            label={t('stations.written')}
            data={[...new Set([...symbols, ...schedule.symbols])]}
            value={[...schedule.symbols]}
            onChange={(chosen) => planned({ symbols: chosen })}
          />
          <Checkbox
            label={t('stations.dated')}
            checked={schedule.dated}
            onChange={(event) => planned({ dated: event.currentTarget.checked })}
          />
        </>
      ) : null}
      {problem ? (
        <p className="form-problem" role="alert">
          {problem}
        </p>
      ) : null}
      <div className="actions">
        <Button loading={busy} disabled={agency === null} onClick={() => agency && void save(agency)}>
          {t('stations.save')}
        </Button>
        <Button variant="default" onClick={onDone}>
          {t('common.cancel')}
        </Button>
        {station ? (
          <Button variant="default" color="red" loading={busy} onClick={() => void remove(station)}>
            {t('stations.remove')}
          </Button>
        ) : null}
      </div>
    </section>
  );
}
