import { parseXml, XmlElement } from '@rgrove/parse-xml';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { WarningWire } from '../../api/contract/warnings.ts';
import type { Alarm } from '../../domain/alarm.ts';
import type { JournalSequence } from '../../domain/ports/journal.ts';
import { epochMs, hours } from '../../domain/time.ts';
import { aFlood } from '../../domain/warning/warning-fixture.ts';
import { ApiClient } from './api-client.ts';
import { aRaisedAlarm, ENVIRONMENT, PASSWORD, POWER, type RunningApi, runApi } from './running-api.ts';

let running: RunningApi;
let operator: ApiClient;
let officer: ApiClient;
let colleague: ApiClient;
let stranger: ApiClient;

beforeAll(async () => {
  running = await runApi({ limits: { publicRequestsPerAddress: 10_000 } });
  operator = await running.as('operator');
  officer = await running.as('environment');
  stranger = await running.as('agency_admin', POWER);
  await running.person('second', [{ agencyId: ENVIRONMENT, role: 'environment' }]);
  colleague = await ApiClient.signIn(running.url, 'second', PASSWORD);
});
afterAll(() => running.close());

const REASON = { vi: 'Nước đã rút', en: 'The water has gone down' };
const inHours = (n: number) => epochMs(running.clock() + hours(n));
/** Content as the wire has it: lists that may be changed. */
const content = (given: Parameters<typeof aFlood>[0] = {}) =>
  aFlood({ onset: null, expires: inHours(6), ...given }) as unknown as WarningWire['issued'][number]['content'];
const at = ({ id, version }: Pick<WarningWire, 'id' | 'version'>) => ({ params: { warningId: id }, version });

async function drafted(by: ApiClient, given: Parameters<typeof content>[0] = {}): Promise<WarningWire> {
  const { status, body, text } = await by.call('POST /warnings', {
    body: { agencyId: ENVIRONMENT, content: content(given) },
  });
  expect(status, text).toBe(201);
  return body;
}
async function submitted(by: ApiClient, given: Parameters<typeof content>[0] = {}): Promise<WarningWire> {
  const { status, body, text } = await by.call('POST /warnings/{warningId}/submit', at(await drafted(by, given)));
  expect(status, text).toBe(200);
  return body;
}
async function published(given: Parameters<typeof content>[0] = {}): Promise<WarningWire> {
  const waiting = await submitted(operator, given);
  const { status, body, text } = await officer.call('POST /warnings/{warningId}/approve', at(waiting));
  expect(status, text).toBe(200);
  return body;
}
const open = (path: string, headers: Record<string, string> = {}) => fetch(running.url + path, { headers });
const everythingPublic = async (): Promise<string> =>
  (
    await Promise.all(
      ['/warnings?lang=vi', '/warnings?lang=en', '/cap/v1/feed.atom', '/api/v1/warnings/published'].map(async (path) =>
        (await open(path)).text(),
      ),
    )
  ).join('\n');
const feed = async (): Promise<XmlElement> => {
  const { root } = parseXml(await (await open('/cap/v1/feed.atom?lang=en')).text());
  if (root === null) throw new Error('no feed');
  return root;
};
const children = (element: XmlElement, name: string): readonly XmlElement[] =>
  element.children.filter((child): child is XmlElement => child instanceof XmlElement && child.name === name);

describe('who may publish a warning', () => {
  it('an operator drafts and does not approve', async () => {
    const waiting = await submitted(operator);
    expect((await operator.call('POST /warnings/{warningId}/approve', at(waiting))).code).toBe('NOT_PERMITTED');
    const refusal = { ...at(waiting), body: { reason: 'x' } };
    expect((await operator.call('POST /warnings/{warningId}/reject', refusal)).code).toBe('NOT_PERMITTED');
  });

  it('an environmental officer approves, but never what they wrote', async () => {
    const own = await submitted(officer);
    const { status, code } = await officer.call('POST /warnings/{warningId}/approve', at(own));
    expect({ status, code }).toEqual({ status: 403, code: 'WARNING_OWN' });
    expect((await colleague.call('POST /warnings/{warningId}/approve', at(own))).body.phase).toBe('in_force');
  });

  it('who edited an operator’s draft may not approve it any more', async () => {
    const draft = await drafted(operator);
    const edited = await officer.call('PUT /warnings/{warningId}', {
      ...at(draft),
      body: { content: content({ severity: 'Extreme' }) },
    });
    const waiting = await officer.call('POST /warnings/{warningId}/submit', at(edited.body));
    expect((await officer.call('POST /warnings/{warningId}/approve', at(waiting.body))).code).toBe('WARNING_OWN');
    const done = await colleague.call('POST /warnings/{warningId}/approve', at(waiting.body));
    expect(done.body.issued[0]).toMatchObject({ kind: 'alert', content: { severity: 'Extreme' } });
    expect(Object.values(done.body.people)).toEqual(
      expect.arrayContaining(['Person operator-env', 'Person environment-env', 'Person second']),
    );
  });

  it('a viewer and an installer see no drafts', async () => {
    const draft = await drafted(operator);
    for (const role of ['viewer', 'installer'] as const) {
      const other = await running.as(role);
      expect((await other.call('GET /warnings')).code).toBe('NOT_PERMITTED');
      expect((await other.call('GET /warnings/{warningId}', at(draft))).code).toBe('NOT_PERMITTED');
    }
  });

  it('another agency’s administrator finds nothing, whatever they try', async () => {
    const draft = await drafted(operator);
    expect((await stranger.call('GET /warnings')).body.items).toEqual([]);
    const body = { content: content() };
    const attempts = await Promise.all([
      stranger.call('GET /warnings/{warningId}', at(draft)),
      stranger.call('GET /warnings/{warningId}/versions', at(draft)),
      stranger.call('PUT /warnings/{warningId}', { ...at(draft), body }),
      stranger.call('POST /warnings/{warningId}/preview', { ...at(draft), body }),
      stranger.call('POST /warnings/{warningId}/submit', at(draft)),
      stranger.call('POST /warnings/{warningId}/approve', at(draft)),
      stranger.call('POST /warnings/{warningId}/reject', { ...at(draft), body: { reason: 'x' } }),
      stranger.call('POST /warnings/{warningId}/update', { ...at(draft), body: { reason: REASON } }),
      stranger.call('POST /warnings/{warningId}/cancel', { ...at(draft), body: { reason: REASON } }),
      stranger.call('DELETE /warnings/{warningId}/proposal', at(draft)),
      stranger.call('POST /warnings', { body: { agencyId: ENVIRONMENT, content: content() } }),
    ]);
    expect(attempts.map(({ status, code }) => `${status} ${code}`)).toEqual(attempts.map(() => '404 NOT_FOUND'));
  });

  it('a program with an administrator’s key drafts, and publishes nothing', async () => {
    const admin = await running.as('agency_admin');
    const key = await admin.call('POST /api-keys', {
      body: {
        agencyId: ENVIRONMENT,
        name: 'warning writer',
        roles: [{ agencyId: ENVIRONMENT, role: 'agency_admin' }],
        expiresAt: null,
      },
    });
    const program = running.anonymous();
    program.bearer = key.body.secret;
    const waiting = await submitted(program);
    const other = await submitted(operator);
    expect((await program.call('POST /warnings/{warningId}/approve', at(other))).code).toBe('NOT_PERMITTED');
    expect((await officer.call('POST /warnings/{warningId}/approve', at(waiting))).body.phase).toBe('in_force');
  });

  it('waiting and refused warnings are told to the agency in the product', async () => {
    const waiting = await submitted(operator, { headline: { vi: 'Báo cho người duyệt', en: 'Tell the approvers' } });
    await officer.call('POST /warnings/{warningId}/reject', { ...at(waiting), body: { reason: 'Sai khu vực' } });
    await expect
      .poll(async () =>
        (await officer.call('GET /notices')).body.items
          .filter(({ text }) => text.params?.['headline_en'] === 'Tell the approvers')
          .map(({ kind }) => kind)
          .sort(),
      )
      .toEqual(['warning.rejected', 'warning.submitted']);
    expect((await stranger.call('GET /notices')).body.items.filter(({ kind }) => kind.startsWith('warning'))).toEqual(
      [],
    );
    const rejected = (await operator.call('GET /warnings/{warningId}', at(waiting))).body;
    expect(rejected.proposal).toMatchObject({ stage: 'rejected', rejection: { reason: 'Sai khu vực' } });
  });
});

describe('a draft', () => {
  it('is kept with everything missing, and says what is', async () => {
    const empty = { vi: '', en: '' };
    const draft = await drafted(operator, {
      headline: { vi: 'Chỉ tiếng Việt', en: ' ' },
      instruction: empty,
      expires: null,
      area: { description: empty, outlines: [], circles: [], wards: [] },
    });
    const refused = await operator.call('POST /warnings/{warningId}/submit', at(draft));
    expect(refused).toMatchObject({ status: 422, code: 'WARNING_INCOMPLETE' });
    const { errors } = refused.body as unknown as { errors: readonly { path: string; message: string }[] };
    expect(errors.map(({ path }) => path)).toEqual([
      'headline.en',
      'instruction.vi',
      'instruction.en',
      'area.description.vi',
      'area.description.en',
      'area',
      'expires',
    ]);
    expect(errors[0]?.message).toBe('The text is missing in this language');
    expect((await operator.call('GET /warnings/{warningId}', at(draft))).body).toEqual(draft);
  });

  it('shows the message as it would be published, and holds it against the schema', async () => {
    const draft = await drafted(operator);
    const preview = async (given: Parameters<typeof content>[0]) =>
      (await operator.call('POST /warnings/{warningId}/preview', { ...at(draft), body: { content: content(given) } }))
        .body;
    const good = await preview({ headline: { vi: 'Nước > 3 m & lên', en: 'Water > 3 m & rising' } });
    expect(good.problems).toEqual([]);
    expect(good.xml).toContain('<headline>Water &gt; 3 m &amp; rising</headline>');
    const crossed = content().area;
    const bowTie = [
      [20, 106],
      [21, 107],
      [21, 106],
      [20, 107],
    ] as const;
    crossed.outlines = [bowTie.map(([latitude, longitude]) => ({ latitude, longitude }))];
    expect((await preview({ area: crossed as never })).problems.map(({ code }) => code)).toEqual(['OUTLINE_CROSSES']);
  });

  it('is not overwritten by somebody who saw an older one', async () => {
    const draft = await drafted(operator);
    const edit = (severity: 'Extreme' | 'Minor') =>
      operator.call('PUT /warnings/{warningId}', { ...at(draft), body: { content: content({ severity }) } });
    expect((await edit('Extreme')).body.version).toBe(2);
    expect((await edit('Minor')).code).toBe('VERSION_STALE');
  });

  it('comes from an alarm with what the platform knows of it', async () => {
    const series = await running.series('p-le-chan', 'pm2_5');
    const raised = aRaisedAlarm({
      series,
      startedAt: epochMs(running.clock() - 60_000),
      severity: 'critical',
      onSuspectData: true,
    } as Parameters<typeof aRaisedAlarm>[0]);
    await running.registry.ruleState.commit({
      cursor: 1 as JournalSequence,
      states: [],
      jointStates: [],
      changes: [raised],
      outbox: [],
    });
    const alarm: Alarm = raised.alarm;
    const { status, body, text } = await operator.call('POST /warnings/from-alarm', { body: { alarmId: alarm.id } });
    expect(status, text).toBe(201);
    expect(body).toMatchObject({
      agencyId: ENVIRONMENT,
      alarmId: alarm.id,
      phase: 'draft',
      proposal: {
        content: {
          event: { vi: 'Bụi mịn cao', en: 'High PM2.5' },
          headline: { vi: 'Bụi mịn cao tại Trạm Lê Chân', en: 'High PM2.5 at Le Chan station' },
          categories: ['Env', 'Health'],
          urgency: 'Immediate',
          severity: 'Severe',
          certainty: 'Likely',
          onset: alarm.startedAt,
          parameters: [{ valueName: 'pm2_5', value: '61' }],
          area: { circles: [{ centre: { longitude: 106.68, latitude: 20.85 }, radiusKm: 2 }] },
        },
      },
    });
    // The rule says nothing of what people should do: a person has to.
    expect((await operator.call('POST /warnings/{warningId}/submit', at(body))).code).toBe('WARNING_INCOMPLETE');
    expect((await stranger.call('POST /warnings/from-alarm', { body: { alarmId: alarm.id } })).status).toBe(404);
  });
});

describe('what everybody can read', () => {
  it('has nothing of drafts, of what waits, of refusals, nor of who wrote what', async () => {
    const secret = (word: string) => ({ headline: { vi: `bí mật ${word}`, en: `secret ${word}` } });
    await drafted(operator, secret('draft'));
    await submitted(operator, secret('waiting'));
    const refused = await submitted(operator, secret('refused'));
    await officer.call('POST /warnings/{warningId}/reject', { ...at(refused), body: { reason: 'secret reason' } });
    const current = await published({ headline: { vi: 'Công khai', en: 'Public' } });
    const update = await officer.call('POST /warnings/{warningId}/update', {
      ...at(current),
      body: { reason: { vi: 'bí mật lý do', en: 'secret why' } },
    });
    await officer.call('PUT /warnings/{warningId}', {
      ...at(update.body),
      body: { content: content(secret('change')) },
    });
    const all = await everythingPublic();
    expect(all).toContain('Công khai');
    expect(all).not.toMatch(/secret|bí mật|Person |u-operator|u-environment/);
    expect(all).not.toContain(current.id);
  });

  it('shows a warning at once, its XML and its place in the feed, and nothing of it once taken back for long', async () => {
    const warning = await published({ headline: { vi: 'Lũ trên sông Luộc', en: 'Flood on the Luoc' } });
    const [message] = warning.issued;
    const page = await open('/warnings', { 'accept-language': 'vi' });
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(await page.text()).toContain('Lũ trên sông Luộc');
    const xml = await open(`/cap/v1/${message?.identifier}.xml`);
    expect(xml.headers.get('content-type')).toBe('application/cap+xml; charset=utf-8');
    const text = await xml.text();
    expect(text).toContain('<status>Actual</status>');
    expect(text).toContain(`<sender>${ENVIRONMENT}@haidang.example</sender>`);

    const entry = children(await feed(), 'entry').find((each) =>
      each.text.includes(message?.identifier ?? ''),
    ) as XmlElement;
    const link = children(entry, 'link')[0];
    expect(link?.attributes['href']).toBe(`${running.url}/cap/v1/${message?.identifier}.xml`);

    const waiting = await officer.call('POST /warnings/{warningId}/cancel', {
      ...at(warning),
      body: { reason: REASON },
    });
    expect((await officer.call('POST /warnings/{warningId}/approve', at(waiting.body))).code).toBe('WARNING_OWN');
    const over = await colleague.call('POST /warnings/{warningId}/approve', at(waiting.body));
    expect(over.body.phase).toBe('cancelled');
    const cancel = over.body.issued.at(-1);
    const cancelXml = await (await open(`/cap/v1/${cancel?.identifier}.xml`)).text();
    expect(cancelXml).toContain('<msgType>Cancel</msgType>');
    expect(cancelXml).toContain(`${message?.sender},${message?.identifier},`);
    const listed = (await running.anonymous().call('GET /warnings/published')).body.items;
    expect(listed.find(({ identifier }) => identifier === cancel?.identifier)).toMatchObject({
      phase: 'cancelled',
      reason: REASON,
    });
    expect(await (await open('/warnings?lang=en')).text()).toContain('The water has gone down');
  });

  it('updates what is in force, naming every earlier message', async () => {
    const warning = await published();
    const update = await operator.call('POST /warnings/{warningId}/update', {
      ...at(warning),
      body: { reason: REASON },
    });
    const edited = await operator.call('PUT /warnings/{warningId}', {
      ...at(update.body),
      body: { content: content({ severity: 'Extreme', headline: { vi: 'Nặng hơn', en: 'It got worse' } }) },
    });
    const waiting = await operator.call('POST /warnings/{warningId}/submit', at(edited.body));
    const done = await officer.call('POST /warnings/{warningId}/approve', at(waiting.body));
    expect(done.body.issued.map(({ kind }) => kind)).toEqual(['alert', 'update']);
    const [first, second] = done.body.issued;
    const xml = await (await open(`/cap/v1/${second?.identifier}.xml`)).text();
    expect(xml).toContain('<msgType>Update</msgType>');
    expect(xml).toContain(`<references>${first?.sender},${first?.identifier},`);
    expect(await (await open('/warnings?lang=en')).text()).toContain('It got worse');
    const history = (await operator.call('GET /warnings/{warningId}/versions', at(warning))).body.items;
    expect(history.map(({ step, byName }) => `${step} ${byName}`)).toEqual([
      'create Person operator-env',
      'submit Person operator-env',
      'approve Person environment-env',
      'propose_update Person operator-env',
      'edit Person operator-env',
      'submit Person operator-env',
      'approve Person environment-env',
    ]);
  });

  it('has a feed in the form of RFC 4287, and answers 304 when nothing is new', async () => {
    await published();
    const root = await feed();
    expect([root.name, root.attributes['xmlns']]).toEqual(['feed', 'http://www.w3.org/2005/Atom']);
    const rfc3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d$/;
    for (const element of [root, ...children(root, 'entry')]) {
      for (const name of ['id', 'title', 'updated', 'author']) expect(children(element, name), name).toHaveLength(1);
      expect(children(element, 'updated')[0]?.text).toMatch(rfc3339);
      expect(URL.canParse(children(element, 'id')[0]?.text ?? '')).toBe(true);
      expect(children(children(element, 'author')[0] as XmlElement, 'name')).toHaveLength(1);
    }
    const ids = children(root, 'entry').map((entry) => children(entry, 'id')[0]?.text);
    expect(new Set(ids).size).toBe(ids.length);
    expect(children(root, 'link').some(({ attributes }) => attributes['rel'] === 'self')).toBe(true);
    for (const entry of children(root, 'entry'))
      expect(children(entry, 'link').filter(({ attributes }) => attributes['rel'] === 'alternate')).toHaveLength(1);

    const first = await open('/cap/v1/feed.atom');
    expect(first.headers.get('cache-control')).toBe('public, max-age=0, s-maxage=15');
    // `fetch` would say "no-cache" by itself, and then wants the whole answer.
    const asked = { 'if-none-match': first.headers.get('etag') ?? '', 'cache-control': 'max-age=0' };
    const again = await open('/cap/v1/feed.atom', asked);
    expect(again.status).toBe(304);
    await published();
    const newer = await open('/cap/v1/feed.atom', asked);
    expect(newer.status).toBe(200);
  });

  it('knows no message that was not published, and takes no other name for one', async () => {
    for (const name of ['HD-NONE.xml', 'HD-NONE', '..%2f..%2fetc%2fpasswd', "x'%20OR%201=1.xml", 'feed.xml'])
      expect((await open(`/cap/v1/${name}`)).status, name).toBe(404);
  });

  it('escapes what people write, on the page as in the feed', async () => {
    const nasty = '<script>alert(1)</script> & "x"';
    await published({ headline: { vi: nasty, en: nasty }, contact: '<img src=x onerror=alert(1)>' });
    for (const path of ['/warnings?lang=vi', '/warnings?lang=en', '/cap/v1/feed.atom'])
      expect(await (await open(path)).text(), path).not.toMatch(/<script>alert|<img src=x/);
  });
});

describe('the end of a warning', () => {
  it('comes by itself to the second for everybody, is noted, and leaves the lists a day later', async () => {
    const mine = await runApi();
    try {
      const [author, approver] = [await mine.as('operator'), await mine.as('environment')];
      const text = aFlood({ onset: null, expires: epochMs(mine.clock() + hours(1)) });
      const made = await author.call('POST /warnings', {
        body: { agencyId: ENVIRONMENT, content: text as unknown as WarningWire['issued'][number]['content'] },
      });
      const waiting = await author.call('POST /warnings/{warningId}/submit', at(made.body));
      await approver.call('POST /warnings/{warningId}/approve', at(waiting.body));
      const phases = async () =>
        (await mine.anonymous().call('GET /warnings/published')).body.items.map(({ phase }) => phase);
      expect(await phases()).toEqual(['in_force']);
      mine.pass(hours(1));
      expect(await phases()).toEqual(['expired']);
      expect((await author.call('GET /warnings/{warningId}', at(made.body))).body).toMatchObject({
        phase: 'expired',
        endedAt: text.expires,
      });
      mine.pass(hours(24) + 1_000);
      expect(await phases()).toEqual([]);
    } finally {
      await mine.close();
    }
  });
});

describe('a crowd', () => {
  it('is served, and one address asking without end is slowed down with words', async () => {
    const mine = await runApi({ limits: { publicRequestsPerAddress: 5 } });
    try {
      const answers = [];
      for (let i = 0; i < 7; i++) answers.push(await fetch(`${mine.url}/warnings`));
      expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 429, 429]);
      expect(Number(answers[6]?.headers.get('retry-after'))).toBeGreaterThan(0);
      expect(await mine.metrics.getSingleMetricAsString('hd_public_requests_refused_total')).toContain(
        'hd_public_requests_refused_total 2',
      );
    } finally {
      await mine.close();
    }
  });
});

describe('a demonstration', () => {
  it('publishes exercises and nothing else', async () => {
    const mine = await runApi({ settings: { mode: 'demo' } });
    try {
      const [author, approver] = [await mine.as('operator'), await mine.as('environment')];
      const text = aFlood({ onset: null, expires: epochMs(mine.clock() + hours(1)) });
      const made = await author.call('POST /warnings', {
        body: {
          agencyId: ENVIRONMENT,
          content: text as unknown as WarningWire['issued'][number]['content'],
        },
      });
      const waiting = await author.call('POST /warnings/{warningId}/submit', at(made.body));
      const done = await approver.call('POST /warnings/{warningId}/approve', at(waiting.body));
      const xml = await (await fetch(`${mine.url}/cap/v1/${done.body.issued[0]?.identifier}.xml`)).text();
      expect(xml).toContain('<status>Exercise</status>');
      expect(await (await fetch(`${mine.url}/warnings?lang=en`)).text()).toContain('This is an exercise');
    } finally {
      await mine.close();
    }
  });
});
