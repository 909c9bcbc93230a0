//! The page about SQL: what every view has, the views of relations, and questions with their queries.

use std::fmt::Write;

use transom_engine::entity::catalogue;

use super::cell;
use crate::cli::queries::{OF_ONE_ORG, QUERIES};

const INTRODUCTION: &str = "\
# SQL

Made from the declarations; do not edit.

`transom sql 'SELECT …'` runs one read-only query over the copy; any client of SQLite or PostgreSQL can do the same on the
database itself. Every kind has a view called `okta_` and its name, the same on both databases. Removed objects and
objects that were only referred to are not in the views.

| Column | What |
|---|---|
| `org` | The connection's label. Several orgs share the views, and ids are unique within an org: join by both. |
| `id` | Okta's id; below a parent it may repeat from parent to parent. |
| `parent_id` | Okta's id of the parent, for kinds that live under another. |
| `name` | The display name. |
| `login` | The login, for kinds that sign in. |
| `status` | The status, as Okta writes it. |
| `created`, `updated` | RFC 3339 in UTC, so that they sort as text. |
| `doc` | The whole document as Okta sent it, secrets dropped; `doc -> 'profile' ->> 'city'` works on both databases. |

The further columns of each view are listed with its [kind](kinds.md). JSON columns are text on SQLite and `jsonb` on
PostgreSQL; booleans are 0 and 1 on SQLite, so write `WHERE system` and not `WHERE system = true`.

A missing row is not always a fact: what the token may not see is not in the copy. `transom status` says what is complete,
and `transom sql` names below its answer what is not.
";

pub fn page() -> String {
    let mut page = INTRODUCTION.to_string();
    page.push_str(
        "\n## Views of relations\n\nOne row an edge. `attr` is the number on the edge.\n\n\
         | View | What | `attr` |\n|---|---|---|\n",
    );
    for r in catalogue().relations.iter().filter(|r| r.view) {
        let _ = writeln!(page, "| `okta_{}` | {} | {} |", r.name, cell(r.what), cell(r.attr.unwrap_or("")));
    }
    page.push_str(
        "\nThe columns are `org` and the two ends: named after the kind (`user_id`, `group_id`) where an end can be of one \
         kind only; else `src_id` or `dst_id`, with `src_kind` or `dst_kind`. An end that lives under a parent has its \
         `…_parent_id` as well.\n",
    );
    let _ = write!(
        page,
        "\n## Questions\n\n`transom sql --examples` lists them, and `transom sql --example NAME` asks one.\n\nWhere several \
         orgs are connected, each answers for all of them together: the first column says of which org a row is. To ask \
         one org alone, put this around the query, with the connection's label:\n\n```sql\n{OF_ONE_ORG}\n```\n\nA query \
         that ends in `LIMIT` chooses its rows among all orgs before that: there, begin its `WHERE` with `u.org = \
         'Production' AND` instead.\n",
    );
    for q in QUERIES {
        let _ = write!(
            page,
            "\n### {}\n\n`{}`, for the {}.\n\n```sql\n{}\n```\n",
            q.question, q.name, q.who, q.sql
        );
    }
    page
}
