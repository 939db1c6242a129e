import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createFreshProject, type FreshProject } from '../package/fresh-project.js';

const ROOT = join(__dirname, '../..');

const PACKAGES = [
  '@apollo/server',
  '@as-integrations/express5',
  '@nestjs/apollo@14.0.3',
  '@nestjs/common@12.5.1',
  '@nestjs/core@12.5.1',
  '@nestjs/graphql@14.0.3',
  '@nestjs/platform-express@12.5.1',
  '@types/node',
  'graphql',
  'reflect-metadata',
  'rxjs',
];

const TSCONFIG = JSON.stringify({
  compilerOptions: {
    target: 'ES2022',
    module: 'Node16',
    strict: true,
    experimentalDecorators: true,
    emitDecoratorMetadata: true,
    useDefineForClassFields: false,
    skipLibCheck: true,
    types: ['node'],
    rootDir: '.',
    outDir: 'dist',
  },
  files: ['main.mts'],
});

describe('NestJS 12', () => {
  let project: FreshProject;

  beforeAll(async () => {
    project = await createFreshProject(PACKAGES);
    const program = join(ROOT, 'test/package/smoke/nestjs.ts');
    project.write({ 'tsconfig.json': TSCONFIG, 'main.mts': readFileSync(program, 'utf8') });
  });
  afterAll(() => {
    project.remove();
  });

  it('runs once, replays, asks its guard for replays too, and ends', async () => {
    const { version } = JSON.parse(
      readFileSync(project.path('node_modules/@nestjs/core/package.json'), 'utf8'),
    ) as { readonly version: string };
    expect(version).toMatch(/^12\./);
    await project.exec('node', join(ROOT, 'node_modules/typescript/bin/tsc'));
    await project.exec('node', 'dist/main.mjs');
  });
});
