import type { Replay } from '../../client/replay-city.ts';
import { useReplay, useReplayState } from '../../client/use-replay.tsx';
import { IconHistory } from '../../components/icons.ts';
import { useLanguage } from '../../i18n/use-language.ts';
import { formatDateTime } from '../../state/formatting.ts';
import '../../styles/replay.css';

/** Says in words what the frame around the page says in colour: this is not now; and the way back. */
export function PastBanner() {
  const { replay, leave } = useReplay();
  return replay ? <Banner replay={replay} leave={leave} /> : null;
}

function Banner({ replay, leave }: { replay: Replay; leave: () => void }) {
  const { t, language } = useLanguage();
  const { at, known, reachedNow } = useReplayState(replay);
  return (
    <section className="past-banner" aria-label={t('replay.banner')}>
      <IconHistory size={20} aria-hidden="true" />
      <p>
        <strong>{t('replay.notLive')}</strong>{' '}
        <time dateTime={new Date(at).toISOString()}>{formatDateTime(at, language, true)}</time>
        <span className="past-banner-known"> · {t(reachedNow ? 'replay.reachedNow' : `replay.known.${known}`)}</span>
      </p>
      <button type="button" className="past-leave" onClick={leave}>
        {t('replay.leave')} <kbd>L</kbd>
      </button>
    </section>
  );
}
