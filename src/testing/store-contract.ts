import { adminCases } from './admin-cases.js';
import { claimCases } from './claim-cases.js';
import type { StoreContractCase } from './contract-case.js';
import { lapseCases } from './lapse-cases.js';
import { outcomeCases } from './outcome-cases.js';
import { releaseCases } from './release-cases.js';
import { stepCases } from './step-cases.js';
import { watchCases } from './watch-cases.js';

export type { StoreContractCase, StoreSubject } from './contract-case.js';

/**
 * Everything that a store must keep, as data for any test runner.
 *
 * @example
 * ```ts
 * for (const { name, run } of storeContract) {
 *   it(name, async () => {
 *     const subject = await openMyStore();
 *     try {
 *       await run(subject);
 *     } finally {
 *       await subject.close();
 *     }
 *   });
 * }
 * ```
 */
export const storeContract: readonly StoreContractCase[] = Object.freeze([
  ...claimCases,
  ...outcomeCases,
  ...lapseCases,
  ...releaseCases,
  ...stepCases,
  ...watchCases,
  ...adminCases,
]);
