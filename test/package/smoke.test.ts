import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startRedis, type RedisServer } from '../support/redis-server.js';
import { createFreshProject, packPackage, type FreshProject } from './fresh-project.js';
import { findNode, type NodeVersion } from './node-versions.js';

jest.setTimeout(240_000);

const ROOT = join(__dirname, '../..');
const NODE_MAJORS = [20, 22, 24];
const run = promisify(execFile);

interface Manifest {
  readonly exports: Readonly<Record<string, unknown>>;
  readonly bin?: Readonly<Record<string, string>>;
}

const { exports: entries, bin = {} } = JSON.parse(
  readFileSync(join(ROOT, 'package.json'), 'utf8'),
) as Manifest;

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
