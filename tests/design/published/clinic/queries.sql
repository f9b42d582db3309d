-- name: patient
-- rate: 20/s
SELECT * FROM patient WHERE patient_id = :patient;

-- name: patient_with_appointments
-- rate: 10/s
SELECT * FROM patient WHERE patient_id = :patient;
SELECT * FROM appointment WHERE patient_id = :patient ORDER BY starts_at;

-- name: patient_with_prescriptions
-- rate: 10/s
SELECT * FROM patient WHERE patient_id = :patient;
SELECT * FROM prescription WHERE patient_id = :patient;

-- name: patient_file
-- rate: 5/s
SELECT * FROM patient WHERE patient_id = :patient;
SELECT * FROM appointment WHERE patient_id = :patient;
SELECT * FROM note WHERE patient_id = :patient;
SELECT * FROM prescription WHERE patient_id = :patient;

-- name: doctor
-- rate: 10/s
SELECT * FROM doctor WHERE doctor_id = :doctor;

-- name: calendar_of_doctor
-- rate: 20/s
SELECT * FROM appointment WHERE doctor_id = :doctor AND starts_at BETWEEN :begin AND :end ORDER BY starts_at;

-- name: doctor_with_calendar
-- rate: 5/s
SELECT * FROM doctor WHERE doctor_id = :doctor;
SELECT * FROM appointment WHERE doctor_id = :doctor ORDER BY starts_at DESC LIMIT 20;

-- name: appointment
-- rate: 10/s
SELECT * FROM appointment WHERE patient_id = :patient AND starts_at = :at;

-- name: notes_of_appointment
-- rate: 10/s
SELECT * FROM note WHERE patient_id = :patient AND starts_at = :at ORDER BY number;

-- name: appointment_with_notes
-- rate: 10/s
SELECT * FROM appointment WHERE patient_id = :patient AND starts_at = :at;
SELECT * FROM note WHERE patient_id = :patient AND starts_at = :at ORDER BY number;

-- name: doctors_of_speciality
-- rate: 5/s
SELECT * FROM doctor WHERE speciality = :speciality ORDER BY full_name;

-- name: make_appointment
-- rate: 1/s
INSERT INTO appointment (patient_id, starts_at, doctor_id, status) VALUES (:patient, :at, :doctor, 'booked');

-- name: set_status
-- rate: 1/s
UPDATE appointment SET status = :status WHERE patient_id = :patient AND starts_at = :at;

-- name: take_note
-- rate: 2/s
INSERT INTO note (patient_id, starts_at, number, body) VALUES (:patient, :at, :number, :body);
