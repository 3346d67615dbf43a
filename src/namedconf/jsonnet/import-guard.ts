import type { SourceFiles } from '../../ports/system.ts';
import { type Import, importsOf, LIBRARY, resolveImport } from '../imports.ts';

/**
 * Says why a snippet must not be evaluated, or nothing. The interpreter would open any path, and search folders
 * of the machine for a path that it does not find: so every import that a snippet can reach, through any file,
 * has to be one of `files` or the shipped library. Each file is read once for all snippets.
 */
export function importGuard(files: SourceFiles): (snippet: string) => string | undefined {
  const known = new Map<string, readonly Import[]>();
  const importsOfFile = (file: string): readonly Import[] => {
    const imports = known.get(file) ?? importsOf(files.get(file) ?? '');
    known.set(file, imports);
    return imports;
  };
  return (snippet) => {
    const reached = new Set<string>();
    const refused = (file: string, imports: readonly Import[]) =>
      imports.find(({ kind, path }) => {
        const target = resolveImport(file, path);
        if (target === undefined || !files.has(target)) return path !== LIBRARY;
        if (kind === 'import') reached.add(target);
        return false;
      });
    let bad = refused('', importsOf(snippet));
    for (const file of reached) bad ??= refused(file, importsOfFile(file));
    return bad && `${bad.kind} '${bad.path}' is not among the files that this evaluation may see`;
  };
}
