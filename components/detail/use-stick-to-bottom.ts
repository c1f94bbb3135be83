/** Keeps a scrolled element at its end with every rendering, as long as the reader is there; scrolling up lets go. */
import { type RefObject, useEffect, useLayoutEffect, useRef } from 'react';

/** px from the end that still count as the end */
const NEAR = 24;

export function useStickToBottom(element: RefObject<HTMLElement | null>, active: boolean): void {
  const stuck = useRef(true);
  /** where we put it last */
  const placed = useRef(0);
  useEffect(() => {
    const node = element.current;
    if (!node || !active) return undefined;
    const onScroll = (): void => { stuck.current = node.scrollHeight - node.scrollTop - node.clientHeight < NEAR; };
    node.addEventListener('scroll', onScroll, { passive: true });
    return () => node.removeEventListener('scroll', onScroll);
  }, [active, element]);
  useLayoutEffect(() => {
    const node = element.current;
    if (!node || !active) return;
    // Text may come between the reader's scrolling and the event that tells of it.
    if (node.scrollTop < placed.current - NEAR) stuck.current = false;
    if (stuck.current) node.scrollTo({ top: node.scrollHeight });
    placed.current = node.scrollTop;
  });
}
