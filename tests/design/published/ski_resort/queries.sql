-- name: lift
-- rate: 20/s
SELECT * FROM lift WHERE lift_id = :lift;

-- name: lift_with_days
-- rate: 10/s
SELECT * FROM lift WHERE lift_id = :lift;
SELECT * FROM lift_day WHERE lift_id = :lift ORDER BY day_date;

-- name: day_of_lift
-- rate: 30/s
SELECT * FROM lift_day WHERE lift_id = :lift AND day_date = :day;

-- name: days_between
-- rate: 5/s
SELECT * FROM lift_day WHERE lift_id = :lift AND day_date BETWEEN :begin AND :end ORDER BY day_date;

-- name: latest_day
-- rate: 30/s
SELECT * FROM lift_day WHERE lift_id = :lift ORDER BY day_date DESC LIMIT 1;

-- name: busiest_days
-- rate: 2/s
SELECT * FROM lift_day WHERE lift_id = :lift ORDER BY riders DESC LIMIT 10;

-- name: lifts_of_grade
-- rate: 5/s
SELECT * FROM lift WHERE grade = :grade;

-- name: open_day
-- rate: 0.1/s
INSERT INTO lift_day (lift_id, day_date, status, riders, snow_cm) VALUES (:lift, :day, :status, 0, :snow);

-- name: count_riders
-- rate: 1/s
UPDATE lift_day SET riders = :riders WHERE lift_id = :lift AND day_date = :day;
