import type { Actor } from '../../domain/access.ts';
import type { Language } from '../../domain/localized.ts';
import type { RegistryView } from '../../domain/ports/registry.ts';
import type { Caller } from '../auth/caller.ts';
import type { ApiRoute, ROUTES, RouteAnswer, RouteBody, RouteParams, RouteQuery } from '../contract/routes.ts';

/** A request that has been authenticated, admitted and parsed by its route's description. */
export interface ApiRequest<K extends ApiRoute> {
  readonly params: RouteParams<K>;
  readonly query: RouteQuery<K>;
  readonly body: (typeof ROUTES)[K] extends { readonly streamed: true }
    ? StreamedUpload
    : (typeof ROUTES)[K] extends { readonly upload: readonly string[] }
      ? Upload
      : RouteBody<K>;
  /** From `If-Match`; 0 on routes without. */
  readonly version: number;
  readonly caller: Caller;
  /** Narrowed to what the route's permission allows. */
  readonly actor: Actor;
  /** The registry as this actor sees it. */
  readonly view: RegistryView;
  readonly language: Language;
  readonly connection: {
    readonly address: string;
    /** Where people reach the platform, e.g. `https://haidang.example`. */
    readonly origin: string;
    readonly secure: boolean;
    readonly hasBearer: boolean;
  };
  setCookie(cookie: string): void;
}

/** A file that was sent, in one of the route's media types. */
export interface Upload {
  readonly mediaType: string;
  readonly bytes: Buffer;
}

/** A file that is just being sent. */
export interface StreamedUpload {
  readonly mediaType: string;
  readonly bytes: AsyncIterable<Uint8Array>;
  /** As announced; `null`: not said. */
  readonly lengthBytes: number | null;
  /** Whether the sender went away before the end. */
  isBrokenOff(): boolean;
}

export interface FileAnswer {
  /** Sent as it lies on disk, however large. */
  readonly path: string;
  readonly fileName: string;
  readonly mediaType: string;
}

export interface RawAnswer {
  readonly bytes: Uint8Array;
  readonly fileName: string;
  /** Of bytes that we made ourselves; absent: bytes of strangers, of no known kind. */
  readonly mediaType?: string;
  /** Sent compressed to those who can read it. */
  readonly isCompressible?: true;
}

type Answer<K extends ApiRoute> = (typeof ROUTES)[K] extends { readonly bytes: true }
  ? Promise<RawAnswer | FileAnswer>
  : (typeof ROUTES)[K] extends { readonly status: 204 }
    ? Promise<void>
    : Promise<RouteAnswer<K>>;

export type Handler<K extends ApiRoute> = (request: ApiRequest<K>) => Answer<K>;
/** One handler for each of the routes named. */
export type Handlers<K extends ApiRoute> = { readonly [Key in K]: Handler<Key> };
