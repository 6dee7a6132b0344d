import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

/**
 * LMDB files read without LMDB: it has no checksums, trusts every page number it finds, and reads through a memory map, so that a file
 * that was cut short or had bits flipped can end the process instead of giving an error. What is checked here it can open; what is broken can still be
 * searched for records.
 *
 * The format is that of `mdb.c` (data version 2): pages with a header of 24 bytes, two meta pages, B+ trees of branch and leaf pages, and runs of
 * overflow pages for large values. Little endian.
 */
const MAGIC = 0xbeefc0de;
const DATA_VERSION = 2;
/** Page number u64, transaction u64, spare u16, flags u16, then lower and upper bound of free space u16 each, or the length of an overflow run u32. */
const HEADER_BYTES = 24;
const BRANCH = 0x01;
const LEAF = 0x02;
const OVERFLOW = 0x04;
/** Data size (or, in a branch, page number) lo u16, hi u16; flags u16; key size u16; then key and data. */
const NODE_BYTES = 8;
const BIG_DATA = 0x01;
const SUB_DATABASE = 0x02;
/** What a node with {@link BIG_DATA} holds: page number, transaction, pages, u64 each. */
const OVERFLOW_REFERENCE_BYTES = 24;
/** A tree's record: spare u32, flags u16, depth u16, four counts u64, root page u64. */
const TREE_BYTES = 48;
const NO_PAGE = 0xffff_ffff_ffff_ffffn;
const DEEPEST = 32;

interface Node {
  readonly flags: number;
  readonly key: Buffer;
  /** Length of the value, wherever it lies. */
  readonly size: number;
  /** Inline value, or the reference to its pages. */
  readonly data: Buffer;
}

class BrokenError extends Error {}

class PageFile {
  readonly #descriptor: number;
  readonly bytes: number;
  pageBytes = 4_096;

  constructor(path: string) {
    this.#descriptor = openSync(path, 'r');
    this.bytes = fstatSync(this.#descriptor).size;
  }
  read(offset: number, length: number): Buffer {
    const buffer = Buffer.alloc(length);
    if (readSync(this.#descriptor, buffer, 0, length, offset) < length) {
      throw new BrokenError(`it ends at ${this.bytes} bytes, within what is in use`);
    }
    return buffer;
  }
  page(number: number): Buffer {
    return this.read(number * this.pageBytes, this.pageBytes);
  }
  close(): void {
    closeSync(this.#descriptor);
  }
}

const numberAt = (buffer: Buffer, offset: number): number => {
  const value = buffer.readBigUInt64LE(offset);
  // Larger is nonsense anyway, and must stay larger than everything.
  return value > BigInt(Number.MAX_SAFE_INTEGER) ? Number.MAX_SAFE_INTEGER : Number(value);
};

/** Nodes of a branch or leaf page. @throws {BrokenError} */
function nodesOf(page: Buffer, number: number): Node[] {
  const isBranch = page.readUInt16LE(18) === BRANCH;
  const lower = page.readUInt16LE(20);
  const upper = page.readUInt16LE(22);
  if (lower % 2 !== 0 || lower > upper || HEADER_BYTES + upper > page.length) {
    throw new BrokenError(`page ${number} has impossible bounds`);
  }
  return Array.from({ length: lower / 2 }, (_, i) => {
    const start = HEADER_BYTES + page.readUInt16LE(HEADER_BYTES + i * 2);
    if (start < HEADER_BYTES + upper || start + NODE_BYTES > page.length) {
      throw new BrokenError(`page ${number} points outside itself`);
    }
    const size = page.readUInt16LE(start) + page.readUInt16LE(start + 2) * 65_536;
    const flags = page.readUInt16LE(start + 4);
    const keyEnd = start + NODE_BYTES + page.readUInt16LE(start + 6);
    const inline = isBranch ? 0 : (flags & BIG_DATA) !== 0 ? OVERFLOW_REFERENCE_BYTES : size;
    if (keyEnd + inline > page.length) throw new BrokenError(`page ${number} holds a node longer than itself`);
    return {
      flags,
      size,
      key: page.subarray(start + NODE_BYTES, keyEnd),
      data: page.subarray(keyEnd, keyEnd + inline),
    };
  });
}

/**
 * What is wrong with the structure of an LMDB file, or `null`: every page of every tree is looked at, but not the values, which their owners check.
 * Reads all tree pages and the first page of each large value.
 */
export function findLmdbDamage(path: string): string | null {
  const file = new PageFile(path);
  try {
    check(file);
    return null;
  } catch (error) {
    if (error instanceof BrokenError) return error.message;
    throw error;
  } finally {
    file.close();
  }
}

function check(file: PageFile): void {
  const first = file.read(0, 512);
  const pageBytes = first.readUInt32LE(HEADER_BYTES + 24);
  if (first.readUInt32LE(HEADER_BYTES) !== MAGIC || first.readUInt32LE(HEADER_BYTES + 4) !== DATA_VERSION) {
    throw new BrokenError('it does not begin as an LMDB file does');
  }
  if (pageBytes < 512 || pageBytes > 65_536 || (pageBytes & (pageBytes - 1)) !== 0) {
    throw new BrokenError(`pages of ${pageBytes} bytes can't be`);
  }
  file.pageBytes = pageBytes;
  const metas = [first, file.page(1)].map((page) => page.subarray(HEADER_BYTES));
  for (const meta of metas) {
    if (meta.readUInt32LE(0) !== MAGIC || meta.readUInt32LE(24) !== pageBytes)
      throw new BrokenError('a meta page is broken');
  }
  const [even, odd] = metas as [Buffer, Buffer];
  const meta = numberAt(even, 128) > numberAt(odd, 128) ? even : odd;
  const lastPage = numberAt(meta, 120);
  const seen = new Set<number>();
  const claim = (number: number, pages: number): void => {
    if (number < 2 || number + pages - 1 > lastPage)
      throw new BrokenError(`page ${number} is outside the file's own bounds`);
    for (let i = 0; i < pages; i++) {
      if (seen.has(number + i)) throw new BrokenError(`page ${number + i} is in two places`);
      seen.add(number + i);
    }
  };
  const tree = (record: Buffer, kind: 'free' | 'main' | 'named'): void => {
    if (record.length < TREE_BYTES) throw new BrokenError('the record of a tree is too short');
    if (record.readBigUInt64LE(40) !== NO_PAGE) walk(numberAt(record, 40), 0, kind);
  };
  const walk = (number: number, depth: number, kind: 'free' | 'main' | 'named'): void => {
    if (depth > DEEPEST) throw new BrokenError('a tree is too deep');
    claim(number, 1);
    const page = file.page(number);
    if (numberAt(page, 0) !== number) throw new BrokenError(`page ${number} says it is another`);
    const flags = page.readUInt16LE(18);
    if (flags !== BRANCH && flags !== LEAF) throw new BrokenError(`page ${number} is of no known kind`);
    let previous: Buffer | null = null;
    for (const [i, node] of nodesOf(page, number).entries()) {
      // A branch's first key is left empty. The tree of free pages is ordered as numbers, the others byte by byte.
      if (flags === LEAF || i > 0) {
        const inOrder = node.key.length > 0 && (kind === 'free' || previous === null || previous.compare(node.key) < 0);
        if (!inOrder) throw new BrokenError(`keys of page ${number} are out of order`);
        previous = node.key;
      }
      // A branch's page number is 48 bits: the flags are its top ones.
      if (flags === BRANCH) walk(node.size + node.flags * 2 ** 32, depth + 1, kind);
      else if ((node.flags & BIG_DATA) !== 0) overflow(node);
      else if (kind === 'main' && (node.flags & SUB_DATABASE) !== 0) tree(node.data, 'named');
    }
  };
  const overflow = ({ data, size }: Node): void => {
    const number = numberAt(data, 0);
    const pages = Math.ceil((HEADER_BYTES + size) / pageBytes);
    claim(number, pages);
    const head = file.read(number * pageBytes, HEADER_BYTES);
    if (numberAt(head, 0) !== number || (head.readUInt16LE(18) & OVERFLOW) === 0 || head.readUInt32LE(20) < pages) {
      throw new BrokenError(`the value at page ${number} is not there`);
    }
    if ((number + pages) * pageBytes > file.bytes)
      throw new BrokenError(`it ends at ${file.bytes} bytes, within what is in use`);
  };
  tree(meta.subarray(24, 24 + TREE_BYTES), 'free');
  tree(meta.subarray(24 + TREE_BYTES, 24 + 2 * TREE_BYTES), 'main');
}

/**
 * Everything that looks like a record in a file, however broken, current or removed long ago, in no order and maybe more than once: whoever asks must
 * be able to tell by a checksum which are whole.
 */
export function* searchLmdbFile(path: string): Generator<{ readonly key: Buffer; readonly value: Buffer }> {
  const file = new PageFile(path);
  try {
    const said = file.bytes >= 512 ? file.read(0, 512).readUInt32LE(HEADER_BYTES + 24) : 0;
    if ([512, 1_024, 2_048, 4_096, 8_192, 16_384, 32_768, 65_536].includes(said)) file.pageBytes = said;
    for (let number = 2; (number + 1) * file.pageBytes <= file.bytes; number++) {
      const page = file.page(number);
      if (numberAt(page, 0) !== number || page.readUInt16LE(18) !== LEAF) continue;
      let nodes: Node[];
      try {
        nodes = nodesOf(page, number);
      } catch {
        continue;
      }
      for (const { flags, key, size, data } of nodes) {
        if ((flags & BIG_DATA) === 0) {
          yield { key, value: data };
          continue;
        }
        const start = numberAt(data, 0) * file.pageBytes + HEADER_BYTES;
        if (start + size <= file.bytes) yield { key, value: file.read(start, size) };
      }
    }
  } finally {
    file.close();
  }
}
