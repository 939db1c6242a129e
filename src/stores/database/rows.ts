import type { SqlRow } from '../../core/database/idempotent-database.js';

/**
 * The rows in what a library gave for a statement. `pg` gives an object with them; `mysql2` an array of
 * them and their columns, or of what an UPDATE did and `undefined`, in whose place Sequelize gives the
 * same again; others an array.
 */
export function rowsOf(result: unknown): readonly SqlRow[] {
  if (!Array.isArray(result)) {
    return (result as { readonly rows?: readonly SqlRow[] } | null | undefined)?.rows ?? [];
  }
  const [first, second] = result as readonly unknown[];
  if (Array.isArray(first)) return first as readonly SqlRow[];
  return result.length === 2 && (second === undefined || second === first)
    ? []
    : (result as readonly SqlRow[]);
}
