/* Part of the service worker: shows what the platform pushes, and opens the alarm it is about. */
self.addEventListener('push', (event) => {
  let told;
  try {
    told = event.data.json();
  } catch {
    // Browsers want something shown for every push, whatever was in it.
    told = { title: 'Hải Đăng', body: '', link: '/alarms', tag: 'unknown', severity: null, at: Date.now() };
  }
  event.waitUntil(
    self.registration.showNotification(told.title, {
      body: told.body,
      // What is told of the same storm takes the place of what was told before, and sounds again.
      tag: told.tag,
      renotify: true,
      requireInteraction: told.severity === 'critical',
      timestamp: told.at,
      icon: '/icon-192.png',
      badge: '/icon-192.png',
      data: { link: told.link },
    }),
  );
});

self.addEventListener('notificationclick', (event) => {
  event.notification.close();
  // Whatever address the platform thinks it has, this app opens its own.
  const { pathname, search } = new URL(event.notification.data?.link ?? '/alarms', self.location.origin);
  const target = pathname + search;
  event.waitUntil(
    self.clients.matchAll({ type: 'window' }).then((windows) => {
      const [open] = windows;
      return open ? open.focus().then((client) => client.navigate(target)) : self.clients.openWindow(target);
    }),
  );
});
