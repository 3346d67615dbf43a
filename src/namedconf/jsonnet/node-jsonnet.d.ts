/** What we use of the addon: its own type file names methods that it does not have, and Node's resolution misses it. */
declare module '@hanazuki/node-jsonnet' {
  export class Jsonnet {
    addJpath(folder: string): this;
    nativeCallback(name: string, answer: (text: unknown) => boolean, parameter: string): this;
    evaluateSnippet(snippet: string, filename: string): Promise<string>;
  }
}
