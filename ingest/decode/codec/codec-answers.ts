import type { CodecFailure, CodecOutcome, TrialRun } from './codec-call.ts';
import { ANSWER } from './codec-messages.ts';

/** Of errors that a codec reported, told in one. */
const LONGEST_DETAIL = 200;

export const failure = (code: CodecFailure, detail: string): CodecOutcome => ({ kind: 'failed', code, detail });

/** What an answer of the thread (see {@link ANSWER}) means for a message. */
export function outcomeOf(answer: string): CodecOutcome {
  const rest = answer.slice(1);
  switch (answer[0]) {
    case ANSWER.data:
      return { kind: 'decoded', data: JSON.parse(rest) as Record<string, unknown>, warnings: [] };
    case ANSWER.warned: {
      const [data, warnings] = JSON.parse(rest) as [Record<string, unknown>, string[]];
      return { kind: 'decoded', data, warnings };
    }
    case ANSWER.reported: {
      const [errors] = JSON.parse(rest) as [string[], string[]];
      return failure('CODEC_FAILED', errors.join('; ').slice(0, LONGEST_DETAIL));
    }
    case ANSWER.limit:
      return failure('CODEC_LIMIT', rest);
    case ANSWER.suspended:
      return failure('CODEC_SUSPENDED', rest);
    default:
      return failure('CODEC_FAILED', rest);
  }
}

/** What the codec itself said in an answer, whether it gave data or not. */
export function saidIn(answer: string | undefined, outcome: CodecOutcome): Pick<TrialRun, 'errors' | 'warnings'> {
  if (outcome.kind === 'decoded') return { errors: [], warnings: outcome.warnings };
  if (!answer?.startsWith(ANSWER.reported)) return { errors: [], warnings: [] };
  const [errors, warnings] = JSON.parse(answer.slice(1)) as [string[], string[]];
  return { errors, warnings };
}
