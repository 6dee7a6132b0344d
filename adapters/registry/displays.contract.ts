import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Actor } from '../../domain/access.ts';
import type { Display, DisplayId } from '../../domain/display.ts';
import type { AgencyId, UserId } from '../../domain/identifiers.ts';
import type { Registry } from '../../domain/ports/registry.ts';
import { type EpochMs, epochMs, minutes } from '../../domain/time.ts';
import { city } from './registry.contract.ts';

const ENV = 'env' as AgencyId;
const POWER = 'power' as AgencyId;
const SYSTEM: Actor = { kind: 'system', name: 'test' };
const admin = (write: readonly AgencyId[], read: readonly AgencyId[] = write): Actor => ({
  kind: 'person',
  userId: 'quan-tri' as UserId,
  access: { readAgencies: read, writeAgencies: write, grants: [] },
  roles: write.map((agencyId) => ({ agencyId, role: 'agency_admin' })),
});

/** What every registry promises of wall screens. `open` must use the machine's clock. */
export function describeDisplays(name: string, newPlace: () => () => Promise<Registry>): void {
  describe(`${name} keeps wall screens`, () => {
    let open: () => Promise<Registry>;
    let registry: Registry;
    beforeEach(async () => {
      open = newPlace();
      registry = await open();
      await registry.seed(SYSTEM, city());
    });
    afterEach(() => registry.close());

    const now = (): EpochMs => epochMs(Date.now());
    const link = (code: string) => ({ codeSha256: code, expiresAt: epochMs(now() + minutes(30)) });
    const draft = (given: Partial<Display> = {}) => ({
      id: 'd-1' as DisplayId,
      agencyId: ENV,
      name: 'Phòng trực tầng 2',
      agencies: [ENV],
      language: 'vi' as const,
      theme: 'dark' as const,
      views: [{ kind: 'alarms' as const, seconds: 20 }],
      ...given,
    });
    const displays = (actor = admin([ENV])) => registry.as(actor).displays;

    it('lets one screen take up a link, once and in time, and know it by its secret over a restart', async () => {
      const made = await displays().create(draft(), link('code'));
      expect(made).toMatchObject({ seen: null, display: { version: 1, createdBy: 'quan-tri', linkedAt: null } });
      expect(await registry.displays.redeem('other', 'secret', now())).toBeUndefined();
      expect(await registry.displays.redeem('code', 'secret', epochMs(now() + minutes(31)))).toBeUndefined();
      expect(await registry.displays.redeem('code', 'secret', now())).toMatchObject({ id: 'd-1', version: 2 });
      expect(await registry.displays.redeem('code', 'another', now())).toBeUndefined();
      await registry.displays.seen('d-1' as DisplayId, { at: now(), address: '10.0.0.9', build: 'abc' });
      await registry.close();
      registry = await open();
      expect(await registry.displays.bySecret('secret')).toMatchObject({ id: 'd-1', agencies: [ENV] });
      expect(await registry.displays.bySecret('another')).toBeUndefined();
      expect(await displays().list()).toMatchObject([
        { display: { id: 'd-1' }, seen: { address: '10.0.0.9', build: 'abc' }, linkExpiresAt: null },
      ]);
    });

    it('keeps the screen that is linked until another takes up a new link', async () => {
      await displays().create(draft(), link('first'));
      await registry.displays.redeem('first', 'old', now());
      expect((await displays().link('d-1' as DisplayId, link('second'))).linkExpiresAt).not.toBeNull();
      expect(await registry.displays.bySecret('old')).toBeDefined();
      await registry.displays.redeem('second', 'new', now());
      expect(await registry.displays.bySecret('old')).toBeUndefined();
      expect(await registry.displays.bySecret('new')).toBeDefined();
    });

    it('ends a login for good when it is revoked, the link with it', async () => {
      await displays().create(draft(), link('code'));
      await registry.displays.redeem('code', 'secret', now());
      await displays().link('d-1' as DisplayId, link('again'));
      const { display } = await displays().revoke('d-1' as DisplayId);
      expect(display.revokedAt).not.toBeNull();
      expect(await registry.displays.bySecret('secret')).toBeUndefined();
      expect(await registry.displays.redeem('again', 'x', now())).toBeUndefined();
      expect((await displays().revoke('d-1' as DisplayId)).display.version).toBe(display.version);
      await expect(displays().link('d-1' as DisplayId, link('more'))).rejects.toMatchObject({ code: 'INVALID_STATE' });
      await expect(displays().update(display)).rejects.toMatchObject({ code: 'INVALID_STATE' });
      const audit = await registry.as(SYSTEM).audit.list({ targetId: 'd-1' }, { limit: 9 });
      expect(audit.items.map(({ action }) => action)).toEqual([
        'display.revoke',
        'display.link',
        'display.linked',
        'display.create',
      ]);
      expect(JSON.stringify(audit)).not.toMatch(/code|secret|again/);
    });

    it('changes what it shows by versions', async () => {
      const { display } = await displays().create(draft(), link('code'));
      const next = { ...display, name: 'Sảnh', views: [{ kind: 'air' as const, seconds: 30 }] };
      expect((await displays().update(next)).display).toMatchObject({ name: 'Sảnh', version: 2 });
      await expect(displays().update(next)).rejects.toMatchObject({ code: 'CONFLICT' });
    });

    it('reads a map of an earlier release, which had no layers on the wall, as one without', async () => {
      const views = [
        { kind: 'map', seconds: 20, area: null } as Partial<Display['views'][number]> as Display['views'][number],
      ];
      await displays().create(draft({ views }), link('code'));
      const [known] = await displays().list();
      expect(known?.display.views).toEqual([{ kind: 'map', seconds: 20, area: null, layers: [] }]);
    });

    it('shows an agency only its own, and nothing of an agency that its maker doesn’t administer', async () => {
      await displays().create(draft(), link('code'));
      const power = displays(admin([POWER]));
      expect(await power.list()).toEqual([]);
      await expect(power.get('d-1' as DisplayId)).rejects.toMatchObject({ code: 'NOT_FOUND' });
      await expect(power.revoke('d-1' as DisplayId)).rejects.toMatchObject({ code: 'NOT_FOUND' });
      const both = draft({ id: 'd-2' as DisplayId, agencies: [ENV, POWER] });
      await expect(displays().create(both, link('x'))).rejects.toMatchObject({ code: 'NOT_FOUND' });
      const nowhere = draft({ agencies: ['nothing' as AgencyId] });
      await expect(registry.as(SYSTEM).displays.create(nowhere, link('z'))).rejects.toMatchObject({
        code: 'REFERENCE_MISSING',
      });
      await displays(admin([ENV, POWER])).create(both, link('x'));
      // Whoever administers only the one agency may not change a screen that shows the other too.
      await expect(displays().revoke('d-2' as DisplayId)).rejects.toMatchObject({ code: 'NOT_ALLOWED' });
      const reader = displays(admin([], [ENV]));
      await expect(reader.link('d-1' as DisplayId, link('y'))).rejects.toMatchObject({ code: 'NOT_ALLOWED' });
    });
  });
}
