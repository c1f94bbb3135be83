/** The few symbols of the toolbar, drawn so that they look the same on every system. 14 px, current colour. */
import type { ReactNode } from 'react';

const icon = (children: ReactNode): ReactNode => <svg width="14" height="14" viewBox="0 0 14 14" aria-hidden="true" fill="none" stroke="currentColor" strokeWidth="1.4" strokeLinecap="round" strokeLinejoin="round">{children}</svg>;

export const recordIcon = icon(<circle cx="7" cy="7" r="5" fill="currentColor" stroke="none" />);
export const pausedIcon = icon(<circle cx="7" cy="7" r="4.5" />);
export const clearIcon = icon(<><circle cx="7" cy="7" r="5" /><path d="M3.5 3.5l7 7" /></>);
export const exportIcon = icon(<path d="M7 2v6.5M4.2 6L7 8.8 9.8 6M2.5 11.5h9" />);
export const importIcon = icon(<path d="M7 8.8V2.3M4.2 5.1L7 2.3l2.8 2.8M2.5 11.5h9" />);
export const deleteIcon = icon(<path d="M2.5 4h9M5.5 4V2.5h3V4M3.7 4l.5 7.5h5.6l.5-7.5M6 6v3.5M8 6v3.5" />);
export const newestIcon = icon(<path d="M7 11.5V4.5M4.2 7L7 4.2 9.8 7M2.5 2h9" />);
export const sitesIcon = icon(<><circle cx="7" cy="7" r="5" /><path d="M2 7h10M7 2c-3.2 3.2-3.2 6.8 0 10M7 2c3.2 3.2 3.2 6.8 0 10" /></>);
