import type { z } from 'zod';
import { COMMISSIONING_ROUTES } from './commissioning-routes.ts';
import type { Route, RouteKey } from './route.ts';
import { ADMINISTRATION_ROUTES } from './routes-administration.ts';
import { ALARM_WORK_ROUTES } from './routes-alarm-work.ts';
import { ASSET_ROUTES } from './routes-assets.ts';
import { BACKTEST_ROUTES } from './routes-backtests.ts';
import { DEVICE_CONTROL_ROUTES } from './routes-device-control.ts';
import { DEVICE_ROUTES } from './routes-devices.ts';
import { DISPLAY_ROUTES } from './routes-displays.ts';
import { EXPORT_ROUTES } from './routes-exports.ts';
import { FIRMWARE_ROUTES } from './routes-firmware.ts';
import { INCIDENT_ROUTES } from './routes-incidents.ts';
import { INDEX_ROUTES } from './routes-indices.ts';
import { MODEL_ROUTES } from './routes-models.ts';
import { NOTIFICATION_ROUTES } from './routes-notifications.ts';
import { OBSERVATION_ROUTES } from './routes-observations.ts';
import { OPERATIONS_ROUTES } from './routes-operations.ts';
import { PEOPLE_ROUTES } from './routes-people.ts';
import { QUALITY_ROUTES } from './routes-quality.ts';
import { REPLAY_ROUTES } from './routes-replay.ts';
import { RULE_DRAFT_ROUTES } from './routes-rule-drafts.ts';
import { SAVED_VIEW_ROUTES } from './routes-saved-views.ts';
import { SHIFT_ROUTES } from './routes-shifts.ts';
import { STATION_FILE_ROUTES } from './routes-station-files.ts';
import { SUPPRESSION_ROUTES } from './routes-suppressions.ts';
import { WARNING_ROUTES } from './routes-warnings.ts';

/**
 * Every operation under `/api/v1`, in one table: the router, the permission matrix, the OpenAPI document and a client's types come from it.
 *
 * Beside what a route says for itself:
 * - POST, PUT and DELETE take `Idempotency-Key` (≤ 128 characters): the same key with the same request gives the same answer, done once.
 * - made with the session's cookie they carry `X-CSRF-Token` from `GET /session`.
 * - `Accept-Language: vi` or `en` chooses the language of problems.
 */
export const ROUTES = {
  ...ASSET_ROUTES,
  ...MODEL_ROUTES,
  ...DEVICE_ROUTES,
  ...DEVICE_CONTROL_ROUTES,
  ...FIRMWARE_ROUTES,
  ...NOTIFICATION_ROUTES,
  ...COMMISSIONING_ROUTES,
  ...OBSERVATION_ROUTES,
  ...ALARM_WORK_ROUTES,
  ...QUALITY_ROUTES,
  ...INDEX_ROUTES,
  ...REPLAY_ROUTES,
  ...RULE_DRAFT_ROUTES,
  ...BACKTEST_ROUTES,
  ...SUPPRESSION_ROUTES,
  ...SHIFT_ROUTES,
  ...INCIDENT_ROUTES,
  ...DISPLAY_ROUTES,
  ...WARNING_ROUTES,
  ...PEOPLE_ROUTES,
  ...ADMINISTRATION_ROUTES,
  ...EXPORT_ROUTES,
  ...STATION_FILE_ROUTES,
  ...SAVED_VIEW_ROUTES,
  ...OPERATIONS_ROUTES,
};

type Routes = typeof ROUTES;
/** e.g. `'GET /points/{pointId}'`. */
export type ApiRoute = keyof Routes & RouteKey;

type Schema<K extends ApiRoute, Part extends keyof Route> =
  Routes[K] extends Record<Part, infer S extends z.ZodType> ? S : undefined;
type Output<S> = S extends z.ZodType ? z.output<S> : undefined;
type Input<S> = S extends z.ZodType ? z.input<S> : undefined;

/** What the server's handlers are given, after parsing. */
export type RouteParams<K extends ApiRoute> = Output<Schema<K, 'params'>>;
export type RouteQuery<K extends ApiRoute> = Output<Schema<K, 'query'>>;
export type RouteBody<K extends ApiRoute> = Output<Schema<K, 'body'>>;
/** What a client sends: defaults may be left out. */
export type RouteBodyInput<K extends ApiRoute> = Input<Schema<K, 'body'>>;
/** JSON of the answer; undefined for 204 and bytes. */
export type RouteAnswer<K extends ApiRoute> = Output<Schema<K, 'answer'>>;
