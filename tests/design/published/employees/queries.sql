-- name: employee
-- rate: 50/s
SELECT * FROM employee WHERE employee_id = :employee;

-- name: employee_by_name
-- rate: 5/s
SELECT * FROM employee WHERE full_name = :name;

-- name: employees_of_title
-- rate: 2/s
SELECT * FROM employee WHERE title = :title ORDER BY full_name;

-- name: managers
-- rate: 1/s
SELECT * FROM employee WHERE is_manager = 1 ORDER BY full_name;

-- name: employees_of_state
-- rate: 1/s
SELECT * FROM employee WHERE state = :state;

-- name: employees_of_city
-- rate: 2/s
SELECT * FROM employee WHERE state = :state AND city = :city;

-- name: employees_of_city_department
-- rate: 5/s
SELECT * FROM employee WHERE state = :state AND city = :city AND department = :department;

-- name: hire
-- rate: 0.05/s
INSERT INTO employee (employee_id, full_name, title, state, city, department, hired_at, manager_id)
VALUES (:employee, :name, :title, :state, :city, :department, :at, :manager);

-- name: move
-- rate: 0.05/s
UPDATE employee SET state = :state, city = :city, department = :department WHERE employee_id = :employee;
