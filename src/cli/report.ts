import { resolve } from 'node:path';
import { buildSite } from '../app/build-site.ts';
import { describeError, print, printJson, say } from './output.ts';
import type { Verb } from './verbs.ts';
import { readPackageVersion } from './version.ts';

/** Builds the reports asked for and prints the path of each page; 2 when something of them could not be made. */
export const run: Verb = async ([name], { out, commit, json }) => {
  const { built, broken } = await buildSite(process.cwd(), {
    name,
    commit: commit === undefined ? undefined : String(commit),
    out: out === undefined ? undefined : resolve(String(out)),
    version: readPackageVersion(),
  });
  if (json) printJson(built);
  else for (const { path } of built) print(`report: ${path}`);
  for (const { name: page, problems } of built)
    for (const problem of problems) say(`${page}: ${problem}`);
  for (const [page, error] of broken) say(`${page}: not built\n${describeError(error)}`);
  return broken.size > 0 || built.some(({ problems }) => problems.length > 0) ? 2 : 0;
};
