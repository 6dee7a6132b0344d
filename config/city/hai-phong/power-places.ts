import type { LoadClass } from '../facts.ts';
import type { PlaceRow } from './place.ts';

// One row per place: slug, Vietnamese name, English name, longitude, latitude (WGS 84 degrees), ward code, then what the
// heading of its table says. Positions are typed from public maps, good to about 200 m.

/** 110 kV substations; highest load. */
export const SUBSTATIONS: readonly PlaceRow<[peakMw: number]>[] = [
  ['lach-tray', 'Trạm 110 kV Lạch Tray', 'Lạch Tray 110 kV substation', 106.689, 20.84, '11383', 52],
  ['an-lac', 'Trạm 110 kV An Lạc', 'An Lạc 110 kV substation', 106.636, 20.873, '11311', 46],
  ['cua-cam', 'Trạm 110 kV Cửa Cấm', 'Cửa Cấm 110 kV substation', 106.708, 20.86, '11329', 50],
  ['le-chan', 'Trạm 110 kV Lê Chân', 'Lê Chân 110 kV substation', 106.674, 20.833, '11407', 48],
  ['cat-bi', 'Trạm 110 kV Cát Bi', 'Cát Bi 110 kV substation', 106.73, 20.83, '11413', 44],
  ['dinh-vu', 'Trạm 110 kV Đình Vũ', 'Đình Vũ 110 kV substation', 106.776, 20.831, '11411', 60],
  ['kien-an', 'Trạm 110 kV Kiến An', 'Kiến An 110 kV substation', 106.633, 20.812, '11443', 40],
  ['do-son', 'Trạm 110 kV Đồ Sơn', 'Đồ Sơn 110 kV substation', 106.768, 20.729, '11455', 34],
  ['thuy-nguyen', 'Trạm 110 kV Thủy Nguyên', 'Thủy Nguyên 110 kV substation', 106.677, 20.925, '11560', 45],
  ['tien-trung', 'Trạm 110 kV Tiền Trung', 'Tiền Trung 110 kV substation', 106.374, 20.95, '10660', 48],
];

export interface FeederRow {
  /** Slug of the substation it leaves. */
  readonly substation: string;
  /** Number of the 22 kV bay. */
  readonly number: string;
  readonly name: string;
  readonly load: LoadClass;
  readonly transformers: readonly (readonly [
    name: string,
    longitude: number,
    latitude: number,
    wardCode: string,
    ratedKva: number,
  ])[];
}

/** 22 kV feeders with the distribution transformers that are metered. */
export const FEEDERS: readonly FeederRow[] = [
  {
    substation: 'lach-tray',
    number: '471',
    name: 'Lạch Tray',
    load: 'residential',
    transformers: [
      ['Quán Mau', 106.6908, 20.844, '11383', 630],
      ['Đổng Quốc Bình', 106.6935, 20.8412, '11383', 400],
      ['Dư Hàng Kênh', 106.688, 20.8372, '11383', 560],
    ],
  },
  {
    substation: 'lach-tray',
    number: '473',
    name: 'Văn Cao',
    load: 'commercial',
    transformers: [
      ['Văn Cao', 106.7005, 20.8375, '11359', 750],
      ['Đằng Lâm', 106.703, 20.833, '11413', 560],
    ],
  },
  {
    substation: 'lach-tray',
    number: '475',
    name: 'Thiên Lôi',
    load: 'residential',
    transformers: [
      ['Thiên Lôi', 106.6845, 20.832, '11383', 400],
      ['Vĩnh Niệm', 106.686, 20.8295, '11383', 560],
    ],
  },
  {
    substation: 'an-lac',
    number: '471',
    name: 'Hùng Vương',
    load: 'residential',
    transformers: [
      ['Sở Dầu', 106.642, 20.8696, '11311', 400],
      ['Hùng Vương', 106.636, 20.8722, '11311', 560],
    ],
  },
  {
    substation: 'an-lac',
    number: '473',
    name: 'Nomura',
    load: 'industrial',
    transformers: [
      ['KCN Nomura 1', 106.585, 20.886, '11581', 2500],
      ['KCN Nomura 2', 106.581, 20.889, '11581', 2000],
    ],
  },
  {
    substation: 'an-lac',
    number: '475',
    name: 'Thượng Lý',
    load: 'residential',
    transformers: [
      ['Thượng Lý', 106.66, 20.8606, '11617', 400],
      ['Bến Phà Bính', 106.657, 20.864, '11311', 320],
    ],
  },
  {
    substation: 'cua-cam',
    number: '471',
    name: 'Máy Tơ',
    load: 'commercial',
    transformers: [
      ['Máy Tơ', 106.693, 20.8602, '11359', 750],
      ['Lê Thánh Tông', 106.6975, 20.8595, '11329', 1000],
    ],
  },
  {
    substation: 'cua-cam',
    number: '473',
    name: 'Lê Lai',
    load: 'residential',
    transformers: [
      ['Lê Lai', 106.702, 20.8612, '11329', 560],
      ['Máy Chai', 106.7065, 20.863, '11329', 400],
    ],
  },
  {
    substation: 'cua-cam',
    number: '475',
    name: 'Cảng Hoàng Diệu',
    load: 'industrial',
    transformers: [
      ['Cảng Hoàng Diệu', 106.695, 20.8648, '11329', 1600],
      ['Đóng tàu Bạch Đằng', 106.715, 20.864, '11411', 1600],
    ],
  },
  {
    substation: 'le-chan',
    number: '471',
    name: 'Trần Nguyên Hãn',
    load: 'residential',
    transformers: [
      ['Trần Nguyên Hãn', 106.6705, 20.8462, '11407', 630],
      ['Niệm Nghĩa', 106.6735, 20.843, '11407', 400],
    ],
  },
  {
    substation: 'le-chan',
    number: '473',
    name: 'Hồ Sen',
    load: 'commercial',
    transformers: [
      ['Hồ Sen', 106.6825, 20.847, '11383', 750],
      ['Mê Linh', 106.683, 20.85, '11383', 630],
    ],
  },
  {
    substation: 'le-chan',
    number: '475',
    name: 'AEON',
    load: 'commercial',
    transformers: [
      ['AEON Lê Chân', 106.678, 20.83, '11407', 2000],
      ['Hoàng Huy', 106.6745, 20.829, '11407', 1000],
    ],
  },
  {
    substation: 'cat-bi',
    number: '471',
    name: 'Lê Hồng Phong',
    load: 'commercial',
    transformers: [
      ['Lê Hồng Phong 1', 106.712, 20.844, '11413', 1000],
      ['Lê Hồng Phong 2', 106.716, 20.838, '11413', 750],
    ],
  },
  {
    substation: 'cat-bi',
    number: '473',
    name: 'Cát Bi',
    load: 'residential',
    transformers: [
      ['Cát Bi', 106.7185, 20.832, '11413', 560],
      ['Tràng Cát', 106.725, 20.835, '11413', 400],
    ],
  },
  {
    substation: 'dinh-vu',
    number: '471',
    name: 'KCN Đình Vũ',
    load: 'industrial',
    transformers: [
      ['KCN Đình Vũ 1', 106.7735, 20.8335, '11411', 2500],
      ['KCN Đình Vũ 2', 106.774, 20.83, '11411', 2500],
    ],
  },
  {
    substation: 'dinh-vu',
    number: '473',
    name: 'Cảng Tân Vũ',
    load: 'industrial',
    transformers: [
      ['Cảng Tân Vũ', 106.77, 20.8255, '11411', 2000],
      ['Kho lạnh Nam Đình Vũ', 106.78, 20.828, '11411', 1600],
    ],
  },
  {
    substation: 'dinh-vu',
    number: '475',
    name: 'DEEP C',
    load: 'industrial',
    transformers: [
      ['DEEP C 1', 106.769, 20.838, '11411', 2500],
      ['DEEP C 2', 106.765, 20.835, '11411', 2000],
    ],
  },
  {
    substation: 'kien-an',
    number: '471',
    name: 'Trần Thành Ngọ',
    load: 'residential',
    transformers: [
      ['Trần Thành Ngọ', 106.6268, 20.807, '11443', 560],
      ['Phan Đăng Lưu', 106.631, 20.8095, '11443', 400],
    ],
  },
  {
    substation: 'kien-an',
    number: '473',
    name: 'Quán Trữ',
    load: 'residential',
    transformers: [
      ['Quán Trữ', 106.6408, 20.8182, '11443', 400],
      ['Lãm Hà', 106.645, 20.8215, '11443', 560],
    ],
  },
  {
    substation: 'do-son',
    number: '471',
    name: 'Đồ Sơn',
    load: 'commercial',
    transformers: [
      ['Vạn Sơn', 106.784, 20.716, '11455', 630],
      ['Khu du lịch Đồ Sơn', 106.788, 20.708, '11455', 1000],
    ],
  },
  {
    substation: 'do-son',
    number: '473',
    name: 'Ngọc Xuyên',
    load: 'residential',
    transformers: [
      ['Ngọc Xuyên', 106.772, 20.724, '11455', 320],
      ['Hợp Đức', 106.756, 20.74, '11737', 250],
    ],
  },
  {
    substation: 'thuy-nguyen',
    number: '471',
    name: 'Núi Đèo',
    load: 'residential',
    transformers: [
      ['Núi Đèo', 106.6738, 20.915, '11560', 560],
      ['Thủy Sơn', 106.678, 20.9185, '11560', 400],
    ],
  },
  {
    substation: 'thuy-nguyen',
    number: '473',
    name: 'VSIP',
    load: 'industrial',
    transformers: [
      ['VSIP 1', 106.685, 20.905, '11560', 2500],
      ['VSIP 2', 106.69, 20.91, '11560', 2000],
    ],
  },
  {
    substation: 'tien-trung',
    number: '471',
    name: 'Hải Dương 1',
    load: 'residential',
    transformers: [
      ['Ngọc Châu', 106.344, 20.942, '10525', 560],
      ['Nhị Châu', 106.34, 20.939, '10525', 400],
    ],
  },
  {
    substation: 'tien-trung',
    number: '473',
    name: 'Hải Dương 2',
    load: 'commercial',
    transformers: [
      ['Đại lộ Hồ Chí Minh', 106.331, 20.942, '10525', 1000],
      ['Phạm Ngũ Lão', 106.327, 20.938, '10507', 750],
    ],
  },
  {
    substation: 'tien-trung',
    number: '475',
    name: 'KCN Nam Sách',
    load: 'industrial',
    transformers: [
      ['KCN Nam Sách 1', 106.35, 20.962, '10837', 2000],
      ['KCN Nam Sách 2', 106.353, 20.965, '10837', 1600],
    ],
  },
];
