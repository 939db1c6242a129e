export { storeContract, type StoreContractCase, type StoreSubject } from './store-contract.js';
