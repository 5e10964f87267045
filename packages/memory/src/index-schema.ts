import type { RecordKind } from '@signalbox/core'

/** Raised whenever a table or what is put into one changes: an index of another version is deleted and built anew. */
export const SCHEMA_VERSION = 1

/**
 * Tables of the index. `records` has one row per file, those that cannot be parsed included. `words` holds no text, only which
 * words occur in which record; it collects 16 MiB before it writes, which halves the time of a rebuild against its own 1 MiB.
 */
export const schema = `
create table records (
  place integer primary key,
  path text not null unique,
  kind text not null,
  stamp text not null,
  racy integer not null,
  quarantined integer not null,
  id text,
  title text,
  status text,
  at text
);
create index records_by_id on records (id);
create table edges (
  target text not null,
  relation text not null,
  place integer not null,
  primary key (target, relation, place)
) without rowid;
create index edges_by_place on edges (place);
create virtual table words using fts5 (title, body, content='', contentless_delete=1, tokenize='unicode61', prefix='3');
insert into words (words, rank) values ('hashsize', ${16 * 1024 * 1024});
pragma user_version = ${SCHEMA_VERSION};
`

/** Row of `records`; `id` and what follows are null for a file that cannot be parsed. */
export interface RecordRow {
  /** Row id here and in `words`: newer records have higher ones. */
  readonly place: number
  readonly path: string
  readonly kind: RecordKind
  /** What `stat` said when the file was read; another stamp means that the content may be another. */
  readonly stamp: string
  /** 1 when the file was so young when it was read that a later write could leave the same stamp. */
  readonly racy: number
  /** 1 for a file that is no record, or not the only one of its id: listed elsewhere, never found here. */
  readonly quarantined: number
  readonly id: string | null
  readonly title: string | null
  readonly status: string | null
  readonly at: string | null
}

/** One record, by its place, points at `target`. */
export interface EdgeRow {
  readonly target: string
  readonly relation: string
  readonly place: number
}

/** The tables as kysely knows them. */
export interface IndexTables {
  readonly records: RecordRow
  readonly edges: EdgeRow
  readonly words: { readonly rowid: number; readonly words: string }
}
