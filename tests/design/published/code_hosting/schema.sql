CREATE TABLE account (
    account_name TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    plan TEXT,
    created_at TEXT NOT NULL
);
CREATE TABLE membership (
    organisation TEXT NOT NULL REFERENCES account (account_name),
    member TEXT NOT NULL REFERENCES account (account_name),
    role TEXT NOT NULL,
    PRIMARY KEY (organisation, member)
);
CREATE TABLE repo (
    owner TEXT NOT NULL REFERENCES account (account_name),
    repo_name TEXT NOT NULL,
    description TEXT,
    stars INTEGER NOT NULL,
    updated_at TEXT NOT NULL,
    forked_owner TEXT,
    forked_name TEXT,
    PRIMARY KEY (owner, repo_name),
    FOREIGN KEY (forked_owner, forked_name) REFERENCES repo (owner, repo_name)
);
CREATE TABLE issue (
    owner TEXT NOT NULL,
    repo_name TEXT NOT NULL,
    number INTEGER NOT NULL,
    status TEXT NOT NULL,
    title TEXT NOT NULL,
    creator TEXT NOT NULL REFERENCES account (account_name),
    PRIMARY KEY (owner, repo_name, number),
    FOREIGN KEY (owner, repo_name) REFERENCES repo (owner, repo_name)
);
CREATE TABLE pull_request (
    owner TEXT NOT NULL,
    repo_name TEXT NOT NULL,
    number INTEGER NOT NULL,
    status TEXT NOT NULL,
    title TEXT NOT NULL,
    creator TEXT NOT NULL REFERENCES account (account_name),
    PRIMARY KEY (owner, repo_name, number),
    FOREIGN KEY (owner, repo_name) REFERENCES repo (owner, repo_name)
);
CREATE TABLE issue_comment (
    owner TEXT NOT NULL,
    repo_name TEXT NOT NULL,
    number INTEGER NOT NULL,
    comment_id TEXT NOT NULL,
    author TEXT NOT NULL REFERENCES account (account_name),
    body TEXT NOT NULL,
    PRIMARY KEY (owner, repo_name, number, comment_id),
    FOREIGN KEY (owner, repo_name, number) REFERENCES issue (owner, repo_name, number)
);
CREATE TABLE star (
    owner TEXT NOT NULL,
    repo_name TEXT NOT NULL,
    stargazer TEXT NOT NULL REFERENCES account (account_name),
    starred_at TEXT NOT NULL,
    PRIMARY KEY (owner, repo_name, stargazer),
    FOREIGN KEY (owner, repo_name) REFERENCES repo (owner, repo_name)
);
