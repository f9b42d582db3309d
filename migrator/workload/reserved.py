"""Names that have to be quoted although they look plain: the reserved words of the three dialects."""

from __future__ import annotations

_WORDS = """
abort accessible action add after all alter always analyse analyze and any array as asc asensitive asymmetric
attach authorization autoincrement before begin between bigint binary blob both by call cascade case cast change
char character check collate collation column columns commit concurrently condition conflict constraint continue
convert create cross cube cume_dist current current_catalog current_date current_role current_schema
current_time current_timestamp current_user cursor database databases day day_hour dec decimal declare default
deferrable deferred delayed delete dense_rank desc describe detach deterministic distinct distinctrow div do
double drop dual each else elseif empty enclosed end escape escaped except exclude exclusive exists exit explain
fail false fetch filter final first first_value float following for force foreign format freeze from full
fulltext function generated get glob grant group grouping groups having high_priority hour if ignore ilike
immediate in index indexed infile initially inner inout insensitive insert instead int integer intersect
interval into is isnull iterate join json key keys kill lag last last_value lateral lead leading leave left like
limit linear lines load localtime localtimestamp lock long loop map master_bind match materialized maxvalue
merge minute mod modifies month natural no not notnull nth_value ntile null nulls numeric object of offset on
only open optimize option optionally or order others out outer outfile over overlaps partition percent
percent_rank placing plan pragma preceding precision primary procedure purge qualify query raise range rank read
reads real recursive references regexp reindex release rename repeat replace require resignal restrict return
returning revoke right rlike rollback rollup row row_number rows savepoint schema schemas second select semi
sensitive separator session_user set show signal similar smallint some spatial specific sql sqlexception
sqlstate sqlwarning ssl start starting stored straight_join struct symmetric system table tablesample temp
temporary terminated text then ties tinyint to top trailing transaction trigger true truncate unbounded undo
union unique unlock unsigned update usage use user using utc_date utc_time utc_timestamp uuid vacuum values
varbinary varchar variadic varying verbose view virtual when where while window with within without write xor
year year_month zerofill
"""

RESERVED = frozenset(_WORDS.split())
