/**
 * Draws the pictures of official warnings in docs/images, in both languages: the editor, a change before its approval, the live map, and the page
 * for everybody on a phone. Run by `npm run screenshots`.
 */
import type { WarningWire } from '../../api/contract/warnings.ts';
import type { AgencyId } from '../../domain/identifiers.ts';
import { LANGUAGES } from '../../domain/localized.ts';
import { epochMs, hours } from '../../domain/time.ts';
import { atDesk } from './field-device.ts';
import { drawPictures, pictured, shoot } from './pictures.ts';

type Content = WarningWire['issued'][number]['content'];

const WIDE = { viewport: { width: 1440, height: 900 } };

const inHours = (n: number) => epochMs(Math.ceil((Date.now() + hours(n)) / 60_000) * 60_000);
const FLOOD: Content = {
  event: { vi: 'Ngập do triều cường và mưa lớn', en: 'Flooding by high tide and heavy rain' },
  headline: { vi: 'Ngập sâu 0,4–0,6 m ở trung tâm thành phố', en: 'Streets in the centre 0.4–0.6 m under water' },
  description: {
    vi: 'Mực nước Cửa Cấm trên báo động 2. Nhiều đoạn đường ở Lê Chân, Hồng Bàng ngập 0,4–0,6 m, nước còn lên đến 21 giờ.',
    en: 'Water at Cua Cam is above alert level 2. Streets in Le Chan and Hong Bang are 0.4–0.6 m under water, rising until 9 pm.',
  },
  instruction: {
    vi: 'Không đi vào vùng ngập. Kê cao tài sản, ngắt điện tầng trệt.',
    en: 'Keep out of flooded streets. Raise your belongings and switch off power on the ground floor.',
  },
  categories: ['Met', 'Safety'],
  responseTypes: ['Avoid', 'Prepare'],
  urgency: 'Immediate',
  severity: 'Severe',
  certainty: 'Observed',
  onset: null,
  expires: inHours(6),
  area: {
    description: { vi: 'Lê Chân, Hồng Bàng và ven sông Cấm', en: 'Le Chan, Hong Bang and along the Cam river' },
    outlines: [
      [
        { latitude: 20.884, longitude: 106.652 },
        { latitude: 20.878, longitude: 106.712 },
        { latitude: 20.846, longitude: 106.722 },
        { latitude: 20.83, longitude: 106.69 },
        { latitude: 20.848, longitude: 106.655 },
      ],
    ],
    circles: [],
    wards: [],
  },
  contact: '0225 3 842 000',
  parameters: [],
};
const HAZE: Content = {
  ...FLOOD,
  event: { vi: 'Chất lượng không khí xấu', en: 'Poor air' },
  headline: { vi: 'VN_AQI 165 tại Kiến An', en: 'VN_AQI 165 at Kien An' },
  description: {
    vi: 'Bụi mịn PM2.5 cao trong ba giờ qua, gió lặng đến sáng mai.',
    en: 'PM2.5 has been high for three hours; the air stays calm until tomorrow morning.',
  },
  instruction: {
    vi: 'Nhóm nhạy cảm nên ở trong nhà; đeo khẩu trang đạt chuẩn nếu phải ra ngoài.',
    en: 'Sensitive people should stay indoors; wear a proper mask outside.',
  },
  categories: ['Env', 'Health'],
  responseTypes: ['Avoid', 'Monitor'],
  severity: 'Moderate',
  expires: inHours(14),
  area: {
    description: { vi: 'Kiến An và các phường lân cận', en: 'Kien An and the wards around it' },
    outlines: [],
    circles: [{ centre: { latitude: 20.807, longitude: 106.628 }, radiusKm: 3.5 }],
    wards: [],
  },
};

await drawPictures({}, async (room) => {
  const { url } = room;
  const [author, officer] = [await atDesk(room, 'vanhanh'), await atDesk(room, 'moitruong')];
  const agencies = (await author.call('GET /agencies')).items.map(({ id }) => id);
  const agencyId = agencies.find((id) => id.startsWith('env')) ?? (agencies[0] as AgencyId);
  const at = ({ id, version }: WarningWire) => ({ params: { warningId: id }, version });
  const publish = async (content: Content): Promise<WarningWire> => {
    const draft = await author.call('POST /warnings', { body: { agencyId, content } });
    const waiting = await author.call('POST /warnings/{warningId}/submit', at(draft));
    return officer.call('POST /warnings/{warningId}/approve', at(waiting));
  };
  const flood = await publish(FLOOD);
  const haze = await publish(HAZE);
  const update = await author.call('POST /warnings/{warningId}/update', {
    ...at(haze),
    body: { reason: { vi: 'Chỉ số tiếp tục tăng', en: 'The index goes on rising' } },
  });
  const changed = await author.call('PUT /warnings/{warningId}', {
    ...at(update),
    body: {
      content: {
        ...HAZE,
        severity: 'Severe',
        headline: { vi: 'VN_AQI 212 tại Kiến An', en: 'VN_AQI 212 at Kien An' },
        area: { ...HAZE.area, circles: [{ ...(HAZE.area.circles[0] as (typeof HAZE.area.circles)[0]), radiusKm: 5 }] },
      },
    },
  });
  await author.call('POST /warnings/{warningId}/submit', at(changed));
  const draft = await author.call('POST /warnings', { body: { agencyId, content: FLOOD } });

  for (const language of LANGUAGES) {
    const desk = await pictured(room, language, 'wide', { as: 'moitruong', context: WIDE });
    await desk.goto(`${url}/official-warnings/${draft.id}`);
    await desk.locator('.area-handle').first().waitFor();
    await desk.locator('.area-map[aria-busy="false"]').waitFor();
    await shoot(desk, `warning-editor-${language}-wide`);
    await desk.goto(`${url}/official-warnings/${haze.id}`);
    await desk.locator('.warning-diff').waitFor();
    await desk.locator('.area-map[aria-busy="false"]').waitFor();
    await shoot(desk, `warning-approval-${language}-wide`);
    await desk.goto(`${url}/official-warnings`);
    await desk.locator('.warning-row').nth(2).waitFor();
    await shoot(desk, `warnings-${language}-wide`);
    await desk.goto(url);
    await desk.locator('.map-warnings').waitFor();
    await desk.locator('.map-canvas[aria-busy="false"]').waitFor();
    await shoot(desk, `warning-map-${language}-wide`);
    const phone = await pictured(room, language, 'phone');
    await phone.goto(`${url}/warnings?lang=${language}`);
    await phone.locator('.warning').first().waitFor();
    await shoot(phone, `warnings-public-${language}-phone`);
  }
  console.log(flood.issued.length, 'message published');
});
