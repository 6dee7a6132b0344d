import { z } from 'zod';
import type { Language } from '../domain/localized.ts';
import { JournalUnavailableError } from '../domain/ports/journal.ts';
import { RegistryError, RegistryUnavailableError } from '../domain/ports/registry.ts';
import { RequestRefused } from '../domain/ports/requests.ts';
import { StoreUnavailableError } from '../domain/ports/time-series-store.ts';
import type { Problem, ProblemCode } from './contract/problem.ts';
import { fill, PROBLEM_TEXTS, refusalText } from './problem-texts.ts';

/** The one map from code to HTTP. */
export const HTTP_STATUS = {
  INPUT_INVALID: 400,
  JSON_MALFORMED: 400,
  BODY_TOO_LARGE: 413,
  MEDIA_TYPE_UNSUPPORTED: 415,
  CURSOR_INVALID: 400,
  QUERY_TOO_LARGE: 422,
  EXPORTS_FULL: 507,
  SAVED_VIEWS_FULL: 409,
  LAST_ADMINISTRATOR: 409,
  INVITATION_OVER: 410,
  NOT_SIGNED_IN: 401,
  LOGIN_REFUSED: 401,
  DISPLAY_CODE_REFUSED: 401,
  CSRF_REFUSED: 403,
  NOT_PERMITTED: 403,
  NOT_FOUND: 404,
  METHOD_NOT_ALLOWED: 405,
  ALREADY_EXISTS: 409,
  REFERENCE_MISSING: 422,
  INVALID_STATE: 409,
  VERSION_REQUIRED: 428,
  VERSION_STALE: 412,
  IDEMPOTENCY_KEY_REUSED: 422,
  IDEMPOTENCY_KEY_IN_USE: 409,
  RULE_INVALID: 422,
  RULE_NEEDS_REVIEW: 409,
  RULE_DRAFT_OWN: 403,
  STEP_NOT_ALLOWED: 409,
  STEP_NEEDS_POINT: 409,
  STEP_NEEDS_NO_POINT: 409,
  STEP_NEEDS_REASON: 422,
  SWAP_SAME_DEVICE: 422,
  SWAP_OLD_STATE: 409,
  SWAP_OLD_SERVES_NOTHING: 409,
  SWAP_NEW_STATE: 409,
  SWAP_NEW_SERVES: 409,
  SWAP_OTHER_AGENCY: 422,
  SWAP_LACKS_QUANTITY: 422,
  CLAIM_REFUSED: 422,
  CLAIM_USED: 409,
  CLAIM_CLOSED: 409,
  CLAIM_NOT_IN_STOCK: 409,
  CLAIM_MODEL_FOREIGN: 409,
  MODEL_WITHDRAWN: 409,
  IMPORT_UNREADABLE: 422,
  IMPORT_STALE: 409,
  IMPORT_HAS_ERRORS: 409,
  IMPORT_BUILT_UPON: 409,
  COMMISSION_NEEDS_SIGNATURE: 409,
  COMMISSION_CHECKS_OPEN: 409,
  PHOTO_UNREADABLE: 422,
  PHOTOS_FULL: 409,
  PHOTO_STORE_FULL: 507,
  COMMANDS_WAITING: 409,
  NOTIFICATION_LIMIT: 409,
  COMMAND_OVER: 409,
  FIRMWARE_KEY_INVALID: 422,
  FIRMWARE_NO_KEY: 422,
  FIRMWARE_SIGNATURE_INVALID: 422,
  FIRMWARE_EMPTY: 422,
  FIRMWARE_DISK_FULL: 507,
  FIRMWARE_WITHDRAWN: 409,
  FIRMWARE_NO_DEVICES: 409,
  ROLLOUT_OPEN: 409,
  ROLLOUT_STEP_NOT_ALLOWED: 409,
  WINDOW_NEEDS_END: 422,
  WINDOW_END_PAST: 422,
  WINDOW_OVER: 409,
  WINDOW_OF_DEVICE: 409,
  SHIFT_STARTS_ORDER: 422,
  SHIFT_TOO_SHORT: 422,
  HANDOVER_WAITING: 409,
  HANDOVER_MOVED_ON: 409,
  HANDOVER_OWN: 403,
  HANDOVER_RECEIVED: 409,
  MAIL_NOT_SET_UP: 409,
  WARNING_OWN: 403,
  WARNING_INCOMPLETE: 422,
  WARNING_SCHEMA: 422,
  CERTIFICATE_INVALID: 422,
  SETUP_CLOSED: 403,
  TOO_MANY_REQUESTS: 429,
  STORE_UNAVAILABLE: 503,
  JOURNAL_UNAVAILABLE: 503,
  REGISTRY_UNAVAILABLE: 503,
  GATEWAY_AWAY: 503,
  STOPPING: 503,
  INTERNAL: 500,
} as const satisfies Record<ProblemCode, number>;

type Params = Readonly<Record<string, string | number>>;
interface InputError {
  readonly path: string;
  readonly code: string;
  readonly message: string;
  readonly params?: Record<string, string | number>;
}

/** A request refused for a reason the caller can act on. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly code: ProblemCode;
  readonly params: Params;
  readonly inputErrors: readonly InputError[];
  constructor(code: ProblemCode, params: Params = {}, inputErrors: readonly InputError[] = [], options?: ErrorOptions) {
    super(code, options);
    this.code = code;
    this.params = params;
    this.inputErrors = inputErrors;
  }
}

/** Refuses one part of the input, in words of `REFUSAL_TEXTS`. */
export const inputRefused = (path: string, refusal: string, language: Language): ApiError =>
  new ApiError('INPUT_INVALID', {}, [{ path, code: 'custom', message: refusalText(refusal, language) }]);

const ZOD_WORDS = { vi: z.locales.vi().localeError, en: z.locales.en().localeError };

/** Parses a part of a request. @throws {ApiError} INPUT_INVALID naming every part that is wrong, in the caller's language. */
export function parseInput<T extends z.ZodType>(schema: T, input: unknown, language: Language): z.output<T> {
  const parsed = schema.safeParse(input, { error: ZOD_WORDS[language] });
  if (parsed.success) return parsed.data;
  throw new ApiError(
    'INPUT_INVALID',
    {},
    parsed.error.issues.slice(0, 50).map((issue) => ({
      path: issue.path.map(String).join('.'),
      code: issue.code,
      message: refusalText(issue.message, language),
    })),
  );
}

const FROM_REGISTRY = {
  NOT_FOUND: 'NOT_FOUND',
  CONFLICT: 'VERSION_STALE',
  ALREADY_EXISTS: 'ALREADY_EXISTS',
  REFERENCE_MISSING: 'REFERENCE_MISSING',
  NOT_ALLOWED: 'NOT_PERMITTED',
  INVALID_STATE: 'INVALID_STATE',
  INVALID_CURSOR: 'CURSOR_INVALID',
  STEP_NOT_ALLOWED: 'STEP_NOT_ALLOWED',
  STEP_NEEDS_POINT: 'STEP_NEEDS_POINT',
  STEP_NEEDS_NO_POINT: 'STEP_NEEDS_NO_POINT',
  STEP_NEEDS_REASON: 'STEP_NEEDS_REASON',
  SWAP_SAME_DEVICE: 'SWAP_SAME_DEVICE',
  SWAP_OLD_STATE: 'SWAP_OLD_STATE',
  SWAP_OLD_SERVES_NOTHING: 'SWAP_OLD_SERVES_NOTHING',
  SWAP_NEW_STATE: 'SWAP_NEW_STATE',
  SWAP_NEW_SERVES: 'SWAP_NEW_SERVES',
  SWAP_OTHER_AGENCY: 'SWAP_OTHER_AGENCY',
  SWAP_LACKS_QUANTITY: 'SWAP_LACKS_QUANTITY',
  CLAIM_REFUSED: 'CLAIM_REFUSED',
  CLAIM_USED: 'CLAIM_USED',
  CLAIM_CLOSED: 'CLAIM_CLOSED',
  CLAIM_NOT_IN_STOCK: 'CLAIM_NOT_IN_STOCK',
  CLAIM_MODEL_FOREIGN: 'CLAIM_MODEL_FOREIGN',
  MODEL_WITHDRAWN: 'MODEL_WITHDRAWN',
  IMPORT_STALE: 'IMPORT_STALE',
  IMPORT_HAS_ERRORS: 'IMPORT_HAS_ERRORS',
  IMPORT_BUILT_UPON: 'IMPORT_BUILT_UPON',
  PHOTOS_FULL: 'PHOTOS_FULL',
  COMMANDS_WAITING: 'COMMANDS_WAITING',
  NOTIFICATION_LIMIT: 'NOTIFICATION_LIMIT',
  SAVED_VIEWS_FULL: 'SAVED_VIEWS_FULL',
  LAST_ADMINISTRATOR: 'LAST_ADMINISTRATOR',
  COMMAND_OVER: 'COMMAND_OVER',
  FIRMWARE_WITHDRAWN: 'FIRMWARE_WITHDRAWN',
  FIRMWARE_NO_DEVICES: 'FIRMWARE_NO_DEVICES',
  ROLLOUT_OPEN: 'ROLLOUT_OPEN',
  ROLLOUT_STEP_NOT_ALLOWED: 'ROLLOUT_STEP_NOT_ALLOWED',
  WINDOW_NEEDS_END: 'WINDOW_NEEDS_END',
  WINDOW_END_PAST: 'WINDOW_END_PAST',
  WINDOW_OVER: 'WINDOW_OVER',
  WINDOW_OF_DEVICE: 'WINDOW_OF_DEVICE',
  SHIFT_STARTS_ORDER: 'SHIFT_STARTS_ORDER',
  SHIFT_TOO_SHORT: 'SHIFT_TOO_SHORT',
  HANDOVER_WAITING: 'HANDOVER_WAITING',
  HANDOVER_MOVED_ON: 'HANDOVER_MOVED_ON',
  HANDOVER_OWN: 'HANDOVER_OWN',
  HANDOVER_RECEIVED: 'HANDOVER_RECEIVED',
  WARNING_OWN: 'WARNING_OWN',
  WARNING_INCOMPLETE: 'WARNING_INCOMPLETE',
} as const satisfies Record<RegistryError['code'], ProblemCode>;

/** What an error means to the caller; `undefined` for a surprise. */
export function expectedError(error: unknown): ApiError | undefined {
  if (error instanceof ApiError) return error;
  if (error instanceof RegistryError)
    return new ApiError(FROM_REGISTRY[error.code], error.params, [], { cause: error });
  if (error instanceof StoreUnavailableError) return new ApiError('STORE_UNAVAILABLE', {}, [], { cause: error });
  if (error instanceof RequestRefused) return new ApiError('TOO_MANY_REQUESTS', { retryAfterSeconds: 1 });
  if (error instanceof RegistryUnavailableError) return new ApiError('REGISTRY_UNAVAILABLE', {}, [], { cause: error });
  if (error instanceof JournalUnavailableError) return new ApiError('JOURNAL_UNAVAILABLE', {}, [], { cause: error });
  return undefined;
}

/** The problem document of an error. */
export function problemOf(error: ApiError, language: Language, instance?: string): Problem {
  const texts = PROBLEM_TEXTS[error.code];
  return {
    type: `/api/docs#${error.code}`,
    title: texts.title[language],
    status: HTTP_STATUS[error.code],
    code: error.code,
    detail: fill(texts.detail[language], error.params),
    ...(instance === undefined ? {} : { instance }),
    key: `problem.${error.code}`,
    params: error.params,
    ...(error.inputErrors.length === 0 ? {} : { errors: [...error.inputErrors] }),
  };
}
