/** The import that every experiment may use: shipped with the tool, found by library path. */
export const LIBRARY = 'lightex/v1.libsonnet';

/** One import expression. Line and column (from 1) are where its keyword stands. */
export interface Import {
  readonly kind: 'import' | 'importstr' | 'importbin';
  /** The path as Jsonnet reads it: escapes are resolved. */
  readonly path: string;
  readonly line: number;
  readonly column: number;
}

/**
 * The imports of a Jsonnet source, in order. Jsonnet allows literal paths only, so this is all that it can read.
 * Total: where the source stops being Jsonnet, the rest is skipped; the evaluator refuses such a file as a whole.
 */
export function importsOf(source: string): readonly Import[] {
  const found: Import[] = [];
  let keyword: { readonly kind: Import['kind']; readonly at: number } | undefined;
  for (let at = 0; at < source.length; ) {
    const end = tokenEnd(source, at);
    const first = source[at] as string;
    if (!isSpaceOrComment(source, at)) {
      const text = source.slice(at, end);
      if (keyword !== undefined && (first === '"' || first === "'" || first === '@'))
        found.push({ kind: keyword.kind, path: literal(text), ...placeOf(source, keyword.at) });
      keyword = isImportKeyword(text) ? { kind: text, at } : undefined;
    }
    at = end;
  }
  return found;
}

/**
 * The path from the tree's root that an import in the file `importer` means ('' for a file in the root itself).
 * Undefined when it is absolute, leaves the tree, or has `..` after a name: there the interpreter's own search
 * could end in another folder than this function.
 */
export function resolveImport(importer: string, path: string): string | undefined {
  const folders = importer.split('/').slice(0, -1);
  const parts = path.split('/').filter((part) => part !== '.' && part !== '');
  const ups = parts.findIndex((part) => part !== '..');
  const names = ups < 0 ? [] : parts.slice(ups);
  if (path.startsWith('/') || ups < 0 || ups > folders.length || names.includes('..'))
    return undefined;
  return [...folders.slice(0, folders.length - ups), ...names].join('/');
}

const SPACE = ' \t\r\n';

function isSpaceOrComment(source: string, at: number): boolean {
  return (
    SPACE.includes(source[at] as string) ||
    source[at] === '#' ||
    source.startsWith('//', at) ||
    source.startsWith('/*', at)
  );
}

function isImportKeyword(text: string): text is Import['kind'] {
  return text === 'import' || text === 'importstr' || text === 'importbin';
}

/** Where the token at `at` ends; the source's end for one that is not closed. Operators are cut into characters. */
function tokenEnd(source: string, at: number): number {
  const first = source[at] as string;
  if (first === '#' || source.startsWith('//', at)) return after(source, '\n', at);
  if (source.startsWith('/*', at)) return after(source, '*/', at + 2);
  if (source.startsWith('|||', at)) return textBlockEnd(source, at);
  if (first === '"' || first === "'") return stringEnd(source, at);
  if (first === '@') return verbatimEnd(source, at);
  const word = matchAt(/[A-Za-z_][A-Za-z0-9_]*/y, source, at);
  return at + Math.max(1, word.length);
}

function stringEnd(source: string, at: number): number {
  const quote = source[at];
  for (let i = at + 1; i < source.length; i += 1) {
    if (source[i] === quote) return i + 1;
    if (source[i] === '\\') i += 1;
  }
  return source.length;
}

/** `@'it''s'`: no escapes, a doubled quote is one. */
function verbatimEnd(source: string, at: number): number {
  const quote = source[at + 1];
  if (quote !== '"' && quote !== "'") return at + 1;
  for (let i = at + 2; i < source.length; i += 1) {
    if (source[i] !== quote) continue;
    if (source[i + 1] !== quote) return i + 1;
    i += 1;
  }
  return source.length;
}

/** A text block goes on while lines are empty or start with the white space of its first line. */
function textBlockEnd(source: string, at: number): number {
  let line = skipEmptyLines(source, after(source, '\n', at));
  const indent = matchAt(/[ \t]*/y, source, line);
  if (indent === '') return source.length;
  while (source.startsWith(indent, line))
    line = skipEmptyLines(source, after(source, '\n', line + indent.length));
  const end = line + matchAt(/[ \t]*/y, source, line).length;
  return source.startsWith('|||', end) ? end + 3 : source.length;
}

function skipEmptyLines(source: string, at: number): number {
  return at + matchAt(/\n*/y, source, at).length;
}

function matchAt(pattern: RegExp, source: string, at: number): string {
  pattern.lastIndex = at;
  return pattern.exec(source)?.[0] ?? '';
}

function after(source: string, text: string, from: number): number {
  const at = source.indexOf(text, from);
  return at < 0 ? source.length : at + text.length;
}

const ESCAPES: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };

function literal(text: string): string {
  if (text.startsWith('@')) {
    const quote = text[1] as string;
    return text.slice(2, -1).replaceAll(quote + quote, quote);
  }
  return text
    .slice(1, -1)
    .replace(/\\(?:u([0-9a-fA-F]{4})|([\s\S]))/g, (_, hex?: string, char = '') =>
      hex === undefined ? (ESCAPES[char] ?? char) : String.fromCharCode(Number.parseInt(hex, 16)),
    );
}

function placeOf(source: string, at: number): { line: number; column: number } {
  const lines = source.slice(0, at).split('\n');
  return { line: lines.length, column: (lines.at(-1) ?? '').length + 1 };
}
