/** As it is sent to a server. */
declare const source: string;
export default source;
