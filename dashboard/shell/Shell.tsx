import { useQuery } from '@tanstack/react-query';
import { Outlet, useNavigate } from '@tanstack/react-router';
import { lazy, Suspense, useEffect } from 'react';
import { setCsrfToken, whenSignedOut } from '../client/http.ts';
import { PlatformProvider } from '../client/platform.tsx';
import { queryClient, sessionQuery, settingsQuery } from '../client/queries.ts';
import { holdsAnywhere } from '../client/session.ts';
import { CityProvider } from '../client/use-city.tsx';
import { CityOfTheMoment, ReplayProvider, useReplay } from '../client/use-replay.tsx';
import { PageLoading } from '../components/Loading.tsx';
import { Failure } from '../components/States.tsx';
import { useLanguage } from '../i18n/use-language.ts';
import { forgetKeptAnswers } from '../installer/field-worker.ts';
import { PastBanner } from '../panels/replay/PastBanner.tsx';
import { AlarmCalls } from './AlarmCalls.tsx';
import { AlarmStrip } from './AlarmStrip.tsx';
import { BottomBar } from './BottomBar.tsx';
import { CommandPalette } from './CommandPalette.tsx';
import { Rail } from './Rail.tsx';
import { StaleBanner } from './StaleBanner.tsx';

whenSignedOut(() => void queryClient.invalidateQueries({ queryKey: sessionQuery.queryKey }));

/** Only for those who work outside: what they did without network is told from whatever page they are on. */
const FieldSync = lazy(() =>
  import('../installer/FieldSync.tsx').then(({ FieldSync: component }) => ({ default: component })),
);

/** Fetched when somebody goes back in time: most screens never do. */
const ReplayDrawer = lazy(() =>
  import('../panels/replay/ReplayDrawer.tsx').then(({ ReplayDrawer: component }) => ({ default: component })),
);
function TimeDrawer() {
  const { replay } = useReplay();
  return replay ? (
    <Suspense fallback={null}>
      <ReplayDrawer />
    </Suspense>
  ) : null;
}

/** Everything a signed-in person sees around the pages; without a session, the way to the sign-in page and back. */
export function Shell() {
  const { t } = useLanguage();
  const navigate = useNavigate();
  const session = useQuery(sessionQuery);
  const settings = useQuery(settingsQuery);
  const signedIn = session.data?.kind === 'person' ? session.data : null;
  useEffect(() => setCsrfToken(signedIn?.csrfToken ?? null), [signedIn]);
  const isAnonymous = session.data?.kind === 'anonymous';
  useEffect(() => {
    if (!isAnonymous) return;
    forgetKeptAnswers();
    // With what stands behind the #: the code of a label that was scanned before signing in.
    const here = window.location.pathname + window.location.search + window.location.hash;
    void navigate({ to: '/login', search: here === '/' ? {} : { next: here }, replace: true });
  }, [isAnonymous, navigate]);

  const error = session.error ?? settings.error;
  if (error && !(session.data && settings.data)) {
    return (
      <main className="centered-page">
        <Failure
          error={error}
          retry={() => {
            void session.refetch();
            void settings.refetch();
          }}
        />
      </main>
    );
  }
  if (!signedIn || !settings.data) return <PageLoading />;
  return (
    <PlatformProvider session={signedIn} settings={settings.data}>
      <CityProvider>
        <ReplayProvider>
          <div className="shell">
            <a className="skip-link" href="#content">
              {t('shell.skip')}
            </a>
            <Rail />
            <div className="shell-main">
              <AlarmStrip />
              <StaleBanner />
              <PastBanner />
              <main id="content" className="shell-content" tabIndex={-1}>
                <CityOfTheMoment>
                  <Outlet />
                </CityOfTheMoment>
              </main>
              <TimeDrawer />
            </div>
            <BottomBar />
            <AlarmCalls />
            {holdsAnywhere(signedIn, 'assets.write') ? (
              <Suspense fallback={null}>
                <FieldSync />
              </Suspense>
            ) : null}
            <CommandPalette />
          </div>
        </ReplayProvider>
      </CityProvider>
    </PlatformProvider>
  );
}
