import { describe, expect, it } from 'vitest';
import { englishKindOf } from './place-kinds.ts';

describe('What kind of place a Vietnamese name says it is', () => {
  it.each([
    ['Cầu Rào', ['bridge']],
    ['Chợ Sắt', ['market']],
    ['Bệnh viện Việt Tiệp', ['hospital']],
    ['Sông Cấm', ['river']],
    ['Phường Lê Chân', ['ward']],
    ['Ga Hải Phòng', ['station']],
    ['Cảng Đình Vũ', ['port', 'harbour']],
    // An airport is no port, a railway no street.
    ['Cảng hàng không Cát Bi', ['airport']],
    ['Đường sắt Hà Nội – Hải Phòng', ['railway']],
    // A name that only begins alike, and one that says no kind.
    ['Gia Lâm', []],
    ['Hồ', []],
  ])('%s: %j', (name, english) => {
    expect(englishKindOf(name)).toEqual(english);
  });
});
