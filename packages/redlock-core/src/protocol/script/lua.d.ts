/** A script as a server is sent it. */
declare module '*.lua' {
  const source: string;
  export default source;
}
