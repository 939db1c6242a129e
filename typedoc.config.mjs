// The API reference: everything that can be imported, from what package.json exports.
import { readFileSync } from 'node:fs';

const { exports } = JSON.parse(readFileSync('package.json', 'utf8'));

/** @type {Partial<import('typedoc').TypeDocOptions>} */
export default {
  entryPoints: Object.values(exports)
    .filter((entry) => typeof entry === 'object')
    .map(({ require: { types } }) =>
      types.replace('./dist/cjs/', 'src/').replace(/\.d\.ts$/, '.ts'),
    ),
  tsconfig: 'tsconfig.build.json',
  out: 'dist/api',
  readme: 'none',
  includeVersion: true,
  excludePrivate: true,
  // Where the sources are to be seen is not known here.
  disableSources: true,
  treatWarningsAsErrors: true,
  validation: {
    notExported: true,
    invalidLink: true,
    invalidPath: true,
    rewrittenLink: true,
    notDocumented: true,
    unusedMergeModuleWith: true,
  },
  // What an object is for must be said; not what each `kind` and `type` in it is. That options are
  // documented one by one is seen to by test/docs.test.ts.
  requiredToBeDocumented: [
    'Accessor',
    'CallSignature',
    'Class',
    'Enum',
    'EnumMember',
    'Function',
    'Interface',
    'Method',
    'TypeAlias',
    'Variable',
  ],
  // Types of which users see no more than that a client of theirs fits.
  intentionallyNotExported: [
    'AttemptedMutation',
    'AttemptSettings',
    'AnyFunction',
    'ClientSettings',
    'DrizzleLike',
    'GivenToBody',
    'IDEMPOTENCY_ERRORS',
    'KnexLike',
    'KyselyLike',
    'LibsqlClientLike',
    'LibsqlTransactionLike',
    'MikroOrmLike',
    'Mysql2ConnectionLike',
    'Mysql2PoolLike',
    'PgClientLike',
    'PrismaLike',
    'PgClientOf',
    'PgPoolLike',
    'PostgresJsLike',
    'Remaining',
    'SequelizeLike',
    'SqliteLike',
    'TypeOrmLike',
  ],
};
