import { randomBytes } from 'node:crypto';
import {
  chmod,
  type FileHandle,
  link,
  mkdir,
  open,
  readdir,
  readFile,
  rename,
  rm,
} from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** Writes the whole file or nothing, and for ever: temporary name, fsync, rename, fsync of the folder. Makes the folder. */
export async function writeFileAtomic(path: string, content: string | Uint8Array): Promise<void> {
  await replaceFile(path, content, true);
  await syncFolder(dirname(path));
}

/**
 * Writes the whole file or nothing, as every reader sees it, now and after a kill of this process. After a power cut
 * it may be the old one. Makes the folder.
 */
export async function writeFileWhole(path: string, content: string | Uint8Array): Promise<void> {
  await replaceFile(path, content, false);
}

/** Makes the file with its whole content; false, and nothing changed, when it is there already. Makes the folder. */
export async function writeFileOnce(path: string, content: string): Promise<boolean> {
  const temporary = `${path}.${randomBytes(6).toString('hex')}`;
  const file = await openNew(temporary);
  try {
    await file.writeFile(content);
    await link(temporary, path);
    return true;
  } catch (cause) {
    if (isErrno(cause, 'EEXIST')) return false;
    throw cause;
  } finally {
    await file.close();
    await rm(temporary, { force: true });
  }
}

async function replaceFile(
  path: string,
  content: string | Uint8Array,
  isDurable: boolean,
): Promise<void> {
  const temporary = join(dirname(path), `.tmp-${randomBytes(6).toString('hex')}`);
  try {
    const file = await openNew(temporary);
    try {
      await file.writeFile(content);
      if (isDurable) await file.datasync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (cause) {
    await rm(temporary, { force: true });
    throw cause;
  }
}

/** Most often the folder is there: it is made only when it is not. */
async function openNew(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'wx');
  } catch (cause) {
    if (!isErrno(cause, 'ENOENT')) throw cause;
    await mkdir(dirname(path), { recursive: true });
    return open(path, 'wx');
  }
}

/** Makes names that were created, renamed or removed in the folder survive a power cut. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** The file's text, undefined where there is no such file. */
export async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    if (isErrno(cause, 'ENOENT') || isErrno(cause, 'ENOTDIR')) return undefined;
    throw cause;
  }
}

/** The file's value; undefined where there is none, or (after a power cut) nothing that can be read. */
export async function readJsonIfThere<T>(path: string): Promise<T | undefined> {
  const text = await readIfThere(path);
  try {
    return text === undefined ? undefined : (JSON.parse(text) as T);
  } catch {
    return undefined; // written whole or not at all, but for a power cut
  }
}

/** What is in the folder, temporary files left out; nothing when there is no such folder. */
export async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return (await readdir(folder)).filter((name) => !name.startsWith('.tmp-'));
  } catch (cause) {
    if (isErrno(cause, 'ENOENT')) return [];
    throw cause;
  }
}

/** The same, and nothing where somebody put a file in the folder's place. */
export async function namesInFolder(folder: string): Promise<readonly string[]> {
  try {
    return await namesIn(folder);
  } catch (cause) {
    if (isErrno(cause, 'ENOTDIR')) return [];
    throw cause;
  }
}

/** True for a system error with this code. */
export function isErrno(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}

/** Removes a folder with everything in it, also what a job closed to itself: package caches are read-only, for one. */
export async function removeTree(folder: string): Promise<void> {
  try {
    await rm(folder, { recursive: true, force: true });
  } catch (cause) {
    if (!isErrno(cause, 'EACCES') && !isErrno(cause, 'EPERM')) throw cause;
    await openFolders(folder);
    await rm(folder, { recursive: true, force: true });
  }
}

async function openFolders(folder: string): Promise<void> {
  await chmod(folder, 0o700);
  for (const entry of await readdir(folder, { withFileTypes: true }))
    if (entry.isDirectory()) await openFolders(join(folder, entry.name));
}
