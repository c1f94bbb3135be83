/** Keeps a scrolled element at its end with every rendering, as long as the reader is there; scrolling up lets go. */
import { type RefObject, useEffect, useLayoutEffect, useRef } from 'react';

/** px from the end that still count as the end */
const NEAR = 24;

export function useStickToBottom(element: RefObject<HTMLElement | null>, active: boolean): void {
  const stuck = useRef(true);
  useEffect(() => {
    const node = element.current;
    if (!node || !active) return undefined;
    stuck.current = true;
    const onScroll = (): void => { stuck.current = node.scrollHeight - node.scrollTop - node.clientHeight < NEAR; };
    node.addEventListener('scroll', onScroll, { passive: true });
    return () => node.removeEventListener('scroll', onScroll);
  }, [active, element]);
  useLayoutEffect(() => {
    const node = element.current;
    if (node && active && stuck.current) node.scrollTo({ top: node.scrollHeight });
  });
}
