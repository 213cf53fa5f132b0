// What sets without conditions call: the common case, in fewer and lighter statements than those of
// write_many.
//
// Functions are made anew with every format version: whoever changes one raises format_version.
#include "schema.hpp"

namespace holdfast::postgresql {

const char* const set_functions = R"sql(
-- Sets at addresses that differ from one another and come in their order; p_places say where each
-- stood in the batch, from 1 on, and p_ttls may be null. Nothing is held before it is written: what
-- was found is written if it is still what was found, and an entry that another one makes meanwhile
-- is a violation of a key. Gives, and leaves in the session: the instant, how many expired entries
-- were replaced, how many entries are new, the revisions taken (each stands for 1,024, the last one
-- for the end of the batch), and, where some are new and others not, the places of the new ones.
CREATE OR REPLACE FUNCTION @schema@.set_many(
  p_session bigint, p_nonce bigint, p_durable boolean, p_now bigint, p_floor bigint,
  p_namespaces text[], p_keys text[], p_values text[], p_ttls bigint[], p_places bigint[])
RETURNS bigint[] LANGUAGE plpgsql AS $$
DECLARE
  v_now bigint := @schema@.instant(p_now, p_floor);
  v_count integer := cardinality(p_keys);
  v_results bigint[];
  v_namespaces text[];
  v_entries bigint[];
  v_bytes bigint[];
  v_found bigint;
  v_updated bigint;
BEGIN
  PERFORM @schema@.enter_write(p_durable);
  PERFORM @schema@.use_indexes();
  -- Revisions are taken once the statement sees what it sees, so that they rise with the writes of
  -- an entry.
  WITH taken AS MATERIALIZED (
    SELECT ARRAY(SELECT nextval('@schema@.revision')
      FROM generate_series(1, (v_count + 1023) / 1024)) AS rows
  ), given AS MATERIALIZED (
    SELECT a.namespace, a.key, a.value, a.place, v_now + a.ttl AS expires_at,
      octet_length(a.namespace) + octet_length(a.key) + octet_length(a.value) AS size,
      t.rows[cardinality(t.rows) - (v_count - a.place) / 1024] - (v_count - a.place) % 1024
        AS revision,
      e.tid, e.old_revision, e.old_size, e.live
    FROM taken t, unnest(p_namespaces, p_keys, p_values, p_ttls, p_places)
      AS a(namespace, key, value, ttl, place)
    LEFT JOIN LATERAL (
      SELECT s.ctid AS tid, s.revision AS old_revision, s.size AS old_size,
        (s.expires_at IS NULL OR s.expires_at > v_now) AS live
      FROM @schema@.entry s WHERE s.namespace = a.namespace AND s.key = a.key OFFSET 0) e ON true
  ), updated AS (
    UPDATE @schema@.entry e SET revision = g.revision, updated_at = v_now, size = g.size,
        value = g.value, expires_at = g.expires_at,
        created_revision = CASE WHEN g.live THEN e.created_revision ELSE g.revision END,
        created_at = CASE WHEN g.live THEN e.created_at ELSE v_now END
      FROM given g WHERE g.tid IS NOT NULL AND e.ctid = g.tid AND e.revision = g.old_revision
      RETURNING 1
  ), inserted AS (
    INSERT INTO @schema@.entry
      SELECT g.namespace, g.key, g.revision, g.revision, v_now, v_now, g.expires_at, g.size, g.value
      FROM given g WHERE g.tid IS NULL
  ), grown AS (
    SELECT g.namespace, count(*) - count(g.tid) AS entries,
      sum(g.size - coalesce(g.old_size, 0))::bigint AS bytes
    FROM given g GROUP BY g.namespace
  )
  SELECT ARRAY[v_now, count(*) FILTER (WHERE NOT g.live),
      count(*) FILTER (WHERE g.live IS NOT TRUE)] || (SELECT t.rows FROM taken t) ||
      CASE WHEN count(*) FILTER (WHERE g.live) NOT IN (0, v_count)
        THEN array_agg(g.place) FILTER (WHERE g.live IS NOT TRUE) END,
    count(g.tid), (SELECT count(*) FROM updated),
    ARRAY(SELECT w.namespace FROM grown w ORDER BY w.namespace),
    ARRAY(SELECT w.entries FROM grown w ORDER BY w.namespace),
    ARRAY(SELECT w.bytes FROM grown w ORDER BY w.namespace)
  INTO v_results, v_found, v_updated, v_namespaces, v_entries, v_bytes
  FROM given g;
  IF v_updated <> v_found THEN
    RAISE EXCEPTION 'others have written meanwhile' USING ERRCODE = '40001';
  END IF;
  PERFORM @schema@.add_tally(t.namespace, t.entries, t.bytes)
    FROM unnest(v_namespaces, v_entries, v_bytes) AS t(namespace, entries, bytes)
    WHERE t.entries <> 0 OR t.bytes <> 0;
  PERFORM @schema@.leave_write(p_session, p_nonce, v_results);
  RETURN v_results;
END $$;

-- Before new entries are copied in, in the same transaction: the instant, and revisions, each of
-- which stands for 1,024, the last one for the end of the batch.
CREATE OR REPLACE FUNCTION @schema@.begin_copy(
  p_durable boolean, p_now bigint, p_floor bigint, p_count bigint)
RETURNS bigint[] LANGUAGE plpgsql AS $$
BEGIN
  PERFORM @schema@.enter_write(p_durable);
  RETURN ARRAY[@schema@.instant(p_now, p_floor)] || ARRAY(SELECT nextval('@schema@.revision')
    FROM generate_series(1, (p_count + 1023) / 1024));
END $$;

-- After it. p_results are what set_many would give.
CREATE OR REPLACE FUNCTION @schema@.end_copy(
  p_session bigint, p_nonce bigint, p_namespaces text[], p_entries bigint[], p_bytes bigint[],
  p_results bigint[])
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM @schema@.add_tally(t.namespace, t.entries, t.bytes)
    FROM unnest(p_namespaces, p_entries, p_bytes) AS t(namespace, entries, bytes);
  PERFORM @schema@.leave_write(p_session, p_nonce, p_results);
END $$;
)sql";

}  // namespace holdfast::postgresql
