// Reads the table of docs/architecture.md and checks every import under src/ against it; also the length of files.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path/posix';

const DOCUMENT = 'docs/architecture.md';
const MAX_LINES = 300;
const IMPORT =
  /^\s*(?:import|export)\s[^;'"()=]*?\bfrom\s*['"]([^'"]+)['"]|^\s*import\s*['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]\s*\)/gm;
const ROW = /^\| `src\/([^`]+)` +\|[^|\n]*\| (.*?) *\|$/gm;

const rules = new Map(
  [...readFileSync(DOCUMENT, 'utf8').matchAll(ROW)].map(([, folder = '', allowed = '']) => [
    folder,
    [...allowed.matchAll(/`([^`]+)`/g)].map((match) => match[1] as string),
  ]),
);

/** The longest row that the path lies under. */
function homeOf(path: string): string | undefined {
  const rows = [...rules.keys()].filter(
    (folder) => path === folder || path.startsWith(`${folder}/`),
  );
  return rows.sort((a, b) => b.length - a.length)[0];
}

function isAllowed(home: string, specifier: string, file: string): boolean {
  const allowed = rules.get(home) ?? [];
  if (specifier.startsWith('.')) {
    const target = homeOf(join(dirname(file), specifier));
    return target === home || (target !== undefined && allowed.includes(target));
  }
  if (specifier.startsWith('node:'))
    return allowed.includes('node:') || allowed.includes(specifier);
  return allowed.some((name) => specifier === name || specifier.startsWith(`${name}/`));
}

function problemsOf(file: string): string[] {
  const home = homeOf(file);
  if (home === undefined) return [`src/${file}: its folder has no row in ${DOCUMENT}`];
  const text = readFileSync(join('src', file), 'utf8');
  const specifiers = [...text.matchAll(IMPORT)].map(
    (match) => match[1] ?? match[2] ?? match[3] ?? '',
  );
  const lines = text.split('\n').length;
  return [
    ...specifiers
      .filter((specifier) => !isAllowed(home, specifier, file))
      .map(
        (specifier) =>
          `src/${file}: src/${home} may not import ${specifier}. Allowed: ${rules.get(home)?.join(', ') || 'nothing'} (${DOCUMENT})`,
      ),
    ...(lines > MAX_LINES ? [`src/${file}: ${lines} lines; the limit is ${MAX_LINES}`] : []),
  ];
}

const files = readdirSync('src', { recursive: true })
  .map(String)
  .filter(
    (file) => file.endsWith('.ts') && !file.endsWith('.test.ts') && !file.endsWith('.generated.ts'),
  );
const problems = files.flatMap(problemsOf);
for (const problem of problems) process.stderr.write(`${problem}\n`);
if (rules.size === 0 || files.length === 0)
  process.stderr.write(`no rules in ${DOCUMENT}, or no files in src/\n`);
process.exitCode = problems.length > 0 || rules.size === 0 || files.length === 0 ? 1 : 0;
