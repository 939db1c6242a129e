import { getMetadataStorage } from 'type-graphql';
import { shareObjectTypes } from '../graphql/result/object-types.js';

/** Lets replays restore instances of `@ObjectType` classes. */
export function shareTypeGraphqlTypes(): void {
  shareObjectTypes({
    framework: 'type-graphql',
    count: () => getMetadataStorage().objectTypes.length,
    types: () =>
      getMetadataStorage().objectTypes.map(({ name, target }) => ({
        name,
        prototype: (target as { readonly prototype: object }).prototype,
      })),
  });
}
