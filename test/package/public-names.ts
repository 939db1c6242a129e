import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import {
  createProgram,
  displayPartsToString,
  ModuleKind,
  ModuleResolutionKind,
  ScriptTarget,
  SymbolFlags,
  type Symbol as TsSymbol,
  type TypeChecker,
} from 'typescript';

const ROOT = resolve(__dirname, '../..');

interface Entry {
  readonly require: { readonly types: string };
}

/** The names of an entry of the package, by its built declarations. */
export interface EntryNames {
  /** Each name with what it is: `class`, `function`, `interface`, `type`, `value`. */
  readonly names: readonly string[];
  /** Properties of options that nothing is said about. */
  readonly undocumentedOptions: readonly string[];
}

/** Reads the public names of every entry of package.json from what was built. */
export function readPublicNames(): ReadonlyMap<string, EntryNames> {
  const { exports } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    exports: Record<string, Entry | string>;
  };
  const files = Object.entries(exports).flatMap(([entry, target]): [string, string][] =>
    typeof target === 'string' ? [] : [[entry, join(ROOT, target.require.types)]],
  );
  const program = createProgram(
    files.map(([, file]) => file),
    {
      target: ScriptTarget.ES2022,
      module: ModuleKind.Node16,
      moduleResolution: ModuleResolutionKind.Node16,
      skipLibCheck: true,
      types: ['node'],
    },
  );
  const checker = program.getTypeChecker();
  return new Map(
    files.map(([entry, file]) => {
      const source = program.getSourceFile(file);
      const module = source && checker.getSymbolAtLocation(source);
      if (module === undefined) throw new Error(`${entry} was not built.`);
      const symbols = checker.getExportsOfModule(module).map((symbol) => resolved(symbol, checker));
      return [
        entry,
        {
          names: symbols.map(describeSymbol).sort(),
          undocumentedOptions: symbols.flatMap((symbol) => undocumented(symbol, checker)),
        },
      ];
    }),
  );
}

function resolved(symbol: TsSymbol, checker: TypeChecker): TsSymbol {
  return symbol.flags & SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
}

function describeSymbol(symbol: TsSymbol): string {
  const kinds: [SymbolFlags, string][] = [
    [SymbolFlags.Class, 'class'],
    [SymbolFlags.Function, 'function'],
    [SymbolFlags.Interface, 'interface'],
    [SymbolFlags.TypeAlias, 'type'],
  ];
  const kind = kinds.find(([flag]) => symbol.flags & flag)?.[1] ?? 'value';
  return `${kind} ${symbol.name}`;
}

/** The properties of an exported `…Options` or `…Config` that have no comment. */
function undocumented(symbol: TsSymbol, checker: TypeChecker): string[] {
  if (!/(Options|Config)$/.test(symbol.name)) return [];
  return checker
    .getDeclaredTypeOfSymbol(symbol)
    .getProperties()
    .filter((property) => displayPartsToString(property.getDocumentationComment(checker)) === '')
    .map((property) => `${symbol.name}.${property.name}`);
}
