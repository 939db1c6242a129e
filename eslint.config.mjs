import js from '@eslint/js';
import prettier from 'eslint-config-prettier';
import { createTypeScriptImportResolver } from 'eslint-import-resolver-typescript';
import importX from 'eslint-plugin-import-x';
import jest from 'eslint-plugin-jest';
import tsdoc from 'eslint-plugin-tsdoc';
import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

/** Which folder may import which: the layers of the library. */
const layers = [
  { target: './src/core', from: './src', except: ['./core'] },
  { target: './src/stores', from: './src', except: ['./core', './stores'] },
  { target: './src/graphql', from: './src', except: ['./core', './graphql'] },
  { target: './src/cli', from: './src', except: ['./cli', './core', './stores'] },
  { target: './src/client', from: './src', except: ['./core', './client'] },
  { target: './src/codegen', from: './src', except: ['./core', './graphql', './codegen'] },
  { target: './src/testing', from: './src', except: ['./core', './testing'] },
  { target: './src/opentelemetry', from: './src', except: ['./core', './opentelemetry'] },
  { target: './src/mercurius', from: './src', except: ['./core', './graphql', './mercurius'] },
  { target: './src/yoga', from: './src', except: ['./core', './graphql', './yoga'] },
  {
    target: './src/type-graphql',
    from: './src',
    except: ['./core', './graphql', './type-graphql'],
  },
  {
    // Nest runs the servers of the other two doors.
    target: './src/nestjs',
    from: './src',
    except: ['./core', './graphql', './mercurius', './nestjs', './yoga'],
  },
  {
    target: './src/server',
    from: './src',
    except: [
      './server',
      './index.ts',
      './opentelemetry/index.ts',
      './stores/database/index.ts',
      './stores/redis/index.ts',
      './type-graphql/index.ts',
    ],
    message: 'The server uses the library as its users do: through the public entries.',
  },
  {
    target: './src/checkout',
    from: './src',
    except: [
      './checkout',
      './client/index.ts',
      './client/apollo/index.ts',
      './client/apollo/react/index.ts',
      './client/offline/index.ts',
    ],
    message: 'The page uses the client as its users do: through the public entries.',
  },
  {
    target: './src/graphiql-page',
    from: './src',
    except: ['./graphiql-page', './server/http/example.ts'],
  },
];

export default defineConfig(
  { ignores: ['dist/', 'data/', 'coverage/', '**/generated/', 'examples/*/dist/'] },
  // Compiled where it runs: Yoga's types of errors and Apollo's exclude each other.
  { ignores: ['test/package/smoke/yoga.ts', 'examples/yoga/'] },
  js.configs.recommended,
  {
    files: ['**/*.{ts,tsx}'],
    extends: [tseslint.configs.strictTypeChecked],
    plugins: { 'import-x': importX, tsdoc },
    languageOptions: {
      parserOptions: {
        // One program for all but the pages. The project service makes another for each tsconfig.json that is
        // nearest to a file, and checks what they share again: nearly twice the time.
        project: ['tsconfig.json', 'src/checkout/tsconfig.json', 'src/graphiql-page/tsconfig.json'],
        tsconfigRootDir: import.meta.dirname,
      },
    },
    settings: { 'import-x/resolver-next': [createTypeScriptImportResolver()] },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-extraneous-class': ['error', { allowWithDecorator: true }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      'import-x/no-cycle': 'error',
      'import-x/no-default-export': 'error',
      'max-lines': ['error', { max: 250 }],
      'max-lines-per-function': ['error', { max: 130, skipComments: true, skipBlankLines: true }],
      'tsdoc/syntax': 'error',
    },
  },
  {
    // Each has settings of its own, for where it is installed: here the library is the one in `src`.
    files: ['examples/**/*.ts'],
    languageOptions: { parserOptions: { project: './tsconfig.json' } },
  },
  {
    files: ['src/**/*.{ts,tsx}'],
    rules: { 'import-x/no-restricted-paths': ['error', { zones: layers }] },
  },
  {
    files: ['test/**/*.{ts,tsx}'],
    extends: [jest.configs['flat/recommended']],
    rules: {
      'max-lines': 'off',
      'max-lines-per-function': 'off',
      'jest/expect-expect': 'off',
      'jest/no-conditional-expect': 'off',
    },
  },
  {
    files: [
      'test/support/**/*.ts',
      'test/doors/battery.ts',
      'test/database/adapters/battery.ts',
      'test/graphql/libraries/samples.ts',
    ],
    rules: { 'jest/no-export': 'off', 'jest/valid-title': 'off' },
  },
  {
    // Nest's modules are empty classes, and its options and its object types are classes that nobody makes.
    files: [
      'examples/nestjs/src/*.ts',
      'test/doors/nest-*.ts',
      'test/nestjs/*.ts',
      'test/package/smoke/nestjs.ts',
    ],
    rules: {
      '@typescript-eslint/no-extraneous-class': 'off',
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
    },
  },
  { files: ['test/support/global-*.ts'], rules: { 'import-x/no-default-export': 'off' } },
  {
    files: ['**/*.{mjs,cjs}'],
    languageOptions: { globals: { process: 'readonly', module: 'writable' } },
  },
  {
    files: ['scripts/docs/assets/*.js'],
    languageOptions: { globals: { document: 'readonly', addEventListener: 'readonly' } },
  },
  prettier,
);
