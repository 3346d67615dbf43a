import { resolve } from 'node:path';
import { buildSite } from '../app/build-site.ts';
import { print, printJson } from './output.ts';
import type { Verb } from './verbs.ts';
import { readPackageVersion } from './version.ts';

/** Builds the reports asked for; prints the path of each page. */
export const run: Verb = async ([name], { out, commit, json }) => {
  const reports = await buildSite(process.cwd(), {
    name,
    commit: commit === undefined ? undefined : String(commit),
    out: out === undefined ? undefined : resolve(String(out)),
    version: readPackageVersion(),
  });
  if (json) printJson(reports);
  else for (const { path } of reports) print(`report: ${path}`);
  return 0;
};
