import { epochMs, milliseconds } from '../../domain/time.ts';
import { REPLAY_REGISTER_MAX } from '../contract/replay.ts';
import { inputRefused } from '../errors.ts';
import type { CityReplay, ReplayAsk } from '../replay/city-replay.ts';
import type { Handlers, RawAnswer } from './handler.ts';
import { given, type HandlerPorts } from './handler-ports.ts';

type ReplayRoutes =
  | 'GET /replay/snapshot'
  | 'GET /replay/frames'
  | 'GET /replay/register'
  | 'GET /replay/marks'
  | 'GET /replay/nearest-alarm';

const answerOf = (bytes: Uint8Array): RawAnswer => ({
  bytes,
  fileName: 'replay.bin',
  mediaType: 'application/octet-stream',
});

export function replayHandlers({ clock }: HandlerPorts, replay: CityReplay): Handlers<ReplayRoutes> {
  const askOf = ({
    actor,
    view,
    query,
  }: Pick<ReplayAsk, 'actor' | 'view'> & {
    readonly query: Pick<ReplayAsk, 'known' | 'readings' | 'series' | 'viewport' | 'domains'>;
  }): ReplayAsk => ({
    actor,
    view,
    known: query.known,
    readings: query.readings,
    ...given('series', query.series),
    ...given('viewport', query.viewport),
    ...given('domains', query.domains),
  });

  return {
    async 'GET /replay/snapshot'(request) {
      return answerOf(await replay.snapshot(askOf(request), request.query.at));
    },
    async 'GET /replay/frames'(request) {
      const { from, to, step } = request.query;
      if (from >= to) throw inputRefused('to', 'refusal.spanReversed', request.language);
      return answerOf(await replay.frames(askOf(request), from, to, step));
    },
    async 'GET /replay/register'({ query, view }) {
      return view.past.registerChanges(query.since, REPLAY_REGISTER_MAX);
    },
    async 'GET /replay/marks'({ query, view, language }) {
      const { from, to, buckets, known } = query;
      if (from >= to) throw inputRefused('to', 'refusal.spanReversed', language);
      const widthMs = Math.ceil((to - from) / buckets);
      return { from, widthMs, items: await view.past.alarmMarks(from, milliseconds(widthMs), buckets, known) };
    },
    async 'GET /replay/nearest-alarm'({ query, view }) {
      const { direction, known } = query;
      return view.past.nearestAlarm(epochMs(Math.min(query.at, clock())), direction, known);
    },
  };
}
