// The functions that writes call: one round trip each, and one transaction.
//
// Functions are made anew with every format version: whoever changes one raises format_version.
// Codes of operations, conditions and statuses are those of WriteOp::Kind, Precondition::Kind and
// WriteStatus, and those of WriteRefusal (write_call.hpp).
#include "schema.hpp"

namespace holdfast::postgresql {

const char* const write_functions = R"sql(
-- That nothing lies at an address can be relied upon, also by what shall only erase or touch, only
-- while nobody else can put something there: entries that have expired hold the places until the
-- transaction removes them. Gives their revisions; null: there are none.
CREATE OR REPLACE FUNCTION @schema@.hold_absent(
  p_kinds integer[], p_namespaces text[], p_keys text[], p_conditions integer[])
RETURNS bigint[] LANGUAGE sql AS $$
  WITH ghost AS (
    INSERT INTO @schema@.entry
    SELECT o.namespace, o.key, o.revision, o.revision, 0, 0, 0, 0, 'null' FROM (
      SELECT a.namespace, a.key, nextval('@schema@.revision') AS revision
      FROM unnest(p_kinds, p_namespaces, p_keys, p_conditions)
        AS a(kind, namespace, key, condition)
      -- Those that would make an entry find out when they do.
      WHERE (a.kind IN (0, 2, 4) OR a.kind = 1 AND a.condition IN (2, 3)) AND NOT EXISTS (
        SELECT FROM @schema@.entry e WHERE e.namespace = a.namespace AND e.key = a.key)
      ORDER BY a.namespace COLLATE "C", a.key COLLATE "C") o
    ON CONFLICT (namespace, key) DO NOTHING RETURNING entry.revision
  )
  SELECT array_agg(g.revision) FROM ghost g
$$;

-- One operation.
CREATE OR REPLACE FUNCTION @schema@.write_one(
  p_session bigint, p_nonce bigint, p_durable boolean, p_now bigint, p_floor bigint,
  p_max_value bigint, p_max_entries bigint, p_max_bytes bigint,
  p_kind integer, p_namespace text, p_key text, p_condition integer, p_revision bigint,
  p_keep_ttl boolean, p_ttl bigint, p_delta bigint, p_value text, p_previous boolean,
  OUT instant bigint, OUT status integer, OUT revision bigint, OUT number bigint,
  OUT reclaimed bigint, OUT old_value text, OUT old_revision bigint,
  OUT old_created_revision bigint, OUT old_created_at bigint, OUT old_updated_at bigint,
  OUT old_expires_at bigint)
LANGUAGE plpgsql AS $$
DECLARE
  v_change_log boolean;
  v_restored_only boolean;
  v_old @schema@.entry%ROWTYPE;
  v_found boolean;
  v_live boolean;
  v_value text := p_value;
  v_size integer;
  v_sum numeric;
BEGIN
  instant := @schema@.instant(p_now, p_floor);
  number := 0;
  reclaimed := 0;
  SELECT w.change_log, w.restored_only INTO v_change_log, v_restored_only
    FROM @schema@.enter_write(p_durable) w;
  IF p_max_entries IS NOT NULL OR p_max_bytes IS NOT NULL THEN
    PERFORM @schema@.lock_limits();
  END IF;
  LOOP
    SELECT * INTO v_old FROM @schema@.entry e
      WHERE e.namespace = p_namespace AND e.key = p_key FOR UPDATE;
    v_found := FOUND;
    -- Who was waited for may have put another entry in its place, in one step: it is there at the
    -- next look. What would make an entry finds out then.
    CONTINUE WHEN NOT v_found AND (p_kind IN (0, 2, 4) OR p_condition IN (2, 3)) AND EXISTS (
      SELECT FROM @schema@.entry e WHERE e.namespace = p_namespace AND e.key = p_key);
    v_live := v_found AND (v_old.expires_at IS NULL OR v_old.expires_at > instant);
    revision := CASE WHEN v_live THEN v_old.revision ELSE 0 END;
    IF v_live AND (p_previous OR p_kind = 3) THEN
      old_value := v_old.value;
      old_revision := v_old.revision;
      old_created_revision := v_old.created_revision;
      old_created_at := v_old.created_at;
      old_updated_at := v_old.updated_at;
      old_expires_at := v_old.expires_at;
    END IF;
    IF p_condition <> 0 AND NOT (CASE p_condition WHEN 1 THEN NOT v_live WHEN 2 THEN v_live
        ELSE v_live AND v_old.revision = p_revision END) THEN
      status := 4;  -- unmet
      RETURN;
    ELSIF p_kind = 0 THEN
      status := 5;  -- checked
      RETURN;
    ELSIF p_kind IN (2, 4) AND NOT v_live THEN
      status := 3;  -- absent
      RETURN;
    ELSIF p_kind = 3 THEN
      v_sum := CASE WHEN NOT v_live THEN p_delta
        WHEN v_old.value ~ '^(0|-?[1-9][0-9]*)$' THEN v_old.value::numeric + p_delta END;
      IF v_sum IS NULL OR v_sum NOT BETWEEN -9223372036854775808 AND 9223372036854775807 THEN
        status := 6;  -- refused: the caller says why
        RETURN;
      END IF;
      number := v_sum;
      v_value := number::text;
    END IF;
    IF octet_length(v_value) > p_max_value THEN
      status := 7;  -- too large
      number := octet_length(v_value);
      RETURN;
    END IF;
    IF v_restored_only THEN
      PERFORM @schema@.mark_written();
    END IF;
    -- The entry is held from here on, so that its revisions rise with its writes.
    revision := nextval('@schema@.revision');
    v_size := octet_length(p_namespace) + octet_length(p_key) + octet_length(v_value);
    IF p_kind = 2 THEN
      DELETE FROM @schema@.entry e WHERE e.namespace = p_namespace AND e.key = p_key;
      IF v_change_log THEN
        INSERT INTO @schema@.tombstone VALUES (revision, p_namespace, p_key);
      END IF;
      PERFORM @schema@.add_tally(p_namespace, -1, -v_old.size);
      status := 2;  -- erased
      EXIT;
    ELSIF p_kind = 4 THEN
      UPDATE @schema@.entry e
        SET revision = write_one.revision, updated_at = instant, expires_at = instant + p_ttl
        WHERE e.namespace = p_namespace AND e.key = p_key;
      status := 1;  -- updated
      EXIT;
    ELSIF v_found THEN
      UPDATE @schema@.entry e
        SET revision = write_one.revision, updated_at = instant, size = v_size, value = v_value,
          created_revision = CASE WHEN v_live THEN e.created_revision ELSE write_one.revision END,
          created_at = CASE WHEN v_live THEN e.created_at ELSE instant END,
          expires_at = CASE WHEN v_live AND (p_kind = 3 OR p_keep_ttl) THEN e.expires_at
            ELSE instant + p_ttl END
        WHERE e.namespace = p_namespace AND e.key = p_key;
      PERFORM @schema@.add_tally(p_namespace, 0, v_size - v_old.size);
      status := CASE WHEN v_live THEN 1 ELSE 0 END;  -- updated, created
      reclaimed := CASE WHEN v_live THEN 0 ELSE 1 END;
      EXIT;
    END IF;
    INSERT INTO @schema@.entry VALUES (p_namespace, p_key, revision, revision, instant, instant,
      instant + p_ttl, v_size, v_value) ON CONFLICT (namespace, key) DO NOTHING;
    IF FOUND THEN
      PERFORM @schema@.add_tally(p_namespace, 1, v_size);
      status := 0;  -- created
      EXIT;
    END IF;
    -- Another one made it meanwhile: it is there at the next look.
  END LOOP;
  IF p_kind <> 2 AND (p_max_entries IS NOT NULL OR p_max_bytes IS NOT NULL) THEN
    -- An entry that had expired counts as reclaimed already.
    reclaimed := reclaimed + @schema@.enforce_limits(p_max_entries, p_max_bytes,
      CASE WHEN v_live THEN 0 ELSE 1 END, v_size - CASE WHEN v_live THEN v_old.size ELSE 0 END,
      instant, v_change_log);
  END IF;
  PERFORM @schema@.leave_write(p_session, p_nonce, CASE WHEN NOT p_previous THEN
    ARRAY[instant, reclaimed, status, revision, number] END);
END $$;

-- Operations on addresses that differ from one another, as one. Where one of them ends it all
-- (unmet without p_skip, refused, too large), nothing is written, and the row of the one that comes
-- first comes back alone. p_ranks say where each stood: its precondition times 2^32, plus the rest.
--
-- Each statement gives arrays, one element for each operation, to the next: the planner cannot know
-- how few rows a longer statement's parts give, and would read the whole table.
-- No aggregate beside those that make the arrays has an order of its own: from 16 on, the planner
-- would sort the rows of all of them by it.
CREATE OR REPLACE FUNCTION @schema@.write_many(
  p_session bigint, p_nonce bigint, p_durable boolean, p_now bigint, p_floor bigint,
  p_max_value bigint, p_max_entries bigint, p_max_bytes bigint, p_conditional boolean,
  p_kinds integer[], p_namespaces text[], p_keys text[], p_conditions integer[],
  p_revisions bigint[], p_skips boolean[], p_keep_ttls boolean[], p_ttls bigint[],
  p_deltas bigint[], p_values text[], p_previous boolean[], p_ranks bigint[])
RETURNS TABLE (instant bigint, status integer, revision bigint, number bigint, reclaimed bigint,
  old_value text, old_revision bigint, old_created_revision bigint, old_created_at bigint,
  old_updated_at bigint, old_expires_at bigint, place bigint)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  v_now bigint := @schema@.instant(p_now, p_floor);
  v_change_log boolean;
  v_restored_only boolean;
  v_limited boolean := p_max_entries IS NOT NULL OR p_max_bytes IS NOT NULL;
  v_ghosts bigint[];
  v_tids tid[];           -- where the old entries lie; null: there is none
  v_live boolean[];
  v_old_sizes integer[];
  v_statuses integer[];
  v_numbers bigint[];
  v_values text[];
  v_sizes integer[];
  v_old_values text[];
  v_old_revisions bigint[];
  v_old_created_revisions bigint[];
  v_old_created_ats bigint[];
  v_old_updated_ats bigint[];
  v_old_expires_ats bigint[];
  v_revisions bigint[];
  v_changes bigint;
  v_rows bigint[];
  v_ending bigint;
  v_unheld boolean;
  v_grown_entries bigint;
  v_grown_bytes bigint;
  v_reclaimed bigint;
BEGIN
  SELECT w.change_log, w.restored_only INTO v_change_log, v_restored_only
    FROM @schema@.enter_write(p_durable) w;
  PERFORM set_config('jit', 'off', true);
  PERFORM @schema@.use_indexes();
  IF v_limited THEN
    PERFORM @schema@.lock_limits();
  END IF;
  IF v_restored_only THEN
    PERFORM FROM @schema@.store FOR UPDATE;  -- before restore can take revisions as its own
  END IF;
  IF p_conditional THEN
    v_ghosts := @schema@.hold_absent(p_kinds, p_namespaces, p_keys, p_conditions);
  END IF;

  WITH op AS MATERIALIZED (
    SELECT * FROM unnest(p_kinds, p_namespaces, p_keys, p_conditions, p_revisions, p_skips,
      p_deltas, p_values, p_previous, p_ranks) WITH ORDINALITY AS a(kind, namespace, key,
      condition, revision, skip, delta, value, previous, rank, place)
  ), old AS MATERIALIZED (  -- held, in one order for all, until the end of the transaction
    SELECT o.place, e.ctid, e.revision, e.created_revision, e.created_at, e.updated_at,
      e.expires_at, e.size, (e.expires_at IS NULL OR e.expires_at > v_now) AS live,
      CASE WHEN o.previous OR o.kind = 3 THEN e.value END AS value
    FROM op o JOIN @schema@.entry e ON e.namespace = o.namespace AND e.key = o.key
    ORDER BY o.namespace COLLATE "C", o.key COLLATE "C" FOR UPDATE OF e
  ), seen AS (
    SELECT o.*, w.ctid AS tid, coalesce(w.size, 0) AS old_size, coalesce(w.live, false) AS live,
      w.revision AS old_revision, w.created_revision AS old_created_revision,
      w.created_at AS old_created_at, w.updated_at AS old_updated_at,
      w.expires_at AS old_expires_at, w.value AS old_value,
      CASE WHEN o.kind = 3 THEN
        CASE WHEN w.live IS NOT TRUE THEN o.delta::numeric
          WHEN w.value ~ '^(0|-?[1-9][0-9]*)$' THEN w.value::numeric + o.delta END END AS sum
    FROM op o LEFT JOIN old w USING (place)
  ), judged AS (
    SELECT s.*, CASE WHEN s.kind = 3 THEN s.sum::text ELSE s.value END AS new_value,
      CASE WHEN NOT CASE s.condition WHEN 0 THEN true WHEN 1 THEN NOT s.live WHEN 2 THEN s.live
          ELSE s.live AND s.old_revision = s.revision END THEN 4  -- unmet
        WHEN s.kind = 0 THEN 5                                    -- checked
        WHEN s.kind IN (2, 4) AND NOT s.live THEN 3               -- absent
        WHEN s.kind = 3 AND s.sum BETWEEN -9223372036854775808 AND 9223372036854775807
          IS NOT TRUE THEN 6                                      -- refused
        WHEN octet_length(CASE WHEN s.kind = 3 THEN s.sum::text ELSE s.value END) > p_max_value
          THEN 7                                                  -- too large
        WHEN s.kind = 2 THEN 2                                    -- erased
        WHEN s.live THEN 1 ELSE 0 END AS status                   -- updated, created
    FROM seen s ORDER BY s.place
  )
  SELECT array_agg(j.tid), array_agg(j.live), array_agg(j.old_size), array_agg(j.status),
    array_agg(CASE WHEN j.status = 7 THEN octet_length(j.new_value) WHEN j.status < 3 AND j.kind = 3
      THEN j.sum ELSE 0 END::bigint),
    array_agg(j.new_value), array_agg(CASE j.kind WHEN 2 THEN 0 WHEN 4 THEN j.old_size
      ELSE octet_length(j.namespace) + octet_length(j.key) + octet_length(j.new_value) END),
    array_agg(CASE WHEN j.live THEN j.old_value END),
    array_agg(CASE WHEN j.live THEN j.old_revision ELSE 0 END),
    array_agg(j.old_created_revision), array_agg(j.old_created_at), array_agg(j.old_updated_at),
    array_agg(j.old_expires_at),
    min(CASE j.status WHEN 4 THEN j.rank >> 32 ELSE j.rank & 4294967295 END << 32 | j.place)
      FILTER (WHERE j.status > 5 OR j.status = 4 AND NOT j.skip) & 4294967295,
    bool_or(j.tid IS NULL AND (j.kind IN (0, 2, 4) OR j.kind = 1 AND j.condition IN (2, 3)))
  INTO v_tids, v_live, v_old_sizes, v_statuses, v_numbers, v_values, v_sizes, v_old_values,
    v_old_revisions, v_old_created_revisions, v_old_created_ats, v_old_updated_ats,
    v_old_expires_ats, v_ending, v_unheld
  FROM judged j;

  -- What lay at an address when hold_absent looked, and is gone by now, left no place that is held.
  -- And what ends a batch may have been written together with an entry that was absent before.
  IF p_conditional AND v_unheld OR v_ending IS NOT NULL AND EXISTS (
      SELECT FROM unnest(p_namespaces, p_keys, v_tids) AS a(namespace, key, tid)
      WHERE a.tid IS NULL AND EXISTS (SELECT FROM @schema@.entry e
        WHERE e.namespace = a.namespace AND e.key = a.key)) THEN
    RAISE EXCEPTION 'others have written meanwhile' USING ERRCODE = '40001';
  END IF;
  IF v_ghosts IS NOT NULL THEN
    DELETE FROM @schema@.entry e WHERE e.revision = ANY (v_ghosts);
  END IF;
  -- In a row, in the order of the operations, once all is held. Over 1,024 of them come in several
  -- rows, the last one full.
  SELECT count(*) INTO v_changes FROM unnest(v_statuses) AS a(status)
    WHERE v_ending IS NULL AND a.status < 3;
  v_rows := ARRAY(SELECT nextval('@schema@.revision')
    FROM generate_series(1, (v_changes + 1023) / 1024));
  SELECT array_agg(CASE WHEN v_ending IS NULL AND a.status < 3
      THEN v_rows[cardinality(v_rows) - (v_changes - a.nth) / 1024] - (v_changes - a.nth) % 1024
      ELSE a.old_revision END ORDER BY a.place)
    INTO v_revisions FROM (
      SELECT b.*, count(*) FILTER (WHERE b.status < 3) OVER (ORDER BY b.place) AS nth
      FROM unnest(v_statuses, v_old_revisions) WITH ORDINALITY AS b(status, old_revision, place)) a;
  IF v_ending IS NULL AND 3 > ANY (v_statuses) THEN
    UPDATE @schema@.entry e SET revision = c.revision, updated_at = v_now, size = c.size,
        value = CASE WHEN c.kind = 4 THEN e.value ELSE c.value END,
        created_revision = CASE WHEN c.live THEN e.created_revision ELSE c.revision END,
        created_at = CASE WHEN c.live THEN e.created_at ELSE v_now END,
        expires_at = CASE WHEN c.live AND (c.kind = 3 OR c.keep_ttl) THEN e.expires_at
          ELSE v_now + c.ttl END
      FROM unnest(v_statuses, v_tids, v_live, p_kinds, v_revisions, v_sizes, v_values,
        p_keep_ttls, p_ttls)
        AS c(status, tid, live, kind, revision, size, value, keep_ttl, ttl)
      WHERE c.status < 2 AND e.ctid = c.tid;
    INSERT INTO @schema@.entry
      SELECT c.namespace, c.key, c.revision, c.revision, v_now, v_now, v_now + c.ttl, c.size,
        c.value
      FROM unnest(v_statuses, v_tids, p_namespaces, p_keys, v_revisions, v_sizes, v_values,
        p_ttls) AS c(status, tid, namespace, key, revision, size, value, ttl)
      WHERE c.status = 0 AND c.tid IS NULL
      ORDER BY c.namespace COLLATE "C", c.key COLLATE "C";
    IF 2 = ANY (v_statuses) THEN
      DELETE FROM @schema@.entry e USING unnest(v_statuses, v_tids) AS c(status, tid)
        WHERE c.status = 2 AND e.ctid = c.tid;
      INSERT INTO @schema@.tombstone SELECT c.revision, c.namespace, c.key
        FROM unnest(v_statuses, v_revisions, p_namespaces, p_keys)
          AS c(status, revision, namespace, key) WHERE c.status = 2 AND v_change_log;
    END IF;
    IF v_restored_only THEN
      PERFORM @schema@.mark_written();
    END IF;
    PERFORM @schema@.add_tally(t.namespace, t.entries, t.bytes) FROM (
      SELECT c.namespace, sum(CASE WHEN c.status = 2 THEN -1 WHEN c.tid IS NULL THEN 1 ELSE 0
        END)::bigint AS entries, sum(c.size - c.old_size)::bigint AS bytes
      FROM unnest(v_statuses, v_tids, p_namespaces, v_sizes, v_old_sizes)
        AS c(status, tid, namespace, size, old_size)
      WHERE c.status < 3 GROUP BY c.namespace ORDER BY c.namespace COLLATE "C") t;
    -- An entry that had expired counts as reclaimed already.
    SELECT count(*) FILTER (WHERE c.tid IS NOT NULL AND NOT c.live),
        sum(CASE WHEN c.status = 2 THEN -1 WHEN c.live THEN 0 ELSE 1 END),
        sum(c.size - CASE WHEN c.live THEN c.old_size ELSE 0 END)
      INTO v_reclaimed, v_grown_entries, v_grown_bytes
      FROM unnest(v_statuses, v_tids, v_live, v_sizes, v_old_sizes)
        AS c(status, tid, live, size, old_size) WHERE c.status < 3;
    IF v_limited THEN
      v_reclaimed := v_reclaimed + @schema@.enforce_limits(
        p_max_entries, p_max_bytes, v_grown_entries, v_grown_bytes, v_now, v_change_log);
    END IF;
    PERFORM @schema@.leave_write(p_session, p_nonce, CASE WHEN true = ANY (p_previous) THEN NULL
      ELSE ARRAY[v_now, v_reclaimed] || v_statuses::bigint[] || v_revisions || v_numbers END);
  END IF;
  RETURN QUERY SELECT v_now, a.status, a.revision, a.number, coalesce(v_reclaimed, 0),
      a.old_value, a.old_revision, a.old_created_revision, a.old_created_at, a.old_updated_at,
      a.old_expires_at, a.place - 1
    FROM unnest(v_statuses, v_revisions, v_numbers, v_old_values, v_old_revisions,
      v_old_created_revisions, v_old_created_ats, v_old_updated_ats, v_old_expires_ats)
      WITH ORDINALITY AS a(status, revision, number, old_value, old_revision,
      old_created_revision, old_created_at, old_updated_at, old_expires_at, place)
    WHERE a.place = coalesce(v_ending, a.place);
END $$;

)sql";

}  // namespace holdfast::postgresql
