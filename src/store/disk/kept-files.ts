/** Bytes that a run left behind, into the store: streamed, under a temporary name until they are whole. */

import { createHash, randomBytes } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { access, constants, lstat, mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Transform, type TransformCallback } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { isErrno, syncFolder } from '../../platform/files.ts';
import { ARTIFACTS_FOLDER, artifactPath } from '../layout.ts';

/** Makes a file in `folder` under a temporary name; `write` fills it and answers the path that it then gets. */
export async function keepFile(
  folder: string,
  write: (temporary: string) => Promise<string>,
): Promise<void> {
  await mkdir(folder, { recursive: true });
  const temporary = join(folder, `.tmp-${randomBytes(6).toString('hex')}`);
  try {
    const target = await write(temporary);
    await syncFile(temporary);
    await mkdir(dirname(target), { recursive: true });
    await rename(temporary, target);
    await syncFolder(dirname(target));
  } finally {
    await rm(temporary, { force: true });
  }
}

/** Compresses captured output; a job that never started has none, and one that put something else in its place neither. */
export async function keepOutput(from: string, to: string): Promise<void> {
  await ifThere(async () => {
    if (!(await lstat(from)).isFile()) return;
    await keepFile(dirname(to), async (temporary) => {
      await pipeline(createReadStream(from), createGzip(), createWriteStream(temporary));
      return to;
    });
  });
}

/** Copies a file to the name of its content. Undefined when it is not there any more, or when we may not read it. */
export async function keepArtifact(
  from: string,
  store: string,
): Promise<{ readonly sha256: string; readonly bytes: number } | undefined> {
  if (!(await isReadable(from))) return undefined;
  const digest = new Digest();
  let sha256 = '';
  const kept = await ifThere(() =>
    keepFile(join(store, ARTIFACTS_FOLDER), async (temporary) => {
      await pipeline(createReadStream(from), digest, createWriteStream(temporary));
      sha256 = digest.sha256();
      return join(store, artifactPath(sha256));
    }),
  );
  return kept ? { sha256, bytes: digest.bytes } : undefined;
}

/** Passes bytes on and knows their digest at the end. The file is read once: it may change between two readings. */
class Digest extends Transform {
  readonly #hash = createHash('sha256');
  bytes = 0;

  override _transform(chunk: Buffer, _encoding: string, done: TransformCallback): void {
    this.#hash.update(chunk);
    this.bytes += chunk.length;
    done(null, chunk);
  }

  sha256(): string {
    return this.#hash.digest('hex');
  }
}

async function syncFile(path: string): Promise<void> {
  const file = await open(path, 'r');
  try {
    await file.datasync();
  } finally {
    await file.close();
  }
}

async function isReadable(path: string): Promise<boolean> {
  try {
    await access(path, constants.R_OK);
    return true;
  } catch {
    return false; // gone, or closed to us by the run: the others are kept all the same
  }
}

async function ifThere(work: () => Promise<void>): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (cause) {
    if (isErrno(cause, 'ENOENT')) return false;
    throw cause;
  }
}
