/** How many payments a page holds. */
export const PAGE_SIZE = { usual: 20, most: 100 } as const;
