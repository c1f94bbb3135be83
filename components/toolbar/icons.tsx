/** The few symbols of the toolbar, drawn so that they look the same on every system. 14 px, current colour. */
import type { ReactNode } from 'react';

const icon = (children: ReactNode): ReactNode => <svg width="14" height="14" viewBox="0 0 14 14" aria-hidden="true" fill="none" stroke="currentColor" strokeWidth="1.4" strokeLinecap="round" strokeLinejoin="round">{children}</svg>;

export const recordIcon = icon(<circle cx="7" cy="7" r="5" fill="currentColor" stroke="none" />);
export const pausedIcon = icon(<circle cx="7" cy="7" r="4.5" />);
export const clearIcon = icon(<><circle cx="7" cy="7" r="5" /><path d="M3.5 3.5l7 7" /></>);
export const exportIcon = icon(<path d="M7 2v6.5M4.2 6L7 8.8 9.8 6M2.5 11.5h9" />);
export const importIcon = icon(<path d="M7 8.8V2.3M4.2 5.1L7 2.3l2.8 2.8M2.5 11.5h9" />);
export const deleteIcon = icon(<path d="M2.5 4h9M5.5 4V2.5h3V4M3.7 4l.5 7.5h5.6l.5-7.5M6 6v3.5M8 6v3.5" />);
export const renameIcon = icon(<path d="M2.5 11.5l.6-2.6 6.2-6.2 2 2-6.2 6.2zM8.2 3.8l2 2" />);
export const pinIcon = icon(<path d="M4.5 2.5h5M5.5 2.5v4L3.5 8.5h7L8.5 6.5v-4M7 8.5v3.5" />);
export const storageIcon = icon(<><ellipse cx="7" cy="3.7" rx="4.5" ry="1.7" /><path d="M2.5 3.7v6.6c0 .95 2 1.7 4.5 1.7s4.5-.75 4.5-1.7V3.7M2.5 7c0 .95 2 1.7 4.5 1.7s4.5-.75 4.5-1.7" /></>);
export const newestIcon = icon(<path d="M7 11.5V4.5M4.2 7L7 4.2 9.8 7M2.5 2h9" />);
export const sitesIcon = icon(<><circle cx="7" cy="7" r="5" /><path d="M2 7h10M7 2c-3.2 3.2-3.2 6.8 0 10M7 2c3.2 3.2 3.2 6.8 0 10" /></>);
