/** How far the draft on the screen is kept. */
export type Keeping =
  /** Everything typed is on the server. */
  | 'kept'
  /** Typed, and about to be sent, or on its way. */
  | 'waiting'
  /** The server could not be reached; it is kept on this machine and tried again. */
  | 'unreachable'
  /** Somebody else saved another version meanwhile: a person has to choose. */
  | 'conflict'
  /** The server won't have it. */
  | 'refused';

export interface Kept<Server> {
  readonly keeping: Keeping;
  /** As the server has it; `null` before it has anything. */
  readonly server: Server | null;
  readonly error: unknown;
}

export interface KeeperDeps<Content, Server> {
  readonly create: (content: Content) => Promise<Server>;
  readonly save: (server: Server, content: Content) => Promise<Server>;
  /** What an error of these two means for the edit. */
  readonly meaningOf: (error: unknown) => 'unreachable' | 'conflict' | 'refused';
  /** The newest edit that the server has not confirmed, on this machine: it outlives a closed tab. */
  readonly backup: { write(content: Content): void; drop(): void };
  /** Calls back once; the function given back calls that off. */
  readonly later: (run: () => void, ms: number) => () => void;
}

/** People pause for longer than this between thoughts, not between keys. */
const PAUSE_MS = 700;
const AGAIN_MS = 5_000;

/**
 * Brings what is typed to the server, one save at a time and the newest only. Nothing typed is ever given up: what can't be sent stays in the
 * backup until it can.
 */
export class DraftKeeper<Content, Server> {
  readonly #deps: KeeperDeps<Content, Server>;
  readonly #listeners = new Set<() => void>();
  #kept: Kept<Server>;
  /** Not confirmed yet. */
  #unsaved: { readonly content: Content } | null = null;
  #sending: Promise<void> | null = null;
  #callOff: () => void = () => {};

  constructor(deps: KeeperDeps<Content, Server>, server: Server | null) {
    this.#deps = deps;
    this.#kept = { keeping: 'kept', server, error: null };
  }

  readonly get = (): Kept<Server> => this.#kept;
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Takes the newest state of the draft. */
  edit(content: Content): void {
    this.#unsaved = { content };
    this.#deps.backup.write(content);
    if (this.#kept.keeping === 'conflict') return;
    this.#set({ keeping: 'waiting' });
    this.#soon(PAUSE_MS);
  }

  /** Sends now what waits. Afterwards everything is kept, or `keeping` says why not. */
  async flush(): Promise<Kept<Server>> {
    this.#callOff();
    while (this.#unsaved !== null && this.#kept.keeping !== 'conflict') {
      this.#sending ??= this.#send(this.#unsaved).finally(() => {
        this.#sending = null;
      });
      await this.#sending;
      if (this.#kept.keeping !== 'waiting' && this.#kept.keeping !== 'kept') break;
    }
    return this.#kept;
  }

  /** Ends a conflict: this edit goes over what is on the server now, `theirs`. */
  overwrite(theirs: Server): Promise<Kept<Server>> {
    this.#set({ keeping: 'waiting', server: theirs, error: null });
    return this.flush();
  }
  /** Gives up what is not saved: the person chose what the server has. */
  forget(server: Server | null): void {
    this.#callOff();
    this.#unsaved = null;
    this.#deps.backup.drop();
    this.#set({ keeping: 'kept', server, error: null });
  }
  /** Stops trying; what is unsaved stays in the backup. */
  close(): void {
    this.#callOff();
    this.#listeners.clear();
  }

  async #send(sent: { readonly content: Content }): Promise<void> {
    const { server } = this.#kept;
    try {
      const next = await (server === null ? this.#deps.create(sent.content) : this.#deps.save(server, sent.content));
      // Typed on meanwhile: that is still to be sent.
      const isNewest = this.#unsaved === sent;
      if (isNewest) {
        this.#unsaved = null;
        this.#deps.backup.drop();
      }
      this.#set({ keeping: isNewest ? 'kept' : 'waiting', server: next, error: null });
    } catch (error) {
      const keeping = this.#deps.meaningOf(error);
      this.#set({ keeping, error });
      if (keeping === 'unreachable') this.#soon(AGAIN_MS);
    }
  }
  #soon(ms: number): void {
    this.#callOff();
    this.#callOff = this.#deps.later(() => void this.flush(), ms);
  }
  #set(next: Partial<Kept<Server>>): void {
    this.#kept = { ...this.#kept, ...next };
    for (const listener of this.#listeners) listener();
  }
}
