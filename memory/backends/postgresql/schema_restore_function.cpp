// The function that `restore` calls: one round trip, and one transaction.
//
// Functions are made anew with every format version: whoever changes one raises format_version.
// Codes of steps, conditions and statuses are those of RestoreOp::Kind, Precondition::Kind and
// RestoreStatus.
#include "schema.hpp"

namespace holdfast::postgresql {

const char* const restore_function = R"sql(
-- Steps at addresses that differ from one another, as one, and a note (p_note null: none; an empty
-- p_text takes it out). With p_keep under the revisions given, and the store goes on above p_last;
-- else p_createds and p_revisions are ranks among p_ranks new ones. Gives the instant, how many
-- expired entries were reclaimed, and for each step that was not applied four times its place
-- (from 0) plus its status.
--
-- As in write_many, each statement gives arrays, one element for each step, to the next.
CREATE OR REPLACE FUNCTION @schema@.restore(
  p_session bigint, p_nonce bigint, p_durable boolean, p_now bigint, p_floor bigint,
  p_max_value bigint, p_max_entries bigint, p_max_bytes bigint,
  p_keep boolean, p_last bigint, p_ranks bigint, p_note text, p_text text, p_conditional boolean,
  p_kinds integer[], p_namespaces text[], p_keys text[], p_conditions integer[],
  p_condition_revisions bigint[], p_sizes integer[], p_values text[], p_created_ats bigint[],
  p_updated_ats bigint[], p_expires_ats bigint[], p_createds bigint[], p_revisions bigint[],
  OUT results bigint[], OUT too_large integer)
LANGUAGE plpgsql AS $$
DECLARE
  v_limited boolean := p_max_entries IS NOT NULL OR p_max_bytes IS NOT NULL;
  v_now bigint := @schema@.instant(p_now, p_floor);
  v_change_log boolean;
  v_restored_only boolean;
  v_ghosts bigint[];
  v_rows bigint[];
  v_statuses integer[];
  v_tids tid[];
  v_live boolean[];
  v_any boolean;
  v_old_sizes integer[];
  v_old_createds bigint[];
  v_keeps_vectors boolean := false;
  v_reclaimed bigint;
  v_grown_entries bigint;
  v_grown_bytes bigint;
BEGIN
  SELECT w.change_log, w.restored_only INTO v_change_log, v_restored_only
    FROM @schema@.enter_write(p_durable) w;
  PERFORM @schema@.use_indexes();
  IF v_limited THEN
    PERFORM @schema@.lock_limits();
  END IF;
  IF v_restored_only THEN  -- Other writers then wait: what is absent stays so.
    SELECT s.restored_only INTO v_restored_only FROM @schema@.store s FOR UPDATE;
  END IF;
  IF p_keep AND NOT v_restored_only THEN
    RAISE EXCEPTION 'revisions can be kept only in a store that nothing but restore has written to'
      USING ERRCODE = 'HF004';
  END IF;
  IF p_conditional AND NOT v_restored_only THEN
    v_ghosts := @schema@.hold_absent(ARRAY(SELECT CASE a.kind WHEN 2 THEN 2 ELSE 1 END
      FROM unnest(p_kinds) AS a(kind)), p_namespaces, p_keys, p_conditions);
  END IF;

  WITH op AS MATERIALIZED (
    SELECT * FROM unnest(p_kinds, p_namespaces, p_keys, p_conditions, p_condition_revisions,
      p_expires_ats) WITH ORDINALITY AS a(kind, namespace, key, condition, condition_revision,
      expires_at, place)
  ), old AS MATERIALIZED (  -- held, in one order for all, until the end of the transaction
    SELECT o.place, e.ctid, e.revision, e.created_revision, e.size,
      (e.expires_at IS NULL OR e.expires_at > v_now) AS live
    FROM op o JOIN @schema@.entry e ON e.namespace = o.namespace AND e.key = o.key
    WHERE o.expires_at > v_now IS NOT FALSE AND e.size > 0  -- what holds a place has none
    ORDER BY o.namespace COLLATE "C", o.key COLLATE "C" FOR UPDATE OF e
  ), seen AS (
    SELECT o.*, w.ctid AS tid, coalesce(w.size, 0) AS old_size, coalesce(w.live, false) AS live,
      w.revision AS old_revision, w.created_revision AS old_created
    FROM op o LEFT JOIN old w USING (place) ORDER BY o.place
  )
  SELECT array_agg(s.tid), array_agg(s.live), array_agg(s.old_size),
    array_agg(CASE WHEN s.kind = 1 AND s.live THEN s.old_created END),
    array_agg(CASE WHEN s.expires_at <= v_now THEN 2  -- expired
      WHEN CASE s.condition WHEN 0 THEN true WHEN 1 THEN NOT s.live WHEN 2 THEN s.live
        ELSE s.live AND s.old_revision = s.condition_revision END THEN 0  -- applied
      ELSE 1 END),  -- unmet
    count(s.tid) > 0
  INTO v_tids, v_live, v_old_sizes, v_old_createds, v_statuses, v_any FROM seen s;

  IF v_ghosts IS NOT NULL THEN
    DELETE FROM @schema@.entry e WHERE e.revision = ANY (v_ghosts);
  END IF;
  IF p_max_value < ANY (p_sizes) THEN
    SELECT max(octet_length(a.value)) INTO too_large FROM unnest(v_statuses, p_values)
      AS a(status, value) WHERE a.status = 0 AND octet_length(a.value) > p_max_value;
    IF too_large IS NOT NULL THEN
      RETURN;
    END IF;
  END IF;
  IF p_keep THEN
    PERFORM setval('@schema@.revision', (p_last + 1023) / 1024 * 1024)
      FROM @schema@.revision r WHERE r.last_value < p_last;
  ELSE  -- In a row, in ascending order, once all is held.
    v_rows := ARRAY(SELECT nextval('@schema@.revision')
      FROM generate_series(1, (p_ranks + 1023) / 1024));
    p_revisions := ARRAY(SELECT v_rows[a.rank / 1024 + 1] - 1023 + a.rank % 1024
      FROM unnest(p_revisions) WITH ORDINALITY AS a(rank, place) ORDER BY a.place);
    p_createds := ARRAY(
      SELECT coalesce(a.kept, v_rows[a.rank / 1024 + 1] - 1023 + a.rank % 1024)
      FROM unnest(p_createds, v_old_createds) WITH ORDINALITY AS a(rank, kept, place)
      ORDER BY a.place);
  END IF;

  IF v_any THEN
    -- Who waits for an entry that is overwritten finds it afterwards. Under revisions given, which
    -- entries may exchange, all have to go first: then nobody else writes.
    v_keeps_vectors := p_keep AND (SELECT s.search_generation FROM @schema@.store s) > 0;
    IF v_keeps_vectors THEN
      PERFORM @schema@.search_hide_vectors(ARRAY(SELECT e.ctid FROM @schema@.entry e
        JOIN unnest(v_statuses, v_tids, p_kinds, p_createds) AS c(status, tid, kind, created)
          ON e.ctid = c.tid
        WHERE c.status = 0 AND c.kind < 2 AND e.created_revision = c.created));
    END IF;
    DELETE FROM @schema@.entry e USING unnest(v_statuses, v_tids, p_kinds) AS c(status, tid, kind)
      WHERE c.status = 0 AND e.ctid = c.tid AND (p_keep OR c.kind = 2);
    IF NOT p_keep THEN
      UPDATE @schema@.entry e SET revision = c.revision, created_revision = c.created,
          created_at = c.created_at, updated_at = c.updated_at, expires_at = c.expires_at,
          size = c.size, value = c.value
        FROM unnest(v_statuses, v_tids, p_kinds, p_revisions, p_createds, p_created_ats,
          p_updated_ats, p_expires_ats, p_sizes, p_values) AS c(status, tid, kind, revision,
          created, created_at, updated_at, expires_at, size, value)
        WHERE c.status = 0 AND c.kind < 2 AND e.ctid = c.tid;
    END IF;
  END IF;
  INSERT INTO @schema@.entry
    SELECT c.namespace, c.key, c.revision, c.created, c.created_at, c.updated_at, c.expires_at,
      c.size, c.value
    FROM unnest(v_statuses, v_tids, p_kinds, p_namespaces, p_keys, p_revisions, p_createds,
      p_created_ats, p_updated_ats, p_expires_ats, p_sizes, p_values) AS c(status, tid, kind,
      namespace, key, revision, created, created_at, updated_at, expires_at, size, value)
    WHERE c.status = 0 AND c.kind < 2 AND (p_keep OR c.tid IS NULL)
    ORDER BY c.namespace COLLATE "C", c.key COLLATE "C";
  IF v_keeps_vectors THEN
    PERFORM @schema@.search_show_vectors(p_namespaces, p_createds);
  END IF;
  IF v_change_log THEN
    INSERT INTO @schema@.tombstone SELECT c.revision, c.namespace, c.key
      FROM unnest(v_statuses, v_tids, p_kinds, p_revisions, p_namespaces, p_keys)
        AS c(status, tid, kind, revision, namespace, key)
      WHERE c.status = 0 AND c.kind = 2 AND c.tid IS NOT NULL AND c.revision > 0;
  END IF;
  PERFORM @schema@.add_tally(t.namespace, t.entries, t.bytes) FROM (
    SELECT c.namespace, sum(CASE WHEN c.kind = 2 THEN 0 ELSE 1 END
        - CASE WHEN c.tid IS NULL THEN 0 ELSE 1 END)::bigint AS entries,
      sum(c.size - c.old_size)::bigint AS bytes
    FROM unnest(v_statuses, v_tids, p_kinds, p_namespaces, p_sizes, v_old_sizes)
      AS c(status, tid, kind, namespace, size, old_size)
    WHERE c.status = 0 GROUP BY c.namespace ORDER BY c.namespace COLLATE "C") t;
  -- An entry that had expired counts as reclaimed already.
  SELECT count(*) FILTER (WHERE c.tid IS NOT NULL AND NOT c.live),
      coalesce(sum(CASE WHEN c.kind = 2 THEN 0 ELSE 1 END - CASE WHEN c.live THEN 1 ELSE 0 END), 0),
      coalesce(sum(c.size - CASE WHEN c.live THEN c.old_size ELSE 0 END), 0)
    INTO v_reclaimed, v_grown_entries, v_grown_bytes
    FROM unnest(v_statuses, v_tids, v_live, p_kinds, p_sizes, v_old_sizes)
      AS c(status, tid, live, kind, size, old_size) WHERE c.status = 0;
  IF v_limited THEN
    v_reclaimed := v_reclaimed + @schema@.enforce_limits(p_max_entries, p_max_bytes,
      v_grown_entries, v_grown_bytes, v_now, v_change_log);
  END IF;

  IF p_text = '' THEN
    DELETE FROM @schema@.note n WHERE n.name = p_note;
  ELSIF p_note IS NOT NULL THEN
    INSERT INTO @schema@.note VALUES (p_note, p_text)
      ON CONFLICT (name) DO UPDATE SET text = excluded.text;
  END IF;
  results := ARRAY[v_now, v_reclaimed] || ARRAY(SELECT (a.place - 1) * 4 + a.status
    FROM unnest(v_statuses) WITH ORDINALITY AS a(status, place) WHERE a.status > 0
    ORDER BY a.place);
  PERFORM @schema@.leave_write(p_session, p_nonce, results);
END $$;
)sql";

}  // namespace holdfast::postgresql
