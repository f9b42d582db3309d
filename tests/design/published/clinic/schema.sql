CREATE TABLE patient (patient_id TEXT PRIMARY KEY, full_name TEXT NOT NULL, born_date TEXT NOT NULL);
CREATE TABLE doctor (doctor_id TEXT PRIMARY KEY, full_name TEXT NOT NULL, speciality TEXT NOT NULL);
CREATE TABLE appointment (
    patient_id TEXT NOT NULL REFERENCES patient (patient_id),
    starts_at TEXT NOT NULL,
    doctor_id TEXT NOT NULL REFERENCES doctor (doctor_id),
    status TEXT NOT NULL,
    PRIMARY KEY (patient_id, starts_at)
);
CREATE TABLE note (
    patient_id TEXT NOT NULL,
    starts_at TEXT NOT NULL,
    number INTEGER NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (patient_id, starts_at, number),
    FOREIGN KEY (patient_id, starts_at) REFERENCES appointment (patient_id, starts_at)
);
CREATE TABLE prescription (
    patient_id TEXT NOT NULL REFERENCES patient (patient_id),
    prescription_id TEXT NOT NULL,
    drug TEXT NOT NULL,
    issued_at TEXT NOT NULL,
    PRIMARY KEY (patient_id, prescription_id)
);
