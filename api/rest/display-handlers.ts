import type { Display, DisplayId, DisplayView } from '../../domain/display.ts';
import { linkExpiresAt } from '../../domain/display.ts';
import type { SeenDisplay } from '../../domain/ports/displays.ts';
import type { EpochMs } from '../../domain/time.ts';
import { displayCookie } from '../auth/cookies.ts';
import { codeSha256, createDisplayLogin, newDisplayCode } from '../auth/display-login.ts';
import type { DisplayLinkWire, DisplayWire, OwnDisplayWire } from '../contract/displays.ts';
import type { DISPLAY_ROUTES } from '../contract/routes-displays.ts';
import { createPageBuild } from '../displays/page-build.ts';
import { DisplaySightings } from '../displays/sightings.ts';
import { ApiError } from '../errors.ts';
import type { Handlers } from './handler.ts';
import type { HandlerPorts } from './handler-ports.ts';

export function displayHandlers(ports: HandlerPorts): Handlers<keyof typeof DISPLAY_ROUTES> {
  const { registry, clock, newId, randomBytes, settings, accessChanged } = ports;
  const login = createDisplayLogin({ displays: registry.displays, clock, randomBytes }, settings.limits);
  const sightings = new DisplaySightings(registry.displays);
  const build = createPageBuild(settings.staticFolders);

  const own = async (display: Display): Promise<OwnDisplayWire> => {
    const { id, name, agencies, language, theme, version } = display;
    const views = display.views as readonly DisplayView[];
    return { id, name, agencies, language, theme, views, version, at: clock(), build: await build() };
  };
  const newLink = (now: EpochMs) => {
    const code = newDisplayCode(randomBytes);
    return { code, kept: { codeSha256: codeSha256(code), expiresAt: linkExpiresAt(now) } };
  };
  const linkWire = (made: SeenDisplay, code: string, expiresAt: EpochMs, origin: string): DisplayLinkWire => ({
    display: wire(made),
    code,
    // Behind the #, where no server and no log of a proxy sees it.
    link: `${settings.publicUrl ?? origin}/wall#${code}`,
    expiresAt,
    version: made.display.version,
  });

  return {
    async 'GET /displays'({ view }) {
      return { items: (await view.displays.list()).map(wire) };
    },
    async 'POST /displays'({ view, body, connection }) {
      const { code, kept } = newLink(clock());
      const made = await view.displays.create({ ...body, id: newId() as DisplayId }, kept);
      return linkWire(made, code, kept.expiresAt, connection.origin);
    },
    async 'GET /displays/{displayId}'({ view, params }) {
      return wire(await view.displays.get(params.displayId));
    },
    async 'PUT /displays/{displayId}'({ view, params, body, version }) {
      const { display } = await view.displays.get(params.displayId);
      const changed = await view.displays.update({ ...display, ...body, version });
      // What it may read may be less than before.
      accessChanged();
      return wire(changed);
    },
    async 'POST /displays/{displayId}/link'({ view, params, connection }) {
      const { code, kept } = newLink(clock());
      return linkWire(await view.displays.link(params.displayId, kept), code, kept.expiresAt, connection.origin);
    },
    async 'DELETE /displays/{displayId}'({ view, params }) {
      await view.displays.revoke(params.displayId);
      sightings.forget(params.displayId);
      accessChanged();
    },
    async 'POST /display'({ body, connection, setCookie }) {
      const { display, secret } = await login.redeem(body.code, connection.address);
      setCookie(displayCookie(secret, connection.secure));
      // The screen that was linked before is not any more.
      accessChanged();
      return own(display);
    },
    async 'GET /display'({ caller, connection, setCookie }) {
      if (caller.kind !== 'display') throw new ApiError('NOT_SIGNED_IN');
      const { display, secret, build: pageBuild } = caller;
      // Browsers forget every cookie after 400 days: with each one the time begins anew.
      setCookie(displayCookie(secret, connection.secure));
      await sightings.note(display.id, { at: clock(), address: connection.address, build: pageBuild });
      return own(display);
    },
  };
}

const wire = ({ display, seen, linkExpiresAt: expires }: SeenDisplay): DisplayWire => ({
  ...display,
  seen,
  linkExpiresAt: expires,
});
