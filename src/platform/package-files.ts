import { fileURLToPath } from 'node:url';

const ROOT = new URL('../../', import.meta.url);

/** Absolute path of a file that the package ships, from its root. */
export function packageFile(path: string): string {
  return fileURLToPath(new URL(path, ROOT));
}

/**
 * Absolute path of a compiled module that runs as a process of its own: `childModule('store/disk/finisher')`.
 * Children are always the compiled files, also when the parent runs from source: Node 20 cannot run TypeScript.
 */
export function childModule(module: string): string {
  return packageFile(`dist/${module}.js`);
}
