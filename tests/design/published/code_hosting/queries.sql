-- name: repo
-- rate: 50/s
SELECT * FROM repo WHERE owner = :owner AND repo_name = :repo;

-- name: issue
-- rate: 30/s
SELECT * FROM issue WHERE owner = :owner AND repo_name = :repo AND number = :number;

-- name: repo_with_issues
-- rate: 20/s
SELECT * FROM repo WHERE owner = :owner AND repo_name = :repo;
SELECT * FROM issue WHERE owner = :owner AND repo_name = :repo ORDER BY number DESC LIMIT 25;

-- name: repo_with_pull_requests
-- rate: 10/s
SELECT * FROM repo WHERE owner = :owner AND repo_name = :repo;
SELECT * FROM pull_request WHERE owner = :owner AND repo_name = :repo ORDER BY number DESC LIMIT 25;

-- name: issues_by_status
-- rate: 20/s
SELECT * FROM issue WHERE owner = :owner AND repo_name = :repo AND status = :status ORDER BY number DESC LIMIT 25;

-- name: pull_requests_by_status
-- rate: 10/s
SELECT * FROM pull_request
WHERE owner = :owner AND repo_name = :repo AND status = :status ORDER BY number DESC LIMIT 25;

-- name: comments_of_issue
-- rate: 30/s
SELECT * FROM issue_comment
WHERE owner = :owner AND repo_name = :repo AND number = :number ORDER BY comment_id;

-- name: repo_with_stargazers
-- rate: 2/s
SELECT * FROM repo WHERE owner = :owner AND repo_name = :repo;
SELECT * FROM star WHERE owner = :owner AND repo_name = :repo;

-- name: forks_of_repo
-- rate: 2/s
SELECT * FROM repo WHERE forked_owner = :owner AND forked_name = :repo;

-- name: account_with_repos
-- rate: 20/s
SELECT * FROM account WHERE account_name = :account;
SELECT * FROM repo WHERE owner = :account ORDER BY updated_at DESC LIMIT 20;

-- name: members_of_organisation
-- rate: 5/s
SELECT * FROM account WHERE account_name = :organisation;
SELECT * FROM membership WHERE organisation = :organisation;

-- name: organisations_of_member
-- rate: 5/s
SELECT * FROM membership WHERE member = :member;

-- name: open_issue
-- rate: 2/s
INSERT INTO issue (owner, repo_name, number, status, title, creator)
VALUES (:owner, :repo, :number, 'open', :title, :creator);

-- name: close_issue
-- rate: 1/s
UPDATE issue SET status = 'closed' WHERE owner = :owner AND repo_name = :repo AND number = :number;

-- name: star_repo
-- rate: 5/s
INSERT INTO star (owner, repo_name, stargazer, starred_at) VALUES (:owner, :repo, :member, :at);
UPDATE repo SET stars = :stars WHERE owner = :owner AND repo_name = :repo;

-- name: push
-- rate: 10/s
UPDATE repo SET updated_at = :at WHERE owner = :owner AND repo_name = :repo;
