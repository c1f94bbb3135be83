/** Keyboard ways between the panes; each is one tab stop, found by its role in the page. */
const focus = (selector: string): void => document.querySelector<HTMLElement>(selector)?.focus();

export const focusTree = (): void => focus('[role=tree]');
export const focusList = (): void => focus('[role=listbox]');
export const focusDetail = (): void => focus('[role=tabpanel]');
