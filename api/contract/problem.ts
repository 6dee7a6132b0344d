import { z } from 'zod';

/**
 * Every code an answer can carry. Stable: outside programs match on them. What each means in HTTP and in words is
 * in `api/errors.ts` and `api/problem-texts.ts`.
 */
export const PROBLEM_CODES = [
  'INPUT_INVALID',
  'JSON_MALFORMED',
  'BODY_TOO_LARGE',
  'MEDIA_TYPE_UNSUPPORTED',
  'CURSOR_INVALID',
  'QUERY_TOO_LARGE',
  'EXPORTS_FULL',
  'SAVED_VIEWS_FULL',
  'NOT_SIGNED_IN',
  'LOGIN_REFUSED',
  'CSRF_REFUSED',
  'NOT_PERMITTED',
  'NOT_FOUND',
  'METHOD_NOT_ALLOWED',
  'ALREADY_EXISTS',
  'REFERENCE_MISSING',
  'INVALID_STATE',
  'VERSION_REQUIRED',
  'VERSION_STALE',
  'IDEMPOTENCY_KEY_REUSED',
  'IDEMPOTENCY_KEY_IN_USE',
  'RULE_INVALID',
  'RULE_NEEDS_REVIEW',
  'RULE_DRAFT_OWN',
  'STEP_NOT_ALLOWED',
  'STEP_NEEDS_POINT',
  'STEP_NEEDS_NO_POINT',
  'STEP_NEEDS_REASON',
  'SWAP_SAME_DEVICE',
  'SWAP_OLD_STATE',
  'SWAP_OLD_SERVES_NOTHING',
  'SWAP_NEW_STATE',
  'SWAP_NEW_SERVES',
  'SWAP_OTHER_AGENCY',
  'SWAP_LACKS_QUANTITY',
  'CLAIM_REFUSED',
  'CLAIM_USED',
  'CLAIM_CLOSED',
  'CLAIM_NOT_IN_STOCK',
  'CLAIM_MODEL_FOREIGN',
  'MODEL_WITHDRAWN',
  'IMPORT_UNREADABLE',
  'IMPORT_STALE',
  'IMPORT_HAS_ERRORS',
  'IMPORT_BUILT_UPON',
  'COMMISSION_NEEDS_SIGNATURE',
  'COMMISSION_CHECKS_OPEN',
  'PHOTO_UNREADABLE',
  'PHOTOS_FULL',
  'PHOTO_STORE_FULL',
  'COMMANDS_WAITING',
  'NOTIFICATION_LIMIT',
  'COMMAND_OVER',
  'FIRMWARE_KEY_INVALID',
  'FIRMWARE_NO_KEY',
  'FIRMWARE_SIGNATURE_INVALID',
  'FIRMWARE_EMPTY',
  'FIRMWARE_DISK_FULL',
  'FIRMWARE_WITHDRAWN',
  'FIRMWARE_NO_DEVICES',
  'ROLLOUT_OPEN',
  'ROLLOUT_STEP_NOT_ALLOWED',
  'WINDOW_NEEDS_END',
  'WINDOW_END_PAST',
  'WINDOW_OVER',
  'WINDOW_OF_DEVICE',
  'WARNING_OWN',
  'WARNING_INCOMPLETE',
  'WARNING_SCHEMA',
  'CERTIFICATE_INVALID',
  'SETUP_CLOSED',
  'TOO_MANY_REQUESTS',
  'STORE_UNAVAILABLE',
  'JOURNAL_UNAVAILABLE',
  'STOPPING',
  'INTERNAL',
] as const;
export type ProblemCode = (typeof PROBLEM_CODES)[number];

/** RFC 9457 problem details (`application/problem+json`). */
export const problem = z
  .object({
    type: z.string().meta({ description: 'URI reference of the explanation of the code' }),
    title: z.string().meta({ description: 'The kind of problem, in the caller’s language' }),
    status: z.number().int(),
    code: z.enum(PROBLEM_CODES),
    detail: z.string().exactOptional().meta({ description: 'This occurrence, in the caller’s language' }),
    instance: z.string().exactOptional().meta({ description: 'Path that was asked for' }),
    /** Catalogue key and parameters behind `title` and `detail`. */
    key: z.string(),
    params: z.record(z.string(), z.union([z.string(), z.number()])),
    /** What is wrong with which part of the input. */
    errors: z
      .array(
        z.object({
          path: z.string(),
          code: z.string(),
          message: z.string(),
          params: z.record(z.string(), z.union([z.string(), z.number()])).exactOptional(),
        }),
      )
      .exactOptional(),
  })
  .meta({ id: 'Problem' });
export type Problem = z.infer<typeof problem>;
