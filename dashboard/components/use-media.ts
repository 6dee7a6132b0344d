import { useSyncExternalStore } from 'react';

const PHONE = '(max-width: 767px)';
const subscribe = (listener: () => void) => {
  const media = matchMedia(PHONE);
  media.addEventListener('change', listener);
  return () => media.removeEventListener('change', listener);
};

/** True on screens that get sheets instead of panels. */
export const useIsPhone = (): boolean => useSyncExternalStore(subscribe, () => matchMedia(PHONE).matches);
