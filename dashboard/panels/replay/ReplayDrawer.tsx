import { Menu } from '@mantine/core';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useRef, useState } from 'react';
import type { Knowledge } from '../../../domain/ports/city-past.ts';
import { epochMs } from '../../../domain/time.ts';
import { call } from '../../client/http.ts';
import { useScreenClock } from '../../client/platform.tsx';
import type { Replay } from '../../client/replay-city.ts';
import { useReplay, useReplayState } from '../../client/use-replay.tsx';
import { DateField } from '../../components/DateField.tsx';
import {
  IconChevronsLeft,
  IconChevronsRight,
  IconKeyboard,
  IconLink,
  IconPlayerPause,
  IconPlayerPlay,
  IconPlayerSkipBack,
  IconPlayerSkipForward,
} from '../../components/icons.ts';
import { useProblemText } from '../../components/States.tsx';
import { useLanguage } from '../../i18n/use-language.ts';
import { dateField, instantOf } from '../../state/city-dates.ts';
import { formatDateTime, formatDayMonth, formatTime } from '../../state/formatting.ts';
import {
  nextSpeed,
  REPLAY_SPEEDS,
  SCRUBBER_SPANS,
  type ScrubberSpan,
  scrubberRange,
  speedOf,
} from '../../state/replay-clock.ts';
import { SavedViewsMenu } from '../views/SavedViewsMenu.tsx';
import { DensityStrip } from './DensityStrip.tsx';
import { ReplayHelp } from './ReplayHelp.tsx';
import { SMALL_STEP_MS, useReplayKeys } from './replay-keys.ts';
import '../../styles/replay.css';

const TICKS = 6;
/** Time, at the bottom of the screen: where one is, how fast it goes, and where the alarms lie. */
export function ReplayDrawer() {
  const { replay, leave } = useReplay();
  return replay ? <Drawer replay={replay} leave={leave} /> : null;
}

function Drawer({ replay, leave }: { replay: Replay; leave: () => void }) {
  const { t, language } = useLanguage();
  const state = useReplayState(replay);
  const search: Readonly<Record<string, string | number | undefined>> = useSearch({ strict: false });
  const navigate = useNavigate();
  const problemText = useProblemText();
  const now = useScreenClock();
  const [span, setSpan] = useState<ScrubberSpan>('h24');
  const [said, setSaid] = useState('');
  const [helping, setHelping] = useState(false);
  /** Where the thumb is while it is dragged. */
  const [dragged, setDragged] = useState<number | null>(null);
  const held = useRef<{ readonly from: number; readonly to: number } | null>(null);
  const spanMs = SCRUBBER_SPANS.find(({ key }) => key === span)?.spanMs ?? 86_400_000;
  if (dragged === null) held.current = scrubberRange(state.target, spanMs, now, held.current);
  const { from, to } = held.current ?? scrubberRange(state.target, spanMs, now, null);
  const shown = dragged ?? state.target;

  const playOrPause = () => (state.isPlaying ? replay.pause() : replay.play());
  const stepBy = (ms: number) => {
    replay.pause();
    replay.seek(Math.min(state.target + ms, Date.now()));
  };
  async function toAlarm(direction: 'next' | 'previous'): Promise<void> {
    replay.pause();
    try {
      const found = await call('GET /replay/nearest-alarm', {
        query: { at: state.target, direction, known: state.known },
      });
      if (found === null) setSaid(t(direction === 'next' ? 'replay.noNextAlarm' : 'replay.noPreviousAlarm'));
      else {
        setSaid(t('replay.atAlarm', { time: formatDateTime(found.at, language, true) }));
        replay.seek(found.at);
      }
    } catch (error) {
      setSaid(problemText(error));
    }
  }
  const changeSpeed = (by: 1 | -1) => replay.setSpeed(nextSpeed(state.speed, by));
  useReplayKeys({
    playOrPause,
    stepBy,
    changeSpeed,
    toAlarm: (way) => void toAlarm(way),
    leave,
    help: () => setHelping(true),
  });

  async function copyLink(): Promise<void> {
    try {
      await navigator.clipboard.writeText(window.location.href);
      setSaid(t('replay.linkCopied'));
    } catch {
      // The clipboard is there on secure origins only.
      setSaid(t('replay.linkInAddress'));
    }
  }

  const status =
    state.error !== null
      ? problemText(state.error)
      : state.target !== state.at
        ? t('replay.fetching')
        : state.isWaiting
          ? t('replay.waiting')
          : said === '' && state.register?.isWhole === false
            ? t('replay.registerPartly')
            : said;
  return (
    <section
      className="replay"
      aria-label={t('replay.title')}
      data-at={state.at}
      data-busy={state.target !== state.at || undefined}
      data-shown={state.shownSteps}
    >
      <div className="replay-row">
        <fieldset className="bare replay-buttons" aria-label={t('replay.controls')}>
          <button
            type="button"
            className="icon-button"
            aria-label={t('replay.previousAlarm')}
            title={`${t('replay.previousAlarm')} (P)`}
            onClick={() => void toAlarm('previous')}
          >
            <IconPlayerSkipBack size={18} aria-hidden="true" />
          </button>
          <button
            type="button"
            className="icon-button"
            aria-label={t('replay.stepBack')}
            title={`${t('replay.stepBack')} (←)`}
            onClick={() => stepBy(-SMALL_STEP_MS)}
          >
            <IconChevronsLeft size={18} aria-hidden="true" />
          </button>
          <button
            type="button"
            className="icon-button replay-play"
            aria-label={t(state.isPlaying ? 'replay.pause' : 'replay.play')}
            title={`${t(state.isPlaying ? 'replay.pause' : 'replay.play')} (${t('replay.spaceKey')})`}
            onClick={playOrPause}
          >
            {state.isPlaying ? (
              <IconPlayerPause size={20} aria-hidden="true" />
            ) : (
              <IconPlayerPlay size={20} aria-hidden="true" />
            )}
          </button>
          <button
            type="button"
            className="icon-button"
            aria-label={t('replay.stepForward')}
            title={`${t('replay.stepForward')} (→)`}
            onClick={() => stepBy(SMALL_STEP_MS)}
          >
            <IconChevronsRight size={18} aria-hidden="true" />
          </button>
          <button
            type="button"
            className="icon-button"
            aria-label={t('replay.nextAlarm')}
            title={`${t('replay.nextAlarm')} (N)`}
            onClick={() => void toAlarm('next')}
          >
            <IconPlayerSkipForward size={18} aria-hidden="true" />
          </button>
        </fieldset>
        <label className="replay-field">
          <span className="visually-hidden">{t('replay.speed')}</span>
          <select
            value={state.speed}
            title={`${t('replay.speed')} ([ ])`}
            onChange={(event) => replay.setSpeed(speedOf(event.currentTarget.value))}
          >
            {REPLAY_SPEEDS.map((speed) => (
              <option key={speed} value={speed}>
                {t('replay.times', { speed })}
              </option>
            ))}
          </select>
        </label>
        <div className="replay-field replay-moment">
          <DateField
            kind="moment"
            aria-label={t('replay.moment')}
            value={dateField(epochMs(shown))}
            max={dateField(epochMs(now))}
            onChange={(next) => {
              const at = instantOf(next);
              if (at !== null) replay.seek(Math.min(at, Date.now()));
            }}
          />
        </div>
        <p className="replay-status small" role="status">
          {status}
        </p>
        <label className="replay-field replay-span">
          <span className="visually-hidden">{t('replay.span')}</span>
          <select value={span} onChange={(event) => setSpan(event.currentTarget.value as ScrubberSpan)}>
            {SCRUBBER_SPANS.map(({ key }) => (
              <option key={key} value={key}>
                {t(`replay.spans.${key}`)}
              </option>
            ))}
          </select>
        </label>
        <KnownMenu known={state.known} onChange={replay.setKnown} />
        <button
          type="button"
          className="icon-button"
          aria-label={t('replay.copyLink')}
          title={t('replay.copyLink')}
          onClick={() => void copyLink()}
        >
          <IconLink size={18} aria-hidden="true" />
        </button>
        <button
          type="button"
          className="icon-button replay-help"
          aria-label={t('replay.keys.title')}
          title={`${t('replay.keys.title')} (?)`}
          onClick={() => setHelping(true)}
        >
          <IconKeyboard size={18} aria-hidden="true" />
        </button>
        <SavedViewsMenu
          kind="replay_bookmark"
          current={bookmarkOf(search)}
          onOpen={(content) => void navigate({ to: '/', search: content as never })}
        />
      </div>
      <div className="scrubber">
        <DensityStrip from={from} to={to} known={state.known} />
        <input
          type="range"
          className="scrubber-range"
          aria-label={t('replay.scrubber')}
          aria-valuetext={formatDateTime(shown, language, true)}
          min={from}
          max={to}
          step={1_000}
          value={shown}
          onChange={(event) => setDragged(Number(event.currentTarget.value))}
          onPointerUp={() => settle()}
          onKeyUp={() => settle()}
          onBlur={() => settle()}
        />
        <ol className="scrubber-ticks" aria-hidden="true">
          {Array.from({ length: TICKS + 1 }, (_, i) => from + ((to - from) * i) / TICKS).map((tick) => (
            <li key={tick}>{spanMs <= 86_400_000 ? formatTime(tick) : formatDayMonth(tick, language)}</li>
          ))}
        </ol>
      </div>
      <ReplayHelp opened={helping} onClose={() => setHelping(false)} />
    </section>
  );

  /** Looks at where the thumb was left. */
  function settle(): void {
    if (dragged === null) return;
    replay.seek(Math.min(dragged, Date.now()));
    setDragged(null);
  }
}

/** Words of the address that a bookmark keeps. */
const BOOKMARKED = ['at', 'speed', 'view', 'domains', 'states', 'agency', 'layer', 'layers', 'point'] as const;
const bookmarkOf = (search: Readonly<Record<string, string | number | undefined>>) =>
  Object.fromEntries(BOOKMARKED.map((word) => [word, search[word]?.toString()]));

/** By what the past is told, and what that means. */
function KnownMenu({ known, onChange }: { known: Knowledge; onChange: (known: Knowledge) => void }) {
  const { t } = useLanguage();
  return (
    <Menu position="top-end" width={320}>
      <Menu.Target>
        <button type="button" className="chip replay-known">
          {t(`replay.known.${known}`)}
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.RadioGroup value={known} onChange={(next) => onChange(next === 'now' ? 'now' : 'then')}>
          {(['then', 'now'] as const).map((each) => (
            <Menu.RadioItem key={each} value={each}>
              {t(`replay.known.${each}`)}
              <span className="secondary small replay-known-hint">{t(`replay.knownHint.${each}`)}</span>
            </Menu.RadioItem>
          ))}
        </Menu.RadioGroup>
      </Menu.Dropdown>
    </Menu>
  );
}
