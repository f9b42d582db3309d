-- name: rider
-- rate: 20/s
SELECT * FROM rider WHERE rider_id = :rider;

-- name: driver
-- rate: 20/s
SELECT * FROM driver WHERE driver_id = :driver;

-- name: trip
-- rate: 50/s
SELECT * FROM trip WHERE trip_id = :trip;

-- name: trip_with_points
-- rate: 10/s
SELECT * FROM trip WHERE trip_id = :trip;
SELECT * FROM point WHERE trip_id = :trip ORDER BY seen_at;

-- name: trips_of_rider
-- rate: 10/s
SELECT * FROM trip WHERE rider_id = :rider ORDER BY started_at DESC LIMIT 20;

-- name: rider_with_latest_trips
-- rate: 10/s
SELECT * FROM rider WHERE rider_id = :rider;
SELECT * FROM trip WHERE rider_id = :rider ORDER BY started_at DESC LIMIT 5;

-- name: trips_of_driver
-- rate: 10/s
SELECT * FROM trip WHERE driver_id = :driver AND started_at BETWEEN :begin AND :end ORDER BY started_at;

-- name: open_trip_of_driver
-- rate: 20/s
SELECT * FROM trip WHERE driver_id = :driver ORDER BY started_at DESC LIMIT 1;

-- name: free_drivers_of_cell
-- rate: 40/s
SELECT * FROM driver WHERE free_cell = :cell;

-- name: start_trip
-- rate: 2/s
INSERT INTO trip (trip_id, rider_id, driver_id, started_at) VALUES (:trip, :rider, :driver, :at);
UPDATE driver SET free_cell = NULL WHERE driver_id = :driver;

-- name: end_trip
-- rate: 2/s
UPDATE trip SET ended_at = :at, fare = :fare WHERE trip_id = :trip;

-- name: report_point
-- rate: 100/s
INSERT INTO point (trip_id, seen_at, latitude, longitude) VALUES (:trip, :at, :latitude, :longitude);
