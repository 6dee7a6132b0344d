/** How a Vietnamese name says what kind of place it is, and the English words for it: plain dictionary words. The longer beginning comes first. */
const PLACE_KINDS: readonly (readonly [begins: string, ...english: string[]])[] = [
  ['Bãi biển', 'beach'],
  ['Bệnh viện', 'hospital'],
  ['Bến', 'wharf', 'terminal'],
  ['Cảng hàng không', 'airport'],
  ['Cảng', 'port', 'harbour'],
  ['Cao tốc', 'expressway', 'motorway'],
  ['Cầu', 'bridge'],
  ['Chợ', 'market'],
  ['Công viên', 'park'],
  ['Đảo', 'island'],
  ['Đồi', 'hill'],
  ['Đường sắt', 'railway'],
  ['Đường tỉnh', 'provincial road'],
  ['Đường', 'street', 'road'],
  ['Ga', 'station'],
  ['Hồ', 'lake'],
  ['Kênh', 'canal'],
  ['Núi', 'mountain'],
  ['Phố', 'street'],
  ['Phường', 'ward'],
  ['Quốc lộ', 'national highway'],
  ['Sân bay', 'airport'],
  ['Sông', 'river'],
  ['Trạm', 'station'],
  ['Vịnh', 'bay', 'gulf'],
  ['Vườn quốc gia', 'national park'],
  ['Xã', 'commune'],
];

/** English words for the kind of place that a Vietnamese name begins with ("Cầu Rào": `bridge`); none where it says no kind. */
export function englishKindOf(name: string): readonly string[] {
  const [, ...english] = PLACE_KINDS.find(([begins]) => name.startsWith(`${begins} `)) ?? [];
  return english;
}
