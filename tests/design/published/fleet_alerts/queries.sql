-- name: vehicle
-- rate: 50/s
SELECT * FROM vehicle WHERE vehicle_id = :vehicle;

-- name: fleet
-- rate: 10/s
SELECT * FROM fleet WHERE fleet_id = :fleet;

-- name: fleet_with_vehicles
-- rate: 10/s
SELECT * FROM fleet WHERE fleet_id = :fleet;
SELECT * FROM vehicle WHERE fleet_id = :fleet;

-- name: latest_position
-- rate: 50/s
SELECT * FROM position WHERE vehicle_id = :vehicle ORDER BY seen_at DESC LIMIT 1;

-- name: positions_between
-- rate: 5/s
SELECT * FROM position WHERE vehicle_id = :vehicle AND seen_at BETWEEN :begin AND :end ORDER BY seen_at;

-- name: alerts_of_vehicle
-- rate: 5/s
SELECT * FROM alert WHERE vehicle_id = :vehicle ORDER BY raised_at DESC;

-- name: vehicle_with_latest_alerts
-- rate: 10/s
SELECT * FROM vehicle WHERE vehicle_id = :vehicle;
SELECT * FROM alert WHERE vehicle_id = :vehicle ORDER BY raised_at DESC LIMIT 10;

-- name: open_alerts_of_fleet
-- rate: 10/s
SELECT * FROM alert WHERE open_fleet = :fleet ORDER BY raised_at DESC;

-- name: track
-- rate: 500/s
INSERT INTO position (vehicle_id, seen_at, latitude, longitude) VALUES (:vehicle, :at, :latitude, :longitude);

-- name: raise_alert
-- rate: 1/s
INSERT INTO alert (vehicle_id, raised_at, code, open_fleet) VALUES (:vehicle, :at, :code, :fleet);

-- name: close_alert
-- rate: 1/s
UPDATE alert SET open_fleet = NULL WHERE vehicle_id = :vehicle AND raised_at = :at;
