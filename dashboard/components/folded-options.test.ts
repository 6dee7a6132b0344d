import { expect, it } from 'vitest';
import { foldedOptions } from './folded-options.ts';

const option = (label: string) => ({ value: label, label, disabled: false });
const ALL = ['Cầu Rào', 'Cầu Rào 2', 'Trạm ồn cầu Rào', 'Đồ Sơn'].map(option);
const found = (search: string, limit = 50) => foldedOptions({ options: ALL, search, limit });

it.each([
  ['cau rao', ['Cầu Rào', 'Cầu Rào 2', 'Trạm ồn cầu Rào']],
  [' Cầu RÀO', ['Cầu Rào', 'Cầu Rào 2', 'Trạm ồn cầu Rào']],
  ['rao on', ['Trạm ồn cầu Rào']],
  ['do son', ['Đồ Sơn']],
  ['', ['Cầu Rào', 'Cầu Rào 2', 'Trạm ồn cầu Rào', 'Đồ Sơn']],
  ['xyz', []],
])('"%s" finds %j', (search, labels) => expect(found(search)).toEqual(labels.map(option)));

it('stops at so many, those in groups counted', () => {
  expect(found('cau', 2)).toEqual(ALL.slice(0, 2));
  const groups = [{ group: 'a', items: ALL }];
  expect(foldedOptions({ options: groups, search: 'cau', limit: 2 })).toEqual([{ group: 'a', items: ALL.slice(0, 2) }]);
});
