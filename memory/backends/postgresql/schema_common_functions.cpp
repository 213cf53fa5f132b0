// What the functions of a store have in common, and those about sessions and history.
//
// Functions are made anew with every format version: whoever changes one raises format_version.
// Codes of operations, conditions and statuses are those of WriteOp::Kind, Precondition::Kind and
// WriteStatus, and those of WriteRefusal (write_call.hpp).
#include "schema.hpp"

namespace holdfast::postgresql {

const char* const common_functions = R"sql(
CREATE OR REPLACE FUNCTION @schema@.instant(p_now bigint, p_floor bigint) RETURNS bigint
LANGUAGE sql STABLE AS $$
  -- In double precision, which costs a fifth of numeric; what is added is less than a microsecond,
  -- and more than the error, so that it rounds down to the same.
  SELECT coalesce(p_now,
    greatest(floor(date_part('epoch', statement_timestamp()) * 1000 + 0.0005)::bigint, p_floor))
$$;

-- What the role or the server has asked for may be more than that.
CREATE OR REPLACE FUNCTION @schema@.commit_durably() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF current_setting('synchronous_commit') = 'off' THEN
    PERFORM set_config('synchronous_commit', 'on', true);
  END IF;
END $$;

-- Begins a write. Until the transaction ends, a shared lock tells the others that revisions above
-- its number can still appear (function stable_revision), so it comes before any revision is taken.
CREATE OR REPLACE FUNCTION @schema@.enter_write(
  p_durable boolean, OUT change_log boolean, OUT restored_only boolean)
LANGUAGE plpgsql AS $$
BEGIN
  IF NOT p_durable THEN
    PERFORM set_config('synchronous_commit', 'off', true);
  ELSE
    PERFORM @schema@.commit_durably();
  END IF;
  PERFORM pg_advisory_xact_lock_shared(
    '@schema@.revision'::regclass::oid::bigint::bit(32)::integer,
    (r.last_value / 1024 & 2147483647)::integer) FROM @schema@.revision r;
  SELECT s.change_log, s.restored_only INTO change_log, restored_only
    FROM @schema@.store s, @schema@.running;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'the server has crashed since' USING ERRCODE = 'HF002';
  END IF;
END $$;

-- For what looks up a number of entries that the planner cannot know: it would read all of them.
-- Until the transaction ends.
CREATE OR REPLACE FUNCTION @schema@.use_indexes() RETURNS void LANGUAGE sql AS $$
  SELECT set_config('enable_seqscan', 'off', true)
$$;

-- Ends a write: leaves its number and what it gave.
CREATE OR REPLACE FUNCTION @schema@.leave_write(
  p_session bigint, p_nonce bigint, p_results bigint[])
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  UPDATE @schema@.session SET nonce = p_nonce, results = p_results,
      used_at = (extract(epoch FROM statement_timestamp()) * 1000)::bigint
    WHERE id = p_session AND NOT fenced;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'the session may not write any more' USING ERRCODE = 'HF001';
  END IF;
END $$;

CREATE OR REPLACE FUNCTION @schema@.mark_written() RETURNS void LANGUAGE sql AS $$
  UPDATE @schema@.store SET restored_only = false WHERE restored_only
$$;

CREATE OR REPLACE FUNCTION @schema@.add_tally(p_namespace text, p_entries bigint, p_bytes bigint)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  v_part bigint;
  v_entries bigint;
  v_bytes bigint;
BEGIN
  IF p_entries = 0 AND p_bytes = 0 THEN RETURN; END IF;
  SELECT t.part, t.entries + p_entries, t.bytes + p_bytes INTO v_part, v_entries, v_bytes
    FROM @schema@.tally t WHERE t.namespace = p_namespace LIMIT 1 FOR UPDATE SKIP LOCKED;
  IF NOT FOUND THEN
    INSERT INTO @schema@.tally
      VALUES (p_namespace, (random() * 9e18)::bigint, p_entries, p_bytes);
  ELSIF v_entries = 0 AND v_bytes = 0 THEN
    DELETE FROM @schema@.tally t WHERE t.namespace = p_namespace AND t.part = v_part;
  ELSE
    UPDATE @schema@.tally t SET entries = v_entries, bytes = v_bytes
      WHERE t.namespace = p_namespace AND t.part = v_part;
  END IF;
END $$;

-- Takes up to p_limit expired entries out, leaving alone those that others hold.
CREATE OR REPLACE FUNCTION @schema@.reclaim(p_limit bigint, p_now bigint, p_change_log boolean)
RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  v_count bigint := 0;
  v_group record;
BEGIN
  PERFORM @schema@.use_indexes();
  FOR v_group IN
    WITH due AS (
      SELECT e.namespace, e.key FROM @schema@.entry e WHERE e.expires_at <= p_now
      ORDER BY e.expires_at LIMIT p_limit FOR UPDATE SKIP LOCKED
    ), gone AS (
      DELETE FROM @schema@.entry e USING due d
      WHERE e.namespace = d.namespace AND e.key = d.key RETURNING e.namespace, e.key, e.size
    ), dead AS (
      INSERT INTO @schema@.tombstone
      SELECT nextval('@schema@.revision'), g.namespace, g.key FROM gone g WHERE p_change_log
    )
    SELECT g.namespace, count(*) AS entries, sum(g.size) AS bytes FROM gone g
    GROUP BY g.namespace ORDER BY g.namespace
  LOOP
    PERFORM @schema@.add_tally(v_group.namespace, -v_group.entries, -v_group.bytes);
    v_count := v_count + v_group.entries;
  END LOOP;
  RETURN v_count;
END $$;

-- Writers of handles with limits come one after the other.
CREATE OR REPLACE FUNCTION @schema@.lock_limits() RETURNS void LANGUAGE sql AS $$
  SELECT pg_advisory_xact_lock(4294967296 + '@schema@.revision'::regclass::oid::bigint)
$$;

-- Refuses a write that has grown the store past a limit (null: none); reclaims expired entries
-- before. Says how many.
CREATE OR REPLACE FUNCTION @schema@.enforce_limits(
  p_max_entries bigint, p_max_bytes bigint, p_grown_entries bigint, p_grown_bytes bigint,
  p_now bigint, p_change_log boolean)
RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  v_entries bigint;
  v_bytes bigint;
  v_swept bigint;
  v_reclaimed bigint := 0;
BEGIN
  LOOP
    SELECT coalesce(sum(t.entries), 0), coalesce(sum(t.bytes), 0) INTO v_entries, v_bytes
      FROM @schema@.tally t;
    IF NOT coalesce(p_grown_entries > 0 AND v_entries > p_max_entries, false)
      AND NOT coalesce(p_grown_bytes > 0 AND v_bytes > p_max_bytes, false) THEN
      RETURN v_reclaimed;
    END IF;
    v_swept := @schema@.reclaim(256, p_now, p_change_log);
    IF v_swept = 0 THEN
      RAISE EXCEPTION 'the store''s limit would be passed: % entries of % bytes%',
        v_entries, v_bytes, concat(', max_entries=' || p_max_entries, ', max_bytes=' || p_max_bytes)
        USING ERRCODE = 'HF003';
    END IF;
    v_reclaimed := v_reclaimed + v_swept;
  END LOOP;
END $$;

-- The greatest R such that no change at or below it can still appear. A writer that was not seen
-- holding its lock takes its revisions after last_value was read, or its changes are visible now.
CREATE OR REPLACE FUNCTION @schema@.stable_revision() RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  v_last bigint;
BEGIN
  IF pg_is_in_recovery() THEN
    RAISE EXCEPTION 'a standby does not know which writes are under way' USING ERRCODE = 'HF005';
  END IF;
  SELECT r.last_value INTO v_last FROM @schema@.revision r;
  RETURN (
    -- One that began since last_value was read stands above it, where the difference comes round.
    SELECT least(v_last, min(v_last - d.difference * 1024)
      FILTER (WHERE d.difference < 1073741824))
    FROM pg_locks l,
      LATERAL (SELECT (v_last / 1024 - l.objid::bigint) & 2147483647 AS difference) d
    WHERE l.locktype = 'advisory' AND l.objsubid = 2
      AND l.classid = '@schema@.revision'::regclass::oid
      AND l.database = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database()));
END $$;

-- After a crash of the server; see the sequence.
CREATE OR REPLACE FUNCTION @schema@.recover() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock('@schema@.revision'::regclass::oid::bigint);
  IF NOT EXISTS (SELECT FROM @schema@.running) THEN
    -- The next crash must not take this back along with the row in `running`.
    PERFORM @schema@.commit_durably();
    PERFORM setval('@schema@.revision', r.last_value + 17179869184) FROM @schema@.revision r;
    -- As vectors' ids are not given twice either.
    IF (SELECT s.search_generation FROM @schema@.store s) > 0 THEN
      PERFORM setval('@schema@.search_vector_id_seq',
        nextval('@schema@.search_vector_id_seq') + 17179869184);
    END IF;
    INSERT INTO @schema@.running VALUES (true);
  END IF;
END $$;

-- Lets a connection write under this number, and forgets sessions that nobody can ask for any more.
CREATE OR REPLACE FUNCTION @schema@.open_session(p_session bigint, p_forget_after bigint)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  v_now bigint := (extract(epoch FROM statement_timestamp()) * 1000)::bigint;
BEGIN
  PERFORM @schema@.commit_durably();
  DELETE FROM @schema@.session WHERE id IN (
    SELECT s.id FROM @schema@.session s WHERE s.used_at < v_now - p_forget_after
    LIMIT 100 FOR UPDATE SKIP LOCKED);
  INSERT INTO @schema@.session VALUES (p_session, 0, false, NULL, v_now);
END $$;

-- What became of a session's last write: waits until its transaction is over, and lets no other
-- follow. No row: the session is not known.
CREATE OR REPLACE FUNCTION @schema@.settle(p_session bigint)
RETURNS TABLE (nonce bigint, results bigint[]) LANGUAGE sql AS $$
  UPDATE @schema@.session s SET fenced = true WHERE s.id = p_session RETURNING s.nonce, s.results
$$;
)sql";

}  // namespace holdfast::postgresql
