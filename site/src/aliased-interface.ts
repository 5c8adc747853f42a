import {
  type Application,
  type Context,
  Converter,
  type DeclarationReflection,
  ReflectionKind,
  TypeScript as ts,
} from 'typedoc';

/**
 * A class can be exported as an interface and a constant of one name: `type Redlock = Contract`. TypeDoc shows nothing of
 * an interface that is not exported itself, so this shows it in place of its alias.
 */
export function showAliasedInterfaces(app: Application): void {
  const aliases = new Set<DeclarationReflection>();
  app.converter.on(Converter.EVENT_CREATE_DECLARATION, (context, reflection) => {
    const target = hiddenInterface(context, reflection);
    if (target === null) return;
    aliases.add(reflection);
    context.converter.convertSymbol(context, target);
  });
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    for (const alias of aliases) project.removeReflection(alias);
  });
}

/** The interface of the same name that a type is an alias of, or null. */
function hiddenInterface(context: Context, reflection: DeclarationReflection): ts.Symbol | null {
  if (!reflection.kindOf(ReflectionKind.TypeAlias)) return null;
  const declaration = context
    .getSymbolFromReflection(reflection)
    ?.declarations?.find(ts.isTypeAliasDeclaration);
  if (declaration === undefined) return null;
  const target = context.checker.getTypeAtLocation(declaration.type).getSymbol();
  const isHidden = target?.name === reflection.name && !context.getReflectionFromSymbol(target);
  return isHidden && target.flags & ts.SymbolFlags.Interface ? target : null;
}
