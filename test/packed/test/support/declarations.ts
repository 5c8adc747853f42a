import { join } from 'node:path';
import ts from 'typescript';

const OPTIONS: ts.CompilerOptions = { module: ts.ModuleKind.NodeNext, types: [] };

/** What the packages of a project declare, as TypeScript reads it. */
export class Declarations {
  readonly #directory: string;
  readonly #entries: readonly string[];
  readonly #program: ts.Program;
  readonly #checker: ts.TypeChecker;

  /** @param entries all entry points of the packages */
  constructor(directory: string, entries: readonly string[]) {
    this.#directory = directory;
    this.#entries = entries;
    this.#program = ts.createProgram(
      entries.map((entry) => this.#fileOf(entry)),
      OPTIONS,
    );
    this.#checker = this.#program.getTypeChecker();
  }

  /** Values and types. */
  exportsOf(entry: string): readonly ts.Symbol[] {
    const source = this.#program.getSourceFile(this.#fileOf(entry));
    const symbol = source && this.#checker.getSymbolAtLocation(source);
    if (!symbol) throw new Error(`${entry} exports nothing`);
    return this.#checker.getExportsOfModule(symbol);
  }

  /** The names of types that something exported mentions and nobody can import. */
  missing(): string[] {
    const exported = this.#exported();
    const mentioned = [...exported].flatMap(({ declarations = [] }) =>
      declarations.flatMap((declaration) => this.#typesIn(declaration)),
    );
    return mentioned
      .filter((symbol) => !exported.has(symbol) && symbol.declarations?.some(isOfThePackages))
      .map(({ name }) => name);
  }

  /** The names that declarations which are published export to one another, and to nobody else. */
  internals(): string[] {
    const exported = this.#exported();
    const modules = this.#program
      .getSourceFiles()
      .filter((file) => isOfThePackages(file))
      .map((file) => this.#checker.getSymbolAtLocation(file));
    return modules
      .flatMap((module) => (module ? this.#checker.getExportsOfModule(module) : []))
      .filter((symbol) => !exported.has(this.#resolved(symbol)))
      .map(({ name }) => name);
  }

  /** All that can be imported. */
  #exported(): ReadonlySet<ts.Symbol> {
    const own = this.#entries
      .flatMap((entry) => this.exportsOf(entry))
      .map((each) => this.#resolved(each));
    // A type that an exported alias stands for can be imported by that name.
    const aliased = own.flatMap(
      (symbol) => this.#checker.getDeclaredTypeOfSymbol(symbol).getSymbol() ?? [],
    );
    return new Set([...own, ...aliased]);
  }

  #fileOf(entry: string): string {
    const from = join(this.#directory, 'consumer.mts');
    const { resolvedModule } = ts.resolveModuleName(
      entry,
      from,
      OPTIONS,
      ts.sys,
      undefined,
      undefined,
      ts.ModuleKind.ESNext,
    );
    if (!resolvedModule) throw new Error(`No declarations of ${entry}`);
    return resolvedModule.resolvedFileName;
  }

  #typesIn(declaration: ts.Node): ts.Symbol[] {
    const types: ts.Symbol[] = [];
    const visit = (node: ts.Node): void => {
      if (ts.isTypeReferenceNode(node) || ts.isExpressionWithTypeArguments(node)) {
        const name = ts.isTypeReferenceNode(node) ? node.typeName : node.expression;
        const symbol = this.#checker.getSymbolAtLocation(name);
        const isParameter = symbol?.flags === ts.SymbolFlags.TypeParameter;
        if (symbol && !isParameter) types.push(this.#resolved(symbol));
      }
      ts.forEachChild(node, visit);
    };
    visit(declaration);
    return types;
  }

  #resolved(symbol: ts.Symbol): ts.Symbol {
    const isAlias = (symbol.flags & ts.SymbolFlags.Alias) !== 0;
    return isAlias ? this.#checker.getAliasedSymbol(symbol) : symbol;
  }
}

function isOfThePackages(declaration: ts.Node): boolean {
  return /node_modules\/redlock-/.test(declaration.getSourceFile().fileName);
}
