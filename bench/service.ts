/** What the records of servers that are measured belong to. */
export const SERVICE = 'payments';
