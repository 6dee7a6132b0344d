import type { MessageCodecs } from '../../domain/ports/codec-bench.ts';
import type { DeviceTailDesk } from '../../domain/ports/device-tail.ts';
import type { QuarantineDesk } from '../../domain/ports/quarantine.ts';
import type { Sessions } from '../auth/login.ts';
import type { SetupLink } from '../auth/setup.ts';
import type { CityIndex } from '../city/city-index.ts';
import type { LatestTable } from '../city/latest-table.ts';
import type { OpenAlarms } from '../city/open-alarms.ts';
import type { Scopes } from '../city/scopes.ts';
import type { DutyDesk } from '../gateways/duty-desk.ts';
import type { ApiPorts, ApiSettings } from '../ports.ts';
import type { QueryGate } from './query-gate.ts';

/** What handlers are made of: the platform's ports and the API's own picture of the city. */
export interface HandlerPorts extends ApiPorts {
  readonly settings: ApiSettings;
  /** What all gateways hold, see and run. */
  readonly quarantine: QuarantineDesk;
  readonly tail: DeviceTailDesk;
  readonly messageCodecs: MessageCodecs;
  /** How far others are with what they do. */
  readonly duties: DutyDesk;
  readonly index: CityIndex;
  readonly scopes: Scopes;
  readonly latest: LatestTable;
  readonly openAlarms: OpenAlarms;
  readonly queries: QueryGate;
  readonly sessions: Sessions;
  readonly setup: SetupLink;
  /** Sessions, roles, keys or grants changed: live connections are looked at again. */
  readonly accessChanged: () => void;
}

/** `{[key]: value}`, or nothing when there is no value: optional parts of filters stay absent. */
export const given = <K extends string, V>(key: K, value: V | undefined): { readonly [P in K]?: V } =>
  (value === undefined ? {} : { [key]: value }) as { readonly [P in K]?: V };

/** `?limit&after` as the registry wants it. */
export const pageOf = (query: { readonly limit: number; readonly after?: string }) => ({
  limit: query.limit,
  ...given('after', query.after),
});
