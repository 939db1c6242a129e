import { TypeMetadataStorage } from '@nestjs/graphql';
import { shareObjectTypes } from '../graphql/result/object-types.js';

/** Lets replays restore instances of `@ObjectType` classes. */
export function shareNestTypes(): void {
  shareObjectTypes({
    framework: 'nestjs',
    count: () => TypeMetadataStorage.getObjectTypesMetadata().length,
    types: () =>
      TypeMetadataStorage.getObjectTypesMetadata().map(({ name, target }) => ({
        // TypeGraphQL may have a class of the same name in the same process.
        name: `nestjs:${name}`,
        prototype: target.prototype as object,
      })),
  });
}
