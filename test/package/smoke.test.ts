import { execFile } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { preProcessFile } from 'typescript';
import { startRedis, type RedisServer } from '../support/redis-server.js';
import { createFreshProject, packPackage, type FreshProject } from './fresh-project.js';
import { findNode, type NodeVersion } from '../support/node-versions.js';

const ROOT = join(__dirname, '../..');
const NODE_MAJORS = [20, 22, 24];
const run = promisify(execFile);

type Words = Readonly<Record<string, string>>;

interface Manifest {
  readonly exports: Readonly<Record<string, unknown>>;
  readonly bin?: Words;
  readonly scripts: Words;
  readonly dependencies?: Words;
  readonly peerDependencies: Words;
  readonly peerDependenciesMeta: Readonly<Record<string, { readonly optional?: boolean }>>;
}

const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as Manifest;
const { exports: entries, bin = {} } = manifest;

/** Each entry and each command, with the name of the program that tries it. */
const SUBJECTS: [subject: string, program: string][] = [
  ...Object.keys(entries)
    .filter((entry) => entry !== './package.json')
    .map((entry): [string, string] => [
      entry,
      entry === '.' ? 'main' : entry.slice(2).replaceAll('/', '-'),
    ]),
  ...Object.keys(bin).map((name): [string, string] => [name, `bin-${name}`]),
];

/** The built files that a value of package.json names, however deep, and all that these import. */
function reachedFiles(value: unknown): ReadonlySet<string> {
  const named = (part: unknown): string[] => {
    if (typeof part === 'string') return /^(\.\/)?dist\//.test(part) ? [join(part)] : [];
    return Object.values(part as object).flatMap(named);
  };
  const reached = new Set(named(value));
  for (const file of reached) {
    const source = readFileSync(join(ROOT, file), 'utf8');
    for (const { fileName } of preProcessFile(source, true, true).importedFiles) {
      if (!fileName.startsWith('.')) continue;
      const target = join(dirname(file), fileName);
      reached.add(file.endsWith('.d.ts') ? target.replace(/\.js$/, '.d.ts') : target);
    }
  }
  return reached;
}

/** What the first lines of a program ask for, as in `// needs: graphql ioredis`. */
function asked(source: string, what: string): string[] {
  return new RegExp(`^// ${what}: (.*)$`, 'm').exec(source)?.[1]?.split(' ') ?? [];
}

function tsconfig(module: string, lib: readonly string[]): string {
  const isBundler = module === 'bundler';
  return JSON.stringify({
    compilerOptions: {
      target: 'ES2022',
      lib: ['ES2023', ...lib],
      module: isBundler ? 'ESNext' : module,
      moduleResolution: isBundler ? 'Bundler' : module,
      strict: true,
      exactOptionalPropertyTypes: true,
      noUncheckedIndexedAccess: true,
      esModuleInterop: true,
      experimentalDecorators: true,
      emitDecoratorMetadata: true,
      useDefineForClassFields: false,
      skipLibCheck: false,
      types: ['node'],
      rootDir: 'src',
      outDir: 'dist',
    },
    include: isBundler ? ['src/module'] : ['src'],
  });
}

describe('the packed package', () => {
  let tarball: string;
  let redis: RedisServer;
  let nodes: NodeVersion[];

  beforeAll(async () => {
    [tarball, redis, nodes] = await Promise.all([
      packPackage(),
      startRedis(),
      Promise.all(NODE_MAJORS.map(findNode)),
    ]);
  });
  afterAll(() => redis.stop());

  it('is tried on Node 20, 22 and 24', async () => {
    const lines = await Promise.all(
      nodes.map(async ({ major, program }) => {
        if (program === undefined) {
          return `Node ${String(major)} is not to be had for ${process.platform}-${process.arch}.`;
        }
        const { stdout } = await run(program, ['--version']);
        expect(stdout).toMatch(new RegExp(`^v${String(major)}\\.`));
        return `Node ${stdout.trim()}`;
      }),
    );
    process.stdout.write(`Programs of the package run on: ${lines.join(', ')}\n`);
    if (process.platform === 'linux' && process.arch === 'x64') {
      expect(lines.filter((line) => !line.startsWith('Node v'))).toEqual([]);
    }
  });

  it('holds what its entries reach, and nothing else', async () => {
    const { stdout } = await run('tar', ['-tzvf', tarball]);
    const sizes = new Map<string, number>();
    for (const line of stdout.trim().split('\n')) {
      const [, , size, , , name = ''] = line.split(/\s+/);
      sizes.set(name.replace(/^package\//, ''), Number(size));
    }
    const needed = new Set([
      ...['package.json', 'README.md', 'CHANGELOG.md', 'LICENSE'],
      ...['dist/cjs/package.json', 'dist/esm/package.json'],
      ...reachedFiles([entries, bin]),
    ]);
    expect([...sizes.keys()].filter((name) => !needed.has(name))).toEqual([]);
    expect([...needed].filter((name) => !sizes.has(name))).toEqual([]);

    const total = [...sizes.values()].reduce((sum, size) => sum + size, 0);
    process.stdout.write(
      `The package has ${String(sizes.size)} files, ${String(Math.round(total / 1024))} KB; ` +
        `${String(Math.round(statSync(tarball).size / 1024))} KB packed.\n`,
    );
  });

  it('installs nothing else by itself, and runs nothing when it is installed', () => {
    expect(manifest.dependencies).toBeUndefined();
    const scripts = Object.keys(manifest.scripts);
    expect(scripts.filter((name) => /^(pre|post)?install$|^prepare$/.test(name))).toEqual([]);
    const required = Object.keys(manifest.peerDependencies).filter(
      (name) => manifest.peerDependenciesMeta[name]?.optional !== true,
    );
    expect(required).toEqual(['graphql']);
  });

  describe('without its optional peers', () => {
    let project: FreshProject;

    beforeAll(async () => {
      project = await createFreshProject(['graphql'], tarball);
    });
    afterAll(() => {
      project.remove();
    });

    it.each([
      ['nestjs', '@nestjs/common'],
      ['opentelemetry', '@opentelemetry/api'],
      ['type-graphql', 'type-graphql'],
      ['client/apollo', '@apollo/client'],
      ['client/apollo/react', '@apollo/client'],
      ['client/react', 'react'],
      ['client/urql', '@urql/core'],
    ])('says that %s needs %s', async (entry, peer) => {
      const path = `graphql-idempotency/${entry}`;
      await expect(project.exec('node', '-e', `require('${path}')`)).rejects.toThrow(
        `Cannot find module '${peer}`,
      );
      await expect(
        project.exec('node', '--input-type=module', '-e', `import '${path}'`),
      ).rejects.toThrow(`Cannot find package '${peer}'`);
    });

    it('says that its commands need ioredis', async () => {
      await expect(
        project.exec(
          'graphql-idempotency',
          'list',
          '--service',
          'payments',
          '--redis',
          'redis://127.0.0.1:1',
        ),
      ).rejects.toThrow('npm install ioredis');
    });
  });

  describe.each(SUBJECTS)('its %s', (subject, name) => {
    const file = join(__dirname, 'smoke', `${name}.ts`);
    let project: FreshProject;
    let source: string;

    beforeAll(async () => {
      if (!existsSync(file)) throw new Error(`${subject} has no program in test/package/smoke.`);
      source = readFileSync(file, 'utf8');
      project = await createFreshProject(['@types/node', ...asked(source, 'needs')], tarball);
      const lib = asked(source, 'lib');
      project.write({
        'src/commonjs/package.json': '{ "type": "commonjs" }',
        'src/commonjs/main.ts': source,
        'src/module/package.json': '{ "type": "module" }',
        'src/module/main.ts': source,
        'dist/commonjs/package.json': '{ "type": "commonjs" }',
        'dist/module/package.json': '{ "type": "module" }',
        'tsconfig.node16.json': tsconfig('node16', lib),
        'tsconfig.nodenext.json': tsconfig('nodenext', lib),
        'tsconfig.bundler.json': tsconfig('bundler', lib),
      });
    });
    afterAll(() => {
      project.remove();
    });

    /** Compiles the program, and checks every declaration that it reaches. */
    async function compile(module: string, ...args: readonly string[]): Promise<void> {
      const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
      const config = ['--project', `tsconfig.${module}.json`, '--pretty', 'false'];
      const output = await project.exec('node', tsc, ...config, ...args).catch(String);
      const problems = output.match(/^\S+\(\d+,\d+\): error .*$/gm) ?? [];
      // Nobody can make a peer's own declarations sound; whose they are is printed.
      const peers = new Set<string>();
      const ours = problems.filter((problem) => {
        const peer = /^node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(problem)?.[1];
        if (peer === undefined || peer === 'graphql-idempotency') return true;
        peers.add(peer);
        return false;
      });
      expect(ours).toEqual([]);
      if (problems.length === 0) expect(output).toBe('');
      for (const peer of peers) {
        process.stdout.write(`${subject}, ${module}: ${peer} has errors in its own types.\n`);
      }
    }

    it('is typed for bundlers and Node, and runs as CommonJS and as a module', async () => {
      await Promise.all([compile('node16'), compile('nodenext', '--noEmit')]);
      await compile('bundler', '--noEmit');
      for (const { program } of nodes) {
        if (program === undefined) continue;
        await Promise.all(
          ['commonjs', 'module'].map((type) =>
            project.exec('env', `REDIS_URL=${redis.url}`, program, `dist/${type}/main.js`),
          ),
        );
      }
    });
  });
});
