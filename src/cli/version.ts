import { readFileSync } from 'node:fs';
import { packageFile } from '../platform/package-files.ts';

/** The version in package.json. */
export function readPackageVersion(): string {
  const { version } = JSON.parse(readFileSync(packageFile('package.json'), 'utf8')) as {
    version: string;
  };
  return version;
}
