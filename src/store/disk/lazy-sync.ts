/** What was written survives a power cut after this at the latest; a kill of the process it survives at once. */
const SYNC_AFTER_MS = 500;

/** Syncs a file soon after it was written to: many writes share one sync, and none waits for it. */
export class LazySync {
  readonly #sync: () => Promise<void>;
  #timer: NodeJS.Timeout | undefined;
  #syncing: Promise<void> = Promise.resolve();
  #failure: unknown;

  constructor(sync: () => Promise<void>) {
    this.#sync = sync;
  }

  /** The file was written to. @throws what an earlier sync failed with: nobody knows what the disk holds */
  wrote(): void {
    if (this.#failure !== undefined) throw this.#failure;
    this.#timer ??= setTimeout(() => void this.flush(), SYNC_AFTER_MS).unref();
  }

  /** Syncs now what is not synced yet. A failure is kept for the next `wrote`. */
  async flush(): Promise<void> {
    if (this.#timer !== undefined) {
      clearTimeout(this.#timer);
      this.#timer = undefined;
      this.#syncing = this.#syncing.then(this.#sync).catch((cause) => {
        this.#failure ??= cause;
      });
    }
    await this.#syncing;
  }
}
