-- name: q01_pricing_summary
SELECT l_returnflag, l_linestatus, SUM(l_quantity) AS quantity, SUM(l_extendedprice) AS base,
  SUM(l_extendedprice * (1 - l_discount)) AS discounted, SUM(l_extendedprice * (1 - l_discount) * (1 + l_tax)) AS charged,
  AVG(l_quantity), AVG(l_extendedprice), AVG(l_discount), COUNT(*)
FROM lineitem WHERE l_shipdate <= :day GROUP BY l_returnflag, l_linestatus ORDER BY l_returnflag, l_linestatus;

-- name: q02_cheapest_supplier
SELECT s_acctbal, s_name, n_name, p_partkey, p_mfgr, s_address, s_phone, s_comment
FROM part, supplier, partsupp, nation, region
WHERE p_partkey = ps_partkey AND s_suppkey = ps_suppkey AND p_size = :size AND p_type LIKE '%' || :kind
  AND s_nationkey = n_nationkey AND n_regionkey = r_regionkey AND r_name = :region
  AND ps_supplycost = (SELECT MIN(ps_supplycost) FROM partsupp, supplier, nation, region
    WHERE p_partkey = ps_partkey AND s_suppkey = ps_suppkey AND s_nationkey = n_nationkey
      AND n_regionkey = r_regionkey AND r_name = :region)
ORDER BY s_acctbal DESC, n_name, s_name, p_partkey LIMIT 100;

-- name: q03_unshipped_orders
SELECT l_orderkey, SUM(l_extendedprice * (1 - l_discount)) AS revenue, o_orderdate, o_shippriority
FROM customer, orders, lineitem
WHERE c_mktsegment = :segment AND c_custkey = o_custkey AND l_orderkey = o_orderkey
  AND o_orderdate < :day AND l_shipdate > :day
GROUP BY l_orderkey, o_orderdate, o_shippriority ORDER BY revenue DESC, o_orderdate LIMIT 10;

-- name: q04_order_priorities
SELECT o_orderpriority, COUNT(*) AS orders FROM orders
WHERE o_orderdate >= :first AND o_orderdate < :last
  AND EXISTS (SELECT * FROM lineitem WHERE l_orderkey = o_orderkey AND l_commitdate < l_receiptdate)
GROUP BY o_orderpriority ORDER BY o_orderpriority;

-- name: q05_local_supplier_volume
SELECT n_name, SUM(l_extendedprice * (1 - l_discount)) AS revenue
FROM customer, orders, lineitem, supplier, nation, region
WHERE c_custkey = o_custkey AND l_orderkey = o_orderkey AND l_suppkey = s_suppkey AND c_nationkey = s_nationkey
  AND s_nationkey = n_nationkey AND n_regionkey = r_regionkey AND r_name = :region
  AND o_orderdate >= :first AND o_orderdate < :last
GROUP BY n_name ORDER BY revenue DESC;

-- name: q06_revenue_change
SELECT SUM(l_extendedprice * l_discount) AS revenue FROM lineitem
WHERE l_shipdate >= :first AND l_shipdate < :last AND l_discount BETWEEN :low AND :high AND l_quantity < :quantity;

-- name: q07_volume_shipping
SELECT seller, buyer, year, SUM(volume) AS revenue FROM (
  SELECT n1.n_name AS seller, n2.n_name AS buyer, strftime('%Y', l_shipdate) AS year,
    l_extendedprice * (1 - l_discount) AS volume
  FROM supplier, lineitem, orders, customer, nation n1, nation n2
  WHERE s_suppkey = l_suppkey AND o_orderkey = l_orderkey AND c_custkey = o_custkey AND s_nationkey = n1.n_nationkey
    AND c_nationkey = n2.n_nationkey AND (n1.n_name = :one AND n2.n_name = :two OR n1.n_name = :two AND n2.n_name = :one)
    AND l_shipdate BETWEEN :first AND :last) AS shipping
GROUP BY seller, buyer, year ORDER BY seller, buyer, year;

-- name: q08_market_share
SELECT year, SUM(CASE WHEN nation = :nation THEN volume ELSE 0 END) / SUM(volume) AS share FROM (
  SELECT strftime('%Y', o_orderdate) AS year, l_extendedprice * (1 - l_discount) AS volume, n2.n_name AS nation
  FROM part, supplier, lineitem, orders, customer, nation n1, nation n2, region
  WHERE p_partkey = l_partkey AND s_suppkey = l_suppkey AND l_orderkey = o_orderkey AND o_custkey = c_custkey
    AND c_nationkey = n1.n_nationkey AND n1.n_regionkey = r_regionkey AND r_name = :region
    AND s_nationkey = n2.n_nationkey AND o_orderdate BETWEEN :first AND :last AND p_type = :kind) AS all_nations
GROUP BY year ORDER BY year;

-- name: q09_profit_by_product
SELECT nation, year, SUM(amount) AS profit FROM (
  SELECT n_name AS nation, strftime('%Y', o_orderdate) AS year,
    l_extendedprice * (1 - l_discount) - ps_supplycost * l_quantity AS amount
  FROM part, supplier, lineitem, partsupp, orders, nation
  WHERE s_suppkey = l_suppkey AND ps_suppkey = l_suppkey AND ps_partkey = l_partkey AND p_partkey = l_partkey
    AND o_orderkey = l_orderkey AND s_nationkey = n_nationkey AND p_name LIKE '%' || :colour || '%') AS profits
GROUP BY nation, year ORDER BY nation, year DESC;

-- name: q10_returned_items
SELECT c_custkey, c_name, SUM(l_extendedprice * (1 - l_discount)) AS revenue, c_acctbal, n_name, c_address, c_phone
FROM customer, orders, lineitem, nation
WHERE c_custkey = o_custkey AND l_orderkey = o_orderkey AND o_orderdate >= :first AND o_orderdate < :last
  AND l_returnflag = 'R' AND c_nationkey = n_nationkey
GROUP BY c_custkey, c_name, c_acctbal, c_phone, n_name, c_address ORDER BY revenue DESC LIMIT 20;

-- name: q11_important_stock
SELECT ps_partkey, SUM(ps_supplycost * ps_availqty) AS worth FROM partsupp, supplier, nation
WHERE ps_suppkey = s_suppkey AND s_nationkey = n_nationkey AND n_name = :nation
GROUP BY ps_partkey HAVING SUM(ps_supplycost * ps_availqty) > (
  SELECT SUM(ps_supplycost * ps_availqty) * :fraction FROM partsupp, supplier, nation
  WHERE ps_suppkey = s_suppkey AND s_nationkey = n_nationkey AND n_name = :nation)
ORDER BY worth DESC;

-- name: q12_shipping_modes
SELECT l_shipmode, SUM(CASE WHEN o_orderpriority IN ('1-URGENT', '2-HIGH') THEN 1 ELSE 0 END) AS high,
  SUM(CASE WHEN o_orderpriority NOT IN ('1-URGENT', '2-HIGH') THEN 1 ELSE 0 END) AS low
FROM orders, lineitem
WHERE o_orderkey = l_orderkey AND l_shipmode IN (:one, :two) AND l_commitdate < l_receiptdate
  AND l_shipdate < l_commitdate AND l_receiptdate >= :first AND l_receiptdate < :last
GROUP BY l_shipmode ORDER BY l_shipmode;

-- name: q13_customer_distribution
SELECT orders, COUNT(*) AS customers FROM (
  SELECT c_custkey, COUNT(o_orderkey) AS orders FROM customer
  LEFT JOIN orders ON c_custkey = o_custkey AND o_comment NOT LIKE '%special%requests%' GROUP BY c_custkey) AS counted
GROUP BY orders ORDER BY customers DESC, orders DESC;

-- name: q14_promotion_effect
SELECT 100.0 * SUM(CASE WHEN p_type LIKE 'PROMO%' THEN l_extendedprice * (1 - l_discount) ELSE 0 END)
  / SUM(l_extendedprice * (1 - l_discount)) AS share
FROM lineitem, part WHERE l_partkey = p_partkey AND l_shipdate >= :first AND l_shipdate < :last;

-- name: q15_top_supplier
WITH revenue AS (
  SELECT l_suppkey AS supplier_no, SUM(l_extendedprice * (1 - l_discount)) AS total FROM lineitem
  WHERE l_shipdate >= :first AND l_shipdate < :last GROUP BY l_suppkey)
SELECT s_suppkey, s_name, s_address, s_phone, total FROM supplier, revenue
WHERE s_suppkey = supplier_no AND total = (SELECT MAX(total) FROM revenue) ORDER BY s_suppkey;

-- name: q16_parts_suppliers
SELECT p_brand, p_type, p_size, COUNT(DISTINCT ps_suppkey) AS suppliers FROM partsupp, part
WHERE p_partkey = ps_partkey AND p_brand <> :brand AND p_type NOT LIKE 'MEDIUM POLISHED%' AND p_size IN (1, 9, 14, 23)
  AND ps_suppkey NOT IN (SELECT s_suppkey FROM supplier WHERE s_comment LIKE '%Customer%Complaints%')
GROUP BY p_brand, p_type, p_size ORDER BY suppliers DESC, p_brand, p_type, p_size;

-- name: q17_small_quantities
SELECT SUM(l_extendedprice) / 7.0 AS yearly FROM lineitem, part
WHERE p_partkey = l_partkey AND p_brand = :brand AND p_container = :container
  AND l_quantity < (SELECT 0.2 * AVG(l_quantity) FROM lineitem WHERE l_partkey = p_partkey);

-- name: q18_large_orders
SELECT c_name, c_custkey, o_orderkey, o_orderdate, o_totalprice, SUM(l_quantity) FROM customer, orders, lineitem
WHERE o_orderkey IN (SELECT l_orderkey FROM lineitem GROUP BY l_orderkey HAVING SUM(l_quantity) > :quantity)
  AND c_custkey = o_custkey AND o_orderkey = l_orderkey
GROUP BY c_name, c_custkey, o_orderkey, o_orderdate, o_totalprice ORDER BY o_totalprice DESC, o_orderdate LIMIT 100;

-- name: q19_discounted_revenue
SELECT SUM(l_extendedprice * (1 - l_discount)) AS revenue FROM lineitem, part
WHERE p_partkey = l_partkey AND l_shipinstruct = 'DELIVER IN PERSON' AND l_shipmode IN ('AIR', 'REG AIR')
  AND (p_brand = :one AND p_container IN ('SM CASE', 'SM BOX') AND l_quantity BETWEEN 1 AND 11 AND p_size BETWEEN 1 AND 5
    OR p_brand = :two AND p_container IN ('MED BAG', 'MED BOX') AND l_quantity BETWEEN 10 AND 20 AND p_size BETWEEN 1 AND 10);

-- name: q20_part_promotion
SELECT s_name, s_address FROM supplier, nation
WHERE s_suppkey IN (SELECT ps_suppkey FROM partsupp
    WHERE ps_partkey IN (SELECT p_partkey FROM part WHERE p_name LIKE :colour || '%')
      AND ps_availqty > (SELECT 0.5 * SUM(l_quantity) FROM lineitem
        WHERE l_partkey = ps_partkey AND l_suppkey = ps_suppkey AND l_shipdate >= :first AND l_shipdate < :last))
  AND s_nationkey = n_nationkey AND n_name = :nation ORDER BY s_name;

-- name: q21_waiting_suppliers
SELECT s_name, COUNT(*) AS waiting FROM supplier, lineitem l1, orders, nation
WHERE s_suppkey = l1.l_suppkey AND o_orderkey = l1.l_orderkey AND o_orderstatus = 'F'
  AND l1.l_receiptdate > l1.l_commitdate
  AND EXISTS (SELECT * FROM lineitem l2 WHERE l2.l_orderkey = l1.l_orderkey AND l2.l_suppkey <> l1.l_suppkey)
  AND NOT EXISTS (SELECT * FROM lineitem l3 WHERE l3.l_orderkey = l1.l_orderkey AND l3.l_suppkey <> l1.l_suppkey
    AND l3.l_receiptdate > l3.l_commitdate)
  AND s_nationkey = n_nationkey AND n_name = :nation
GROUP BY s_name ORDER BY waiting DESC, s_name LIMIT 100;

-- name: q22_sales_opportunity
SELECT code, COUNT(*) AS customers, SUM(c_acctbal) AS total FROM (
  SELECT substr(c_phone, 1, 2) AS code, c_acctbal FROM customer
  WHERE substr(c_phone, 1, 2) IN ('13', '31', '23') AND c_acctbal > (
      SELECT AVG(c_acctbal) FROM customer WHERE c_acctbal > 0.00 AND substr(c_phone, 1, 2) IN ('13', '31', '23'))
    AND NOT EXISTS (SELECT * FROM orders WHERE o_custkey = c_custkey)) AS sales
GROUP BY code ORDER BY code;
