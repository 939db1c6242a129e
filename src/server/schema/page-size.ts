/** The number of payments on a page. */
export const PAGE_SIZE = { usual: 20, most: 100 } as const;
