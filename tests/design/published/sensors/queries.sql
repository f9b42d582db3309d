-- name: sensor
-- rate: 10/s
SELECT * FROM sensor WHERE sensor_id = :sensor;

-- name: latest_reading
-- rate: 100/s
SELECT * FROM reading WHERE sensor_id = :sensor ORDER BY read_at DESC LIMIT 1;

-- name: sensor_with_latest_reading
-- rate: 50/s
SELECT * FROM sensor WHERE sensor_id = :sensor;
SELECT * FROM reading WHERE sensor_id = :sensor ORDER BY read_at DESC LIMIT 1;

-- name: readings_between
-- rate: 10/s
SELECT * FROM reading WHERE sensor_id = :sensor AND read_at BETWEEN :begin AND :end ORDER BY read_at;

-- name: sensors_of_building
-- rate: 5/s
SELECT * FROM sensor WHERE building_id = :building;

-- name: sensors_of_floor
-- rate: 5/s
SELECT * FROM sensor WHERE building_id = :building AND floor = :floor;

-- name: building_with_sensors
-- rate: 5/s
SELECT * FROM building WHERE building_id = :building;
SELECT * FROM sensor WHERE building_id = :building;

-- name: alarms_of_sensor
-- rate: 1/s
SELECT * FROM reading WHERE sensor_id = :sensor AND alarm_at IS NOT NULL ORDER BY alarm_at DESC LIMIT 20;

-- name: record
-- rate: 500/s
INSERT INTO reading (sensor_id, read_at, value) VALUES (:sensor, :at, :value);
UPDATE sensor SET last_value = :value, last_read_at = :at WHERE sensor_id = :sensor;
