/** A GraphQL name that cannot be the name of a property: assigning to it changes the prototype. */
export const RESERVED_NAME = '__proto__';
