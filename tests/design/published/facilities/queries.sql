-- name: site
-- rate: 10/s
SELECT * FROM site WHERE site_id = :site;

-- name: whole_site
-- rate: 2/s
SELECT * FROM site WHERE site_id = :site;
SELECT * FROM building WHERE site_id = :site;
SELECT * FROM floor WHERE site_id = :site;
SELECT * FROM device WHERE site_id = :site;

-- name: buildings
-- rate: 10/s
SELECT * FROM building WHERE site_id = :site;

-- name: building_with_floors_and_devices
-- rate: 10/s
SELECT * FROM building WHERE site_id = :site AND building_id = :building;
SELECT * FROM floor WHERE site_id = :site AND building_id = :building;
SELECT * FROM device WHERE site_id = :site AND building_id = :building;

-- name: floor_with_devices
-- rate: 20/s
SELECT * FROM floor WHERE site_id = :site AND building_id = :building AND level = :level;
SELECT * FROM device WHERE site_id = :site AND building_id = :building AND level = :level;

-- name: device
-- rate: 50/s
SELECT * FROM device WHERE site_id = :site AND building_id = :building AND level = :level AND device_id = :device;

-- name: devices_of_building
-- rate: 10/s
SELECT * FROM device WHERE site_id = :site AND building_id = :building;

-- name: devices_of_kind
-- rate: 5/s
SELECT * FROM device WHERE site_id = :site AND kind = :kind;

-- name: set_firmware
-- rate: 0.5/s
UPDATE device SET firmware = :firmware
WHERE site_id = :site AND building_id = :building AND level = :level AND device_id = :device;
