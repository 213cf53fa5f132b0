// The tables of a store. A released step never changes: a new format is a new step behind it.
#include "schema.hpp"

namespace holdfast::postgresql {

const std::array<const char*, format_version> table_steps = {
    // 0 to 1.
    R"sql(
CREATE TABLE @schema@.store (         -- one row
  id integer PRIMARY KEY CHECK (id = 1),
  format_version integer NOT NULL,
  change_log boolean NOT NULL,        -- whether removals leave tombstones
  restored_only boolean NOT NULL      -- whether nothing but restore has written
);
INSERT INTO @schema@.store VALUES (1, 1, false, true);

-- Revisions. A crash of the server can take back those that were given without a synchronous
-- commit; the row in `running`, which an unlogged table loses in every crash, tells that it has
-- happened, and the sequence then goes on far above (function recover).
-- Each number stands for itself and the 1,023 before it, so that a batch has its revisions in a
-- row, with nobody else's among them.
CREATE SEQUENCE @schema@.revision INCREMENT 1024 MINVALUE 0 START 0;
SELECT nextval('@schema@.revision');
CREATE UNLOGGED TABLE @schema@.running (yes boolean PRIMARY KEY CHECK (yes));
INSERT INTO @schema@.running VALUES (true);

CREATE TABLE @schema@.entry (
  namespace text COLLATE "C" NOT NULL,
  key text COLLATE "C" NOT NULL,
  revision bigint NOT NULL,
  created_revision bigint NOT NULL,
  created_at bigint NOT NULL,         -- milliseconds since 1970-01-01T00:00:00Z, as all times
  updated_at bigint NOT NULL,
  expires_at bigint,
  size integer NOT NULL,              -- bytes of namespace, key and value
  value text COLLATE "C" NOT NULL,    -- JSON
  PRIMARY KEY (namespace, key)
);
CREATE UNIQUE INDEX entry_by_created ON @schema@.entry (namespace, created_revision);
CREATE UNIQUE INDEX entry_by_updated ON @schema@.entry (namespace, revision);
CREATE UNIQUE INDEX entry_by_revision ON @schema@.entry (revision);
CREATE INDEX entry_by_expiry ON @schema@.entry (expires_at, namespace, size)
  WHERE expires_at IS NOT NULL;

-- Entries and bytes of each namespace, expired ones that were not reclaimed included: the sum of
-- its rows. A writer adds to a row that no other transaction holds, and makes one where all are
-- held, so that writers of one namespace do not wait for each other here.
CREATE TABLE @schema@.tally (
  namespace text COLLATE "C" NOT NULL,
  part bigint NOT NULL,               -- at random
  entries bigint NOT NULL,
  bytes bigint NOT NULL,
  PRIMARY KEY (namespace, part)
) WITH (fillfactor = 50);

-- One row for each connection that writes. A write leaves its number and its results here, in its
-- own transaction, so that its outcome can be told when the connection was lost on the way
-- (function settle).
CREATE TABLE @schema@.session (
  id bigint PRIMARY KEY,              -- at random
  nonce bigint NOT NULL,              -- of the last write
  fenced boolean NOT NULL,            -- whether no write may follow
  results bigint[],
  used_at bigint NOT NULL
) WITH (fillfactor = 50);

-- Where entries went, with the change log on. One that is older than the entry that lies there now
-- is without meaning.
CREATE TABLE @schema@.tombstone (
  revision bigint PRIMARY KEY,
  namespace text COLLATE "C" NOT NULL,
  key text COLLATE "C" NOT NULL
);
CREATE INDEX tombstone_by_address ON @schema@.tombstone (namespace, key);

CREATE TABLE @schema@.indexed_path (  -- paths that equality filters find by an index
  path text COLLATE "C" PRIMARY KEY,
  index_name text NOT NULL
);

CREATE VIEW @schema@.entries AS       -- for people
SELECT namespace, key, value, revision, created_revision,
  to_timestamp(created_at / 1000.0) AS created_at,
  to_timestamp(updated_at / 1000.0) AS updated_at,
  to_timestamp(expires_at / 1000.0) AS expires_at
FROM @schema@.entry;
)sql",
    // 1 to 2.
    R"sql(
CREATE TABLE @schema@.note (          -- what the library's tools keep beside the entries
  name text COLLATE "C" PRIMARY KEY,
  text text NOT NULL
);
-- Functions that took other arguments.
DROP FUNCTION IF EXISTS @schema@.clear(
  bigint, bigint, boolean, bigint, bigint, text[], text[]);
DROP FUNCTION IF EXISTS @schema@.restore(
  bigint, bigint, boolean, bigint, bigint, bigint, bigint, bigint, boolean, text[], text[], text[],
  bigint[], bigint[], bigint[], bigint[], bigint[]);
)sql",
    // 2 to 3.
    R"sql(
-- Rises with each change of what is configured for searching; 0: nothing ever was.
ALTER TABLE @schema@.store ADD COLUMN search_generation bigint NOT NULL DEFAULT 0;

CREATE TABLE @schema@.search_configuration (
  namespace text COLLATE "C" PRIMARY KEY,
  config text NOT NULL,               -- JSON
  version text NOT NULL,              -- of what made the index
  stale boolean NOT NULL              -- whether another version has written since
);

CREATE TABLE @schema@.search_namespace (  -- those that have had documents
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,  -- never given again
  namespace text COLLATE "C" NOT NULL UNIQUE
);

-- What a search finds of an entry. Its terms have their namespace's number and a space before
-- them, so that what is looked up by a term lies in one namespace.
CREATE TABLE @schema@.search_document (
  namespace_id bigint NOT NULL,
  created_revision bigint NOT NULL,
  lengths bytea NOT NULL,             -- of its fields
  terms text[] COLLATE "C" NOT NULL,
  counts bytea[] NOT NULL,            -- of each term
  PRIMARY KEY (namespace_id, created_revision)
);
CREATE INDEX search_document_by_term ON @schema@.search_document USING gin (terms)
  WITH (fastupdate = off);            -- else a search would read what was put off
-- No samples of what somebody wrote in the planner's statistics.
ALTER TABLE @schema@.search_document ALTER lengths SET STATISTICS 0, ALTER terms SET STATISTICS 0,
  ALTER counts SET STATISTICS 0;

-- Of each entry with a text to be embedded, its vector. What is kept in the row's place has a
-- greater id, and within a namespace ids come to be seen in their order (function
-- search_put_vectors), so that a reader has all up to the greatest that it saw.
CREATE TABLE @schema@.search_vector (
  id bigint GENERATED ALWAYS AS IDENTITY,
  namespace_id bigint NOT NULL,
  created_revision bigint NOT NULL,
  text_hash bytea NOT NULL,           -- of the text that it is made of
  vector bytea,                       -- NULL: it is awaited
  PRIMARY KEY (namespace_id, created_revision)
);
CREATE UNIQUE INDEX search_vector_by_id ON @schema@.search_vector (namespace_id, id)
  WHERE vector IS NOT NULL;
CREATE INDEX search_vector_awaited ON @schema@.search_vector (namespace_id, created_revision)
  WHERE vector IS NULL;
ALTER TABLE @schema@.search_vector ALTER vector SET STORAGE EXTERNAL, ALTER vector SET STATISTICS 0,
  ALTER text_hash SET STATISTICS 0;
)sql",
    // 3 to 4. There are functions for sets; no table has changed.
    "SELECT 1",
    // 4 to 5. Functions alone have changed.
    "SELECT 1",
};

}  // namespace holdfast::postgresql
