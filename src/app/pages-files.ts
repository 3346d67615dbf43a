/** Bytes that pages show or hand out: logs, artifacts, built reports, the style. No path here comes from a URL. */

import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable, Transform, type TransformCallback } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { attemptPlaces } from '../dispatcher/executors/attempt-folder.ts';
import type { RunId } from '../model/experiment.ts';
import { isErrno, namesIn } from '../platform/files.ts';
import { packageFile } from '../platform/package-files.ts';
import { artifactPath, logPath } from '../store/layout.ts';
import type { Workspace } from './workspace.ts';

/** Bytes that can be read in part. */
export interface Bytes {
  /** Changes whenever the bytes may have. */
  readonly version: string;
  size(): Promise<number>;
  /** From `start` to before `end`. Fails as a stream does. */
  read(start: number, end: number): Readable;
}

/** What an attempt printed: from the store when it ended, from its folder while it runs; undefined where neither is here. */
export async function logOf(
  { attempts }: Workspace,
  store: string,
  runId: RunId,
  attempt: number,
): Promise<Bytes | undefined> {
  return (
    (await gzipBytes(join(store, logPath(runId, attempt, 0)))) ??
    (await plainBytes(attemptPlaces(attempts, runId, attempt).output))
  );
}

/** The file in the store with this content; undefined when it is not there, or the digest is none. */
export async function artifactOf(store: string, sha256: string): Promise<Bytes | undefined> {
  return /^[0-9a-f]{64}$/.test(sha256) ? plainBytes(join(store, artifactPath(sha256))) : undefined;
}

/** The last bytes as text, without the first of its lines when that was cut; empty when it is gone meanwhile. */
export async function tailOf(bytes: Bytes, length: number): Promise<string> {
  try {
    const size = await bytes.size();
    const start = Math.max(0, size - length);
    const chunks: Buffer[] = await bytes.read(start, size).toArray();
    const text = Buffer.concat(chunks).toString();
    return start === 0 ? text : text.slice(text.indexOf('\n') + 1);
  } catch (cause) {
    if (isErrno(cause, 'ENOENT')) return '';
    throw cause;
  }
}

/** A page of the workspace's site. */
export interface BuiltReport {
  readonly name: string;
  readonly builtAt: Date;
  readonly bytes: number;
  read(): Promise<Buffer>;
}

/** The reports that were built, by name. */
export async function builtReports({ site }: Workspace): Promise<readonly BuiltReport[]> {
  const files = (await namesIn(site)).filter((name) => name.endsWith('.html')).sort();
  return Promise.all(
    files.map(async (file) => {
      const path = join(site, file);
      const { mtime, size } = await stat(path);
      const name = file.slice(0, -'.html'.length);
      return { name, builtAt: mtime, bytes: size, read: () => readFile(path) };
    }),
  );
}

/** The stylesheet of all pages: the report's, and what only pages have. */
export async function pageStyle(): Promise<{ readonly text: string; readonly version: string }> {
  const parts = await Promise.all(
    ['style.css', 'pages.css'].map((name) => readFile(packageFile(`src/web/${name}`), 'utf8')),
  );
  const text = parts.join('');
  return { text, version: createHash('sha256').update(text).digest('hex').slice(0, 16) };
}

async function plainBytes(path: string): Promise<Bytes | undefined> {
  const known = await statIfThere(path);
  if (known === undefined) return undefined;
  const { size, mtimeMs } = known;
  return {
    version: `${size}-${Math.round(mtimeMs)}`,
    size: async () => size,
    // `end` belongs to the part there: an empty part has none.
    read: (start, end) =>
      end > start ? createReadStream(path, { start, end: end - 1 }) : Readable.from([]),
  };
}

/** Decompressed as it is read: memory does not depend on the size, time does. */
async function gzipBytes(path: string): Promise<Bytes | undefined> {
  const known = await statIfThere(path);
  if (known === undefined) return undefined;
  const read = (part: Part) => {
    const source = createReadStream(path);
    // A failure destroys `part`, and whoever reads it hears of it there.
    pipeline(source, createGunzip(), part).catch((cause) => part.destroy(cause));
    return part;
  };
  return {
    version: `gz-${known.size}-${Math.round(known.mtimeMs)}`,
    size: async () => {
      const nothing = read(new Part(0, 0));
      for await (const _ of nothing);
      return nothing.seen;
    },
    read: (start, end) => read(new Part(start, end)),
  };
}

/** Passes on the bytes from `start` to before `end`, and counts all. */
class Part extends Transform {
  readonly #start: number;
  readonly #end: number;
  seen = 0;

  constructor(start: number, end: number) {
    super();
    this.#start = start;
    this.#end = end;
  }

  override _transform(chunk: Buffer, _encoding: string, done: TransformCallback): void {
    const at = this.seen;
    this.seen += chunk.length;
    const part = chunk.subarray(Math.max(0, this.#start - at), Math.max(0, this.#end - at));
    done(null, part.length > 0 ? part : undefined);
  }
}

async function statIfThere(path: string) {
  try {
    return await stat(path);
  } catch (cause) {
    if (isErrno(cause, 'ENOENT')) return undefined;
    throw cause;
  }
}
