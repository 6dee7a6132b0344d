import '@mantine/core/styles.css';
import '@mantine/notifications/styles.css';
import '@mantine/spotlight/styles.css';
import './styles/tokens.css';
import './styles/base.css';
import './styles/shell.css';
import './styles/content.css';
import './styles/backtest.css';
import './styles/devices-in.css';
import './styles/notifications.css';
import './i18n/i18n.ts';
import { localStorageColorSchemeManager, MantineProvider } from '@mantine/core';
import { Notifications } from '@mantine/notifications';
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { mapPlacesQuery, queryClient, sessionQuery, settingsQuery } from './client/queries.ts';
import { router } from './router.tsx';
import { theme } from './theme.ts';

// What every page needs is asked for before the first line of it is drawn.
void queryClient.prefetchQuery(settingsQuery);
void queryClient.prefetchQuery(sessionQuery).then(() => {
  // Of a large city the places are the most of what is fetched: on their way while the scripts of the page still are.
  const session = queryClient.getQueryData(sessionQuery.queryKey);
  if (session?.kind === 'person') void queryClient.prefetchQuery(mapPlacesQuery);
});

const colorSchemeManager = localStorageColorSchemeManager({ key: 'hd.colour-scheme' });
const root = document.getElementById('root');
if (!root) throw new Error('index.html has no #root');
createRoot(root).render(
  <StrictMode>
    <MantineProvider
      theme={theme}
      defaultColorScheme="auto"
      colorSchemeManager={colorSchemeManager}
      // Their variables are set in styles/tokens.css: nothing is injected, so the content security policy stays strict.
      withCssVariables={false}
      withGlobalClasses={false}
    >
      <QueryClientProvider client={queryClient}>
        <Notifications position="bottom-center" limit={3} autoClose={5000} />
        <RouterProvider router={router} />
      </QueryClientProvider>
    </MantineProvider>
  </StrictMode>,
);
