// The functions that clear, sweep and restore call: one round trip each, and one transaction.
//
// Functions are made anew with every format version: whoever changes one raises format_version.
// Codes of operations, conditions and statuses are those of WriteOp::Kind, Precondition::Kind and
// WriteStatus, and those of WriteRefusal (write_call.hpp).
#include "schema.hpp"

namespace holdfast::postgresql {

const char* const bulk_functions = R"sql(
-- Erases every entry whose namespace lies in one of the ranges (first included, end excluded).
CREATE OR REPLACE FUNCTION @schema@.clear(
  p_session bigint, p_nonce bigint, p_durable boolean, p_now bigint, p_floor bigint,
  p_firsts text[], p_ends text[], OUT instant bigint, OUT cleared bigint, OUT reclaimed bigint)
LANGUAGE plpgsql AS $$
DECLARE
  v_change_log boolean;
  v_restored_only boolean;
  v_gone bigint := 0;
  v_group record;
BEGIN
  instant := @schema@.instant(p_now, p_floor);
  cleared := 0;
  SELECT w.change_log, w.restored_only INTO v_change_log, v_restored_only
    FROM @schema@.enter_write(p_durable) w;
  PERFORM @schema@.use_indexes();
  FOR i IN 1 .. array_length(p_firsts, 1) LOOP
    FOR v_group IN
      WITH gone AS (
        DELETE FROM @schema@.entry e WHERE e.namespace >= p_firsts[i] AND e.namespace < p_ends[i]
        RETURNING e.namespace, e.key, e.size,
                  (e.expires_at IS NULL OR e.expires_at > instant) AS live
      ), dead AS (
        INSERT INTO @schema@.tombstone
        SELECT nextval('@schema@.revision'), g.namespace, g.key
        FROM (SELECT * FROM gone ORDER BY namespace, key) g WHERE v_change_log
      )
      SELECT g.namespace, count(*) AS entries, count(*) FILTER (WHERE g.live) AS live,
        sum(g.size) AS bytes FROM gone g GROUP BY g.namespace ORDER BY g.namespace
    LOOP
      PERFORM @schema@.add_tally(v_group.namespace, -v_group.entries, -v_group.bytes);
      cleared := cleared + v_group.live;
      v_gone := v_gone + v_group.entries;
    END LOOP;
  END LOOP;
  reclaimed := v_gone - cleared;
  IF v_gone = 0 THEN RETURN; END IF;
  IF v_restored_only THEN
    PERFORM @schema@.mark_written();
  END IF;
  IF NOT v_change_log THEN
    PERFORM nextval('@schema@.revision');
  END IF;
  PERFORM @schema@.leave_write(p_session, p_nonce, ARRAY[instant, reclaimed, cleared]);
END $$;

CREATE OR REPLACE FUNCTION @schema@.sweep(
  p_session bigint, p_nonce bigint, p_durable boolean, p_now bigint, p_floor bigint,
  p_limit bigint, OUT instant bigint, OUT reclaimed bigint)
LANGUAGE plpgsql AS $$
DECLARE
  v_change_log boolean;
BEGIN
  instant := @schema@.instant(p_now, p_floor);
  SELECT w.change_log INTO v_change_log FROM @schema@.enter_write(p_durable) w;
  reclaimed := @schema@.reclaim(p_limit, instant, v_change_log);
  IF reclaimed > 0 THEN
    PERFORM @schema@.leave_write(p_session, p_nonce, ARRAY[instant, reclaimed]);
  END IF;
END $$;

-- Whole entries, on addresses that differ from one another; with p_keep under the revisions given.
CREATE OR REPLACE FUNCTION @schema@.restore(
  p_session bigint, p_nonce bigint, p_durable boolean, p_now bigint, p_floor bigint,
  p_max_value bigint, p_max_entries bigint, p_max_bytes bigint, p_keep boolean,
  p_namespaces text[], p_keys text[], p_values text[], p_created_ats bigint[],
  p_updated_ats bigint[], p_expires_ats bigint[], p_created_revisions bigint[],
  p_revisions bigint[], OUT instant bigint, OUT reclaimed bigint, OUT too_large integer)
LANGUAGE plpgsql AS $$
DECLARE
  v_change_log boolean;
  v_restored_only boolean;
  v_grown_entries bigint := 0;
  v_grown_bytes bigint := 0;
  v_group record;
BEGIN
  instant := @schema@.instant(p_now, p_floor);
  reclaimed := 0;
  SELECT w.change_log INTO v_change_log FROM @schema@.enter_write(p_durable) w;
  PERFORM @schema@.use_indexes();
  SELECT s.restored_only INTO v_restored_only FROM @schema@.store s FOR UPDATE;
  IF p_keep AND NOT v_restored_only THEN
    RAISE EXCEPTION 'revisions can be kept only in a store that nothing but restore has written to'
      USING ERRCODE = 'HF004';
  END IF;
  IF p_max_entries IS NOT NULL OR p_max_bytes IS NOT NULL THEN
    PERFORM @schema@.lock_limits();
  END IF;
  SELECT max(octet_length(a.value)) INTO too_large
    FROM unnest(p_values, p_expires_ats) AS a(value, expires_at)
    WHERE a.expires_at > instant IS NOT FALSE AND octet_length(a.value) > p_max_value;
  IF too_large IS NOT NULL THEN RETURN; END IF;
  FOR v_group IN
    WITH gone AS (
      DELETE FROM @schema@.entry e
      USING unnest(p_namespaces, p_keys, p_expires_ats) AS a(namespace, key, expires_at)
      WHERE a.expires_at > instant IS NOT FALSE AND e.namespace = a.namespace AND e.key = a.key
      RETURNING e.namespace, e.size
    )
    SELECT g.namespace, count(*) AS entries, sum(g.size) AS bytes FROM gone g
    GROUP BY g.namespace ORDER BY g.namespace
  LOOP
    PERFORM @schema@.add_tally(v_group.namespace, -v_group.entries, -v_group.bytes);
    v_grown_entries := v_grown_entries - v_group.entries;
    v_grown_bytes := v_grown_bytes - v_group.bytes;
  END LOOP;
  FOR v_group IN
    WITH given AS MATERIALIZED (  -- in the order given
      SELECT a.*, CASE WHEN NOT p_keep THEN nextval('@schema@.revision') END AS assigned
      FROM (
        SELECT * FROM unnest(p_namespaces, p_keys, p_values, p_created_ats, p_updated_ats,
          p_expires_ats, p_created_revisions, p_revisions) WITH ORDINALITY AS u(namespace, key,
          value, created_at, updated_at, expires_at, created_revision, revision, place)
        WHERE u.expires_at > instant IS NOT FALSE ORDER BY u.place) a
    ), inserted AS (
      INSERT INTO @schema@.entry
      SELECT g.namespace, g.key, coalesce(g.assigned, g.revision),
        coalesce(g.assigned, g.created_revision), g.created_at, g.updated_at, g.expires_at,
        octet_length(g.namespace) + octet_length(g.key) + octet_length(g.value), g.value
      FROM given g ORDER BY g.namespace COLLATE "C", g.key COLLATE "C"
      RETURNING namespace, size, revision
    )
    SELECT n.namespace, count(*) AS entries, sum(n.size) AS bytes, max(n.revision) AS revision
    FROM inserted n GROUP BY n.namespace ORDER BY n.namespace
  LOOP
    PERFORM @schema@.add_tally(v_group.namespace, v_group.entries, v_group.bytes);
    v_grown_entries := v_grown_entries + v_group.entries;
    v_grown_bytes := v_grown_bytes + v_group.bytes;
    IF p_keep THEN
      PERFORM setval('@schema@.revision',
          greatest(r.last_value, (v_group.revision + 1023) / 1024 * 1024))
        FROM @schema@.revision r;
    END IF;
  END LOOP;
  IF p_max_entries IS NOT NULL OR p_max_bytes IS NOT NULL THEN
    reclaimed := @schema@.enforce_limits(p_max_entries, p_max_bytes, v_grown_entries,
      v_grown_bytes, instant, v_change_log);
  END IF;
  PERFORM @schema@.leave_write(p_session, p_nonce, ARRAY[instant, reclaimed]);
END $$;
)sql";

}  // namespace holdfast::postgresql
