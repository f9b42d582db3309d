"""Queries that try every clause, each with the right decision: requests when it is served, else the clause that is named."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Case:
    """A query over a schema. `requests`: how many serve it; `clause`: what a refusal names. With both, either is right:
    it may be served one day, and then as the source answers it."""

    name: str
    schema: str
    sql: str
    requests: int | None = None
    clause: str | None = None


CASES = (
    Case("by_key", "hospital", "SELECT * FROM patient WHERE id = :id", requests=1),
    Case("by_unique_column", "hospital", "SELECT name FROM patient WHERE ssn = :ssn", requests=1),
    Case("children_in_order", "hospital", "SELECT * FROM stay WHERE patient_id = :p ORDER BY began DESC", requests=1),
    Case(
        "parent_and_children",
        "hospital",
        "SELECT * FROM patient WHERE id = :p; SELECT * FROM stay WHERE patient_id = :p",
        requests=1,
    ),
    Case(
        "grandchildren_by_composite_parent",
        "hospital",
        "SELECT * FROM reading WHERE patient_id = :p AND began = :b ORDER BY taken",
        requests=1,
    ),
    Case(
        "range_within_composite_parent",
        "hospital",
        "SELECT * FROM reading WHERE patient_id = :p AND began = :b AND taken BETWEEN :x AND :y",
        requests=1,
    ),
    Case("null_in_a_nullable_key", "hospital", "SELECT * FROM stay WHERE ward_code IS NULL", requests=1),
    Case(
        "not_null_with_equality",
        "hospital",
        "SELECT * FROM stay WHERE patient_id = :p AND ended IS NOT NULL",
        requests=1,
    ),
    Case(
        "inner_join_over_a_nullable_key",
        "hospital",
        "SELECT s.began, w.floor FROM stay s JOIN ward w ON w.code = s.ward_code WHERE s.patient_id = :p",
        requests=1,
    ),
    Case(
        "left_join_over_a_nullable_key",
        "hospital",
        "SELECT s.began, w.floor FROM stay s LEFT JOIN ward w ON w.code = s.ward_code WHERE s.patient_id = :p",
        requests=1,
    ),
    Case(
        "join_along_a_composite_key",
        "hospital",
        "SELECT r.pulse, s.state FROM reading r JOIN stay s ON s.patient_id = r.patient_id AND s.began = r.began WHERE r.patient_id = :p AND r.began = :b",
        requests=1,
    ),
    Case(
        "half_of_a_composite_join",
        "hospital",
        "SELECT r.pulse FROM reading r JOIN stay s ON s.patient_id = r.patient_id WHERE r.patient_id = :p",
        requests=1,
    ),
    Case("literal_state", "hospital", "SELECT * FROM stay WHERE state = 'a' AND ward_code = :w", requests=1),
    Case("group_by", "hospital", "SELECT state, COUNT(*) FROM stay WHERE patient_id = :p GROUP BY state", requests=1),
    Case(
        "having",
        "hospital",
        "SELECT state, COUNT(*) FROM stay WHERE patient_id = :p GROUP BY state HAVING COUNT(*) > 1",
        requests=1,
    ),
    Case("reserved_words_as_names", "chat", 'SELECT "order" FROM "group" WHERE id = :g', requests=1),
    Case(
        "latest_messages", "chat", "SELECT * FROM message WHERE group_id = :g ORDER BY sent DESC LIMIT 20", requests=1
    ),
    Case(
        "latest_with_head",
        "chat",
        'SELECT * FROM "group" WHERE id = :g; SELECT * FROM message WHERE group_id = :g ORDER BY sent DESC LIMIT 10',
        requests=1,
    ),
    Case("both_directions_of_a_link", "chat", "SELECT group_id FROM member WHERE user_id = :u", requests=1),
    Case(
        "using_clause",
        "chat",
        "SELECT m.since FROM member m JOIN message g USING (group_id) WHERE m.user_id = :u",
        requests=1,
    ),
    Case(
        "keyset_pagination_by_tuple",
        "chat",
        "SELECT * FROM message WHERE group_id = :g AND (sent, id) < (:s, :i) ORDER BY sent DESC, id DESC LIMIT 10",
        requests=1,
    ),
    Case(
        "keyset_pagination_by_one_column",
        "chat",
        "SELECT * FROM message WHERE group_id = :g AND sent < :s ORDER BY sent DESC LIMIT 10",
        requests=1,
    ),
    Case(
        "offset_pagination",
        "chat",
        "SELECT * FROM message WHERE group_id = :g ORDER BY sent LIMIT 10 OFFSET 20",
        requests=1,
    ),
    Case("boolean_literal", "chat", "SELECT id FROM message WHERE group_id = :g AND pinned = TRUE", requests=1),
    Case("prefix_of_a_handle", "chat", "SELECT * FROM \"user\" WHERE handle LIKE 'ab%'", requests=1),
    Case(
        "inside_a_text", "chat", "SELECT * FROM message WHERE text LIKE '%fire%'", clause="LIKE with a leading wildcard"
    ),
    Case(
        "escaped_wildcard",
        "chat",
        "SELECT * FROM message WHERE group_id = :g AND text LIKE '50!%%' ESCAPE '!'",
        requests=1,
    ),
    Case("distinct_authors", "chat", "SELECT DISTINCT author_id FROM message WHERE group_id = :g", requests=1),
    Case(
        "anti_join",
        "chat",
        'SELECT u.id FROM "user" u LEFT JOIN member m ON m.user_id = u.id WHERE m.user_id IS NULL',
        clause="LEFT JOIN",
    ),
    Case(
        "semi_join_toward_children",
        "chat",
        'SELECT id FROM "user" u WHERE EXISTS (SELECT 1 FROM member m WHERE m.user_id = u.id)',
        requests=1,
        clause="EXISTS",
    ),
    Case(
        "window_function",
        "chat",
        "SELECT id, row_number() OVER (PARTITION BY group_id ORDER BY sent) FROM message WHERE group_id = :g",
        clause="window function",
    ),
    Case(
        "last_event_is_the_truly_newest",
        "devices",
        "SELECT * FROM event WHERE device_id = :d ORDER BY at DESC LIMIT 1",
        requests=1,
    ),
    Case("date_order_over_all_states", "devices", "SELECT * FROM event WHERE device_id = :d ORDER BY at", requests=1),
    Case(
        "state_and_date",
        "devices",
        "SELECT * FROM event WHERE device_id = :d AND state = :s ORDER BY at DESC LIMIT 5",
        requests=1,
    ),
    Case(
        "state_prefix_then_range",
        "devices",
        "SELECT * FROM event WHERE state = 'alarm' AND at >= :a ORDER BY at",
        requests=1,
    ),
    Case("two_ranges", "devices", "SELECT * FROM event WHERE device_id = :d AND at > :a AND level > :l", requests=1),
    Case("unequal", "devices", "SELECT * FROM event WHERE device_id = :d AND state <> 'ok'", requests=1),
    Case("count_of_one", "devices", "SELECT COUNT(*) FROM event WHERE device_id = :d", requests=1),
    Case("sum_min_max", "devices", "SELECT SUM(level), MIN(at), MAX(at) FROM event WHERE device_id = :d", requests=1),
    Case("self_reference_downward", "staff", "SELECT * FROM employee WHERE boss_id = :b ORDER BY name", requests=1),
    Case(
        "self_join_upward",
        "staff",
        "SELECT e.name, b.name FROM employee e JOIN employee b ON b.id = e.boss_id WHERE e.id = :e",
        requests=1,
    ),
    Case("roots", "staff", "SELECT * FROM employee WHERE boss_id IS NULL ORDER BY name", requests=1),
    Case(
        "recursion",
        "staff",
        "WITH RECURSIVE t(id) AS (SELECT id FROM employee WHERE id = :r UNION ALL SELECT e.id FROM employee e JOIN t ON e.boss_id = t.id) SELECT * FROM t",
        clause="WITH",
    ),
    Case(
        "mixed_directions",
        "staff",
        "SELECT * FROM employee WHERE division = :d ORDER BY wage DESC, name ASC",
        requests=1,
    ),
    Case(
        "order_by_alias_and_ordinal",
        "staff",
        "SELECT name AS who, wage FROM employee WHERE division = :d ORDER BY who, 2",
        requests=1,
    ),
    Case("computed_order", "staff", "SELECT * FROM employee WHERE division = :d ORDER BY wage * 2", clause="ORDER BY"),
    Case(
        "case_expression",
        "staff",
        "SELECT CASE WHEN wage > 10 THEN 'a' ELSE 'b' END FROM employee WHERE id = :e",
        clause="CASE",
    ),
    Case("or_of_one_column", "market", "SELECT * FROM offer WHERE state = 'a' OR state = 'b'", requests=1),
    Case(
        "or_of_two_columns",
        "market",
        "SELECT * FROM offer WHERE seller_id = :s OR category_id = :c",
        clause="OR joins conditions",
    ),
    Case("list_of_values", "market", "SELECT * FROM offer WHERE seller_id IN (:a, :b, :c)", requests=3),
    Case(
        "list_and_order",
        "market",
        "SELECT * FROM offer WHERE seller_id IN (:a, :b) ORDER BY listed DESC LIMIT 5",
        requests=2,
    ),
    Case(
        "price_range",
        "market",
        "SELECT * FROM offer WHERE category_id = :c AND price >= :low AND price < :high ORDER BY price",
        requests=1,
    ),
    Case(
        "condition_on_the_parent",
        "market",
        "SELECT o.title FROM offer o JOIN seller s ON s.id = o.seller_id WHERE s.country = :c AND o.state = 'a'",
        requests=1,
    ),
    Case(
        "grandparent",
        "market",
        "SELECT t.word, s.country FROM tag t JOIN offer o ON o.id = t.offer_id JOIN seller s ON s.id = o.seller_id WHERE t.offer_id = :o",
        requests=1,
    ),
    Case(
        "tagged_offers",
        "market",
        "SELECT o.title FROM tag t JOIN offer o ON o.id = t.offer_id WHERE t.word = :w",
        requests=1,
    ),
    Case(
        "two_lists_of_one_parent",
        "market",
        "SELECT * FROM offer o JOIN tag t ON t.offer_id = o.id JOIN offer p ON p.seller_id = o.seller_id WHERE o.id = :o",
        clause="two lists that share a parent",
    ),
    Case(
        "union_all",
        "market",
        "SELECT id FROM offer WHERE seller_id = :s UNION ALL SELECT id FROM offer WHERE category_id = :c",
        requests=2,
    ),
    Case(
        "union_distinct",
        "market",
        "SELECT id FROM offer WHERE seller_id = :s UNION SELECT id FROM offer WHERE category_id = :c",
        requests=2,
    ),
    Case(
        "cte_that_inlines",
        "market",
        "WITH mine AS (SELECT * FROM offer WHERE seller_id = :s) SELECT * FROM mine ORDER BY listed",
        requests=1,
    ),
    Case(
        "condition_on_a_parent_by_a_subquery",
        "market",
        "SELECT * FROM offer WHERE state = :x AND seller_id IN (SELECT id FROM seller WHERE country = :c)",
        requests=1,
    ),
    Case(
        "parent_that_exists",
        "market",
        "SELECT o.title FROM offer o WHERE EXISTS (SELECT 1 FROM seller s WHERE s.id = o.seller_id AND s.country = :c)",
        requests=1,
    ),
    Case(
        "filtered_table_in_from",
        "market",
        "SELECT q.title, s.country FROM (SELECT * FROM offer WHERE state = :x) q JOIN seller s ON s.id = q.seller_id",
        requests=1,
    ),
    Case(
        "parent_that_does_not_exist",
        "market",
        "SELECT id FROM offer WHERE seller_id NOT IN (SELECT id FROM seller WHERE country = :c)",
        clause="IN (SELECT ...)",
    ),
    Case(
        "cte_that_groups",
        "market",
        "WITH n AS (SELECT seller_id, COUNT(*) AS c FROM offer GROUP BY seller_id) SELECT * FROM n WHERE seller_id = :s",
        clause="WITH",
    ),
    Case("case_folded_equality", "ledger", "SELECT * FROM account WHERE holder = :h", requests=1),
    Case(
        "both_sides", "ledger", "SELECT * FROM transfer WHERE source = :a AND target = :b ORDER BY booked", requests=1
    ),
    Case(
        "one_side_or_the_other",
        "ledger",
        "SELECT * FROM transfer WHERE source = :a OR target = :a",
        clause="OR joins conditions",
    ),
    Case(
        "two_parents_of_one_table",
        "ledger",
        "SELECT t.amount, a.holder, b.holder FROM transfer t JOIN account a ON a.iban = t.source JOIN account b ON b.iban = t.target WHERE t.id = :t",
        requests=1,
    ),
    Case("whole_list", "ledger", "SELECT * FROM transfer", clause="lists all of transfer"),
    Case("between_columns", "ledger", "SELECT * FROM transfer WHERE source = target", clause="compares two columns"),
    Case(
        "question_marks", "ledger", "SELECT * FROM transfer WHERE source = ? AND booked > ? ORDER BY booked", requests=1
    ),
    Case(
        "composite_parent_with_children",
        "school",
        "SELECT * FROM course WHERE dept = :d AND number = :n; SELECT * FROM enrolment WHERE dept = :d AND number = :n",
        requests=1,
    ),
    Case(
        "pupils_courses",
        "school",
        "SELECT e.dept, e.number, c.title FROM enrolment e JOIN course c ON c.dept = e.dept AND c.number = e.number WHERE e.pupil_id = :p",
        requests=1,
    ),
    Case("department", "school", "SELECT * FROM course WHERE dept = :d ORDER BY number", requests=1),
    Case("tuple_in", "school", "SELECT * FROM course WHERE (dept, number) IN ((:a, :b))", requests=1),
    Case("average", "school", "SELECT AVG(grade) FROM enrolment WHERE dept = :d AND number = :n", requests=1),
    Case(
        "captain",
        "cycle",
        "SELECT t.name, p.shirt FROM team t JOIN player p ON p.id = t.captain_id WHERE t.id = :t",
        requests=1,
    ),
    Case(
        "squad",
        "cycle",
        "SELECT * FROM team WHERE id = :t; SELECT * FROM player WHERE team_id = :t ORDER BY shirt",
        requests=1,
    ),
    Case("shirt_in_team", "cycle", "SELECT * FROM player WHERE team_id = :t AND shirt = :s", requests=1),
    Case(
        "last_login", "shop", "SELECT login FROM session WHERE user_name = :u ORDER BY login DESC LIMIT 1", requests=1
    ),
    Case("dollar_parameters", "shop", "SELECT * FROM cart WHERE user_name = $1 AND sku = $2", requests=1),
    Case("format_parameters", "shop", "SELECT * FROM cart WHERE user_name = %s", requests=1),
    Case("named_format_parameters", "shop", "SELECT * FROM cart WHERE user_name = %(u)s", requests=1),
    Case("at_parameters", "shop", "SELECT * FROM cart WHERE user_name = @u", requests=1),
    Case("reversed_comparison", "shop", "SELECT * FROM cart WHERE :u = user_name", requests=1),
    Case("function_on_a_column", "shop", "SELECT * FROM session WHERE lower(user_name) = :u", clause="function lower"),
    Case("small_list", "shop", "SELECT * FROM label ORDER BY text", clause="lists all of label"),
    Case(
        "upsert",
        "shop",
        "INSERT INTO cart (user_name, sku, quantity) VALUES (:u, :s, :q) ON CONFLICT (user_name, sku) DO UPDATE SET quantity = excluded.quantity",
        requests=1,
    ),
    Case("several_rows", "shop", "INSERT INTO label (id, text) VALUES (:a, :b), (:c, :d)", requests=1),
    Case("delete_by_other_column", "shop", "DELETE FROM session WHERE user_name = :u", requests=2),
    Case(
        "update_of_a_key",
        "shop",
        "UPDATE cart SET sku = :n WHERE user_name = :u AND sku = :s",
        clause="part of the table's key",
    ),
    Case(
        "offset_by_parameters",
        "chat",
        "SELECT * FROM message WHERE group_id = :g ORDER BY sent DESC LIMIT :n OFFSET :k",
        requests=1,
    ),
    Case(
        "offset_with_the_head",
        "chat",
        'SELECT * FROM "group" WHERE id = :g; SELECT * FROM message WHERE group_id = :g ORDER BY sent DESC LIMIT 2 OFFSET 3',
        requests=1,
    ),
    Case(
        "offset_of_a_whole_table", "chat", "SELECT * FROM message ORDER BY sent LIMIT 5 OFFSET :k", clause="OFFSET :k"
    ),
    Case("offset_of_the_first_page", "chat", "SELECT * FROM message ORDER BY sent LIMIT 5 OFFSET 5", requests=1),
    Case(
        "offset_in_mysql_manner",
        "chat",
        "SELECT id FROM message WHERE group_id = :g ORDER BY id LIMIT 2, 3",
        requests=1,
    ),
    Case(
        "offset_without_limit",
        "chat",
        "SELECT id FROM message WHERE group_id = :g ORDER BY id LIMIT -1 OFFSET 2",
        requests=1,
    ),
    Case(
        "offset_of_groups",
        "chat",
        "SELECT author_id, COUNT(*) FROM message WHERE group_id = :g GROUP BY author_id ORDER BY 2, 1 LIMIT 2 OFFSET 1",
        requests=1,
    ),
    Case(
        "having_by_alias_and_parameter",
        "hospital",
        "SELECT state, COUNT(*) AS n FROM stay WHERE patient_id = :p GROUP BY state HAVING n >= :least AND state <> 'x'",
        requests=1,
    ),
    Case(
        "having_of_another_aggregate",
        "devices",
        "SELECT state FROM event WHERE device_id = :d GROUP BY state HAVING MAX(level) > :l AND MIN(at) < :t",
        requests=1,
    ),
    Case(
        "having_without_groups",
        "devices",
        "SELECT COUNT(*) FROM event WHERE device_id = :d HAVING COUNT(*) > 2",
        requests=1,
    ),
    Case(
        "having_with_or",
        "devices",
        "SELECT state FROM event WHERE device_id = :d GROUP BY state HAVING MAX(level) > 1 OR COUNT(*) > 2",
        clause="HAVING",
    ),
    Case(
        "children_with_an_equality_drive",
        "market",
        "SELECT o.title FROM offer o WHERE EXISTS (SELECT 1 FROM tag t WHERE t.offer_id = o.id AND t.word = :w) ORDER BY o.listed DESC LIMIT 3",
        requests=1,
    ),
    Case(
        "children_in_a_list",
        "market",
        "SELECT * FROM offer WHERE id IN (SELECT offer_id FROM tag WHERE word = :w) ORDER BY price, id LIMIT 2 OFFSET 1",
        requests=1,
    ),
    Case(
        "children_by_a_list_of_words_count_once",
        "market",
        "SELECT id, state FROM offer WHERE id IN (SELECT offer_id FROM tag WHERE word IN (:v, :w)) ORDER BY id",
        requests=2,
    ),
    Case(
        "children_count_once_in_an_aggregate",
        "market",
        "SELECT COUNT(*), MAX(o.price) FROM offer o WHERE EXISTS (SELECT 1 FROM tag t WHERE t.offer_id = o.id AND t.word = :w)",
        requests=1,
    ),
    Case(
        "children_of_a_joined_statement",
        "market",
        "SELECT o.title, s.country FROM offer o JOIN seller s ON s.id = o.seller_id WHERE o.id IN (SELECT offer_id FROM tag WHERE word = :w)",
        requests=1,
    ),
    Case(
        "parents_by_their_children",
        "market",
        "SELECT * FROM seller WHERE EXISTS (SELECT 1 FROM offer WHERE offer.seller_id = seller.id AND offer.state = :x AND price > :low)",
        requests=1,
    ),
    Case(
        "a_row_by_key_with_children",
        "market",
        "SELECT * FROM offer WHERE id = :o AND EXISTS (SELECT 1 FROM tag WHERE offer_id = offer.id AND word = :w)",
        requests=2,
    ),
    Case(
        "a_row_by_key_without_children",
        "market",
        "SELECT * FROM seller s WHERE id = :s AND NOT EXISTS (SELECT 1 FROM offer o WHERE o.seller_id = s.id AND o.state = 'a')",
        requests=2,
    ),
    Case(
        "bounded_rows_without_children",
        "market",
        "SELECT id FROM offer o WHERE seller_id = :s AND NOT EXISTS (SELECT 1 FROM tag t WHERE t.offer_id = o.id)",
        requests=1,
    ),
    Case(
        "bounded_rows_without_a_certain_child",
        "market",
        "SELECT id FROM offer WHERE seller_id = :s AND id NOT IN (SELECT offer_id FROM tag WHERE word = :w) ORDER BY id LIMIT 2",
        requests=2,
    ),
    Case(
        "bounded_rows_whose_join_is_missing",
        "market",
        "SELECT o.id FROM offer o LEFT JOIN tag t ON t.offer_id = o.id AND t.word = :w WHERE o.seller_id = :s AND t.offer_id IS NULL",
        requests=2,
    ),
    Case(
        "bounded_rows_of_other_parents",
        "market",
        "SELECT id FROM offer WHERE seller_id = :s AND category_id NOT IN (SELECT id FROM category WHERE parent_id = :p)",
        requests=2,
    ),
    Case(
        "a_list_that_may_hold_null",
        "staff",
        "SELECT id FROM employee WHERE division = :d AND id NOT IN (SELECT boss_id FROM employee)",
        clause="may be NULL",
    ),
    Case(
        "those_whom_nobody_calls_boss",
        "staff",
        "SELECT id FROM employee e WHERE boss_id = :b AND NOT EXISTS (SELECT 1 FROM employee x WHERE x.boss_id = e.id)",
        requests=2,
    ),
    Case(
        "a_test_of_nothing_in_common",
        "staff",
        "SELECT name FROM employee WHERE id = :e AND EXISTS (SELECT 1 FROM employee WHERE division = :d)",
        requests=2,
    ),
    Case(
        "merged_column_of_a_join",
        "school",
        "SELECT * FROM enrolment JOIN course USING (dept, number) WHERE dept = :d AND number = :n ORDER BY pupil_id",
        requests=1,
    ),
    Case(
        "rows_as_values",
        "school",
        "SELECT * FROM course WHERE (dept, number) IN ((:a, :b), (:c, :d))",
        requests=1,
    ),
    Case(
        "rows_as_values_written_as_or",
        "school",
        "SELECT title FROM course WHERE dept = :a AND number = :b OR number = :d AND dept = :c ORDER BY title LIMIT 1",
        requests=1,
    ),
    Case(
        "a_column_equals_itself",
        "staff",
        "SELECT id FROM employee WHERE division = :d AND boss_id = boss_id",
        requests=1,
    ),
    Case(
        "de_morgan",
        "staff",
        "SELECT id FROM employee WHERE division = :d AND NOT (wage = :w OR NOT name <> :n)",
        requests=1,
    ),
    Case("any_of_a_list", "staff", "SELECT id FROM employee WHERE id = ANY(:l)", clause="= ANY"),
)
