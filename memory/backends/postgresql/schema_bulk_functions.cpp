// The functions that clear, sweep and restore call: one round trip each, and one transaction.
//
// Functions are made anew with every format version: whoever changes one raises format_version.
// Codes of operations, conditions and statuses are those of WriteOp::Kind, Precondition::Kind and
// WriteStatus, and those of WriteRefusal (write_call.hpp).
#include "schema.hpp"

namespace holdfast::postgresql {

const char* const bulk_functions = R"sql(
-- Takes every entry whose namespace lies in one of the ranges (first included, end excluded) out;
-- says how many went, and how many of them lived.
CREATE OR REPLACE FUNCTION @schema@.take_out(
  p_firsts text[], p_ends text[], p_now bigint, p_change_log boolean, OUT gone bigint,
  OUT live bigint)
LANGUAGE plpgsql AS $$
DECLARE
  v_group record;
BEGIN
  gone := 0;
  live := 0;
  PERFORM @schema@.use_indexes();
  FOR i IN 1 .. array_length(p_firsts, 1) LOOP
    FOR v_group IN
      WITH gone AS (
        DELETE FROM @schema@.entry e WHERE e.namespace >= p_firsts[i] AND e.namespace < p_ends[i]
        RETURNING e.namespace, e.key, e.size,
                  (e.expires_at IS NULL OR e.expires_at > p_now) AS live
      ), dead AS (
        INSERT INTO @schema@.tombstone
        SELECT nextval('@schema@.revision'), g.namespace, g.key
        FROM (SELECT * FROM gone ORDER BY namespace, key) g WHERE p_change_log
      )
      SELECT g.namespace, count(*) AS entries, count(*) FILTER (WHERE g.live) AS live,
        sum(g.size) AS bytes FROM gone g GROUP BY g.namespace ORDER BY g.namespace
    LOOP
      PERFORM @schema@.add_tally(v_group.namespace, -v_group.entries, -v_group.bytes);
      live := live + v_group.live;
      gone := gone + v_group.entries;
    END LOOP;
  END LOOP;
END $$;

-- Erases every entry of the ranges. With p_traceless the change log forgets what it has of them,
-- and is not told.
CREATE OR REPLACE FUNCTION @schema@.clear(
  p_session bigint, p_nonce bigint, p_durable boolean, p_now bigint, p_floor bigint,
  p_firsts text[], p_ends text[], p_traceless boolean, OUT instant bigint, OUT cleared bigint,
  OUT reclaimed bigint)
LANGUAGE plpgsql AS $$
DECLARE
  v_change_log boolean;
  v_restored_only boolean;
  v_gone bigint := 0;
  v_part record;
BEGIN
  instant := @schema@.instant(p_now, p_floor);
  cleared := 0;
  SELECT w.change_log AND NOT p_traceless, w.restored_only INTO v_change_log, v_restored_only
    FROM @schema@.enter_write(p_durable) w;
  -- Until there is nothing: what others, who were waited for, made in one step with what they
  -- changed or took out is seen only afterwards. The tallies tell that without a look at all the
  -- places where something was.
  LOOP
    SELECT t.gone, t.live INTO v_part
      FROM @schema@.take_out(p_firsts, p_ends, instant, v_change_log) t;
    v_gone := v_gone + v_part.gone;
    cleared := cleared + v_part.live;
    EXIT WHEN (SELECT coalesce(sum(t.entries), 0) FROM unnest(p_firsts, p_ends) AS r(first, past)
        JOIN @schema@.tally t ON t.namespace >= r.first AND t.namespace < r.past) = 0
      OR NOT EXISTS (SELECT FROM unnest(p_firsts, p_ends) AS r(first, past) WHERE EXISTS (
        SELECT FROM @schema@.entry e WHERE e.namespace >= r.first AND e.namespace < r.past));
  END LOOP;
  reclaimed := v_gone - cleared;
  IF p_traceless THEN
    DELETE FROM @schema@.tombstone t USING unnest(p_firsts, p_ends) AS r(first, past)
      WHERE t.namespace >= r.first AND t.namespace < r.past;
  ELSIF v_gone = 0 THEN
    RETURN;
  END IF;
  IF v_restored_only AND v_gone > 0 THEN
    PERFORM @schema@.mark_written();
  END IF;
  IF NOT v_change_log AND v_gone > 0 THEN
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
)sql";

}  // namespace holdfast::postgresql
