import { readFile } from 'node:fs/promises';
import { packageFile } from '../../platform/package-files.ts';

const NAMES = ['defs', 'experiment', 'project', 'runner', 'report'] as const;

/** The shipped JSON Schemas, for `makeValidator`. */
export async function readSchemas(): Promise<readonly object[]> {
  return Promise.all(
    NAMES.map(async (name) =>
      JSON.parse(await readFile(packageFile(`schemas/${name}.schema.json`), 'utf8')),
    ),
  );
}
