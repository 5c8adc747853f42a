/** The manifest lies outside of the sources, so the compiler does not read it; the bundler does. */
declare module '*/package.json' {
  const manifest: { readonly name: string; readonly version: string };
  export default manifest;
}
